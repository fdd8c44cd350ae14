-- What time does: dead workers lose their units, old jobs are forgotten.

local MAX_EXPIRED = 20
local MAX_TRASH = 10000

-- Deletes jobs that ended so long ago as `buildcat server --history` says; their files are for a worker to remove.
local function expire(time)
  local days = tonumber(call('HGET', 'bc:settings', 'history_days') or 0)
  if days == 0 then return end
  for _, id in ipairs(call('ZRANGE', 'bc:ended', '-inf', time - days * DAY_MS, 'BYSCORE', 'LIMIT', 0, MAX_EXPIRED)) do
    call('LPUSH', 'bc:trash', cjson.encode({ id = id, spec = call('HGET', key_of(id), 'spec') }))
    call('LTRIM', 'bc:trash', 0, MAX_TRASH - 1)
    control.delete({ id = id })
    event('expired', id, {})
  end
end

local function forget_workers(before_ms)
  for _, name in ipairs(call('ZRANGEBYSCORE', 'bc:workers', '-inf', before_ms)) do leave({ worker = name }) end
end

-- Gives back what dead workers held. After an outage nobody could beat, so the first sweep only grants a lease.
local function sweep(given)
  local time, lease = now_ms(), given.lease_ms or LEASE_MS
  local last = tonumber(call('GET', 'bc:swept') or 0)
  call('SET', 'bc:swept', time)
  local overdue = call('ZRANGEBYSCORE', 'bc:running', '-inf', time - 1)
  local lost = {}
  for _, id in ipairs(overdue) do
    if time - last > lease then
      call('ZADD', 'bc:running', time + lease, id)
    else
      local execution = load_execution(id)
      give_back(execution, 'lost')
      lost[#lost + 1] = { execution = id, worker = execution.worker, job = execution.job, pool = execution.pool }
    end
  end
  forget_workers(time - DAY_MS)
  expire(time)
  return { lost = lost, was_outage = time - last > lease }
end

register('sweep', sweep)
