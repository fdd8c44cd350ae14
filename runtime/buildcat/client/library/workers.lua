-- Workers: their beats, their end, what they are told to do.

-- The record stays for a day, so that a lost worker can be shown; who is alive is told by the time of its beat.
-- It comes empty while it is as it was: a hundred idle workers beat fifty times a second.
local function beat(given)
  local time = now_ms()
  local lease = time + (given.lease_ms or LEASE_MS)
  local key = 'bc:worker:' .. given.worker
  if given.record ~= '' then call('SET', key, given.record, 'PX', DAY_MS) end
  call('ZADD', 'bc:workers', time, given.worker)
  local stop = {}
  for id, progress in pairs(given.executions) do
    if call('ZADD', 'bc:running', 'XX', 'CH', lease, id) == 1 or call('ZSCORE', 'bc:running', id) then
      if progress ~= '' then call('HSET', 'bc:execution:' .. id, 'progress', progress) end
    else
      stop[#stop + 1] = id
    end
  end
  return { time_ms = time, stop = stop, are_slots_wanted = extend_slots(given.worker, lease),
    needs_record = given.record == '' and call('EXISTS', key) == 0,
    order = call('HGET', 'bc:orders', given.worker) or '' }
end

local function leave(given)
  release_slots(given.worker, {})
  call('DEL', 'bc:worker:' .. given.worker, 'bc:worker:' .. given.worker .. ':call')
  call('ZREM', 'bc:workers', given.worker)
  call('HDEL', 'bc:orders', given.worker)
  return {}
end

-- The order is pause, drain or stop, and stands until the worker has gone; or resume, which takes it back.
local function order(given)
  local record = call('GET', 'bc:worker:' .. given.worker)
  if not record then return { error = 'missing' } end
  local before = call('HGET', 'bc:orders', given.worker) or 'resume'
  if before == given.order then return { has_changed = false } end
  if given.order == 'resume' then
    call('HDEL', 'bc:orders', given.worker)
    for _, pool in ipairs(cjson.decode(record).pools) do wake(pool, 1) end
  else
    call('HSET', 'bc:orders', given.worker, given.order)
  end
  call_worker(given.worker)
  event('worker', '', { worker = given.worker, order = given.order, by = given.by })
  return { has_changed = true }
end

register('beat', beat)
register('leave', leave)
register('order', order)
