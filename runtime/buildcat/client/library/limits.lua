-- Limits: counted resources. A slot belongs to a worker's session.

-- So long a worker is told that others wait for a slot it holds.
local WANTED_MS = 10000

-- A slot belongs to a worker's session, until its lease ends or it is released.
local function slots_key(name, limit, host)
  return 'bc:slots:' .. name .. (limit.per_host and '@' .. host or '')
end

local function limit_of(name)
  local raw = call('HGET', 'bc:limits', name)
  return raw and cjson.decode(raw)
end

-- Whether the worker holds the slot, and its lease is not over.
local function is_held(key, offer)
  local lease = call('ZSCORE', key, offer.worker)
  return lease and tonumber(lease) > offer.time
end

-- Whether the worker holds a slot of each limit, or could. One that nobody has set has no end.
local function are_slots_free(names, offer)
  local is_free = true
  for _, name in ipairs(names) do
    local limit = limit_of(name)
    local key = limit and slots_key(name, limit, offer.host)
    if limit and not is_held(key, offer) and call('ZCOUNT', key, '(' .. offer.time, '+inf') >= limit.count then
      call('SET', key .. ':wanted', 1, 'PX', WANTED_MS)
      is_free = false
    end
  end
  return is_free
end

local function wake_all()
  local woken = {}
  for _, row in ipairs(call('HVALS', 'bc:active')) do
    local needs = string.sub(row, ROW_SIZE + 1)
    if not woken[needs] then wake(cjson.decode(needs)[2], 1) end
    woken[needs] = true
  end
end

-- Gives up the worker's slots, except those of `kept`, a set of keys.
local function release_slots(worker, kept)
  local held = 'bc:worker:' .. worker .. ':slots'
  local is_wanted = false
  for _, key in ipairs(call('SMEMBERS', held)) do
    if not kept[key] then
      call('ZREM', key, worker)
      call('SREM', held, key)
      is_wanted = is_wanted or call('DEL', key .. ':wanted') == 1
    end
  end
  if is_wanted then wake_all() end
end

-- From here on the worker's session holds exactly these limits.
local function take_slots(names, offer, lease_ms)
  local held = 'bc:worker:' .. offer.worker .. ':slots'
  local kept = {}
  for _, name in ipairs(names) do
    local limit = limit_of(name)
    if limit then
      local key = slots_key(name, limit, offer.host)
      call('ZREMRANGEBYSCORE', key, '-inf', offer.time) -- whose lease is over may have it back until now
      call('ZADD', key, offer.time + lease_ms, offer.worker)
      call('SADD', held, key)
      kept[key] = true
    end
  end
  if next(kept) then call('PEXPIRE', held, WORKER_TTL_MS) end
  if call('EXISTS', held) == 1 then release_slots(offer.worker, kept) end
end

-- Returns whether others wait for a slot that the worker holds, or have taken it after its lease.
local function extend_slots(worker, until_ms)
  local held = 'bc:worker:' .. worker .. ':slots'
  local keys, is_wanted = call('SMEMBERS', held), false
  for _, key in ipairs(keys) do
    if call('ZSCORE', key, worker) then
      call('ZADD', key, until_ms, worker)
      is_wanted = is_wanted or call('EXISTS', key .. ':wanted') == 1
    else
      call('SREM', held, key)
      is_wanted = true
    end
  end
  if #keys > 0 then call('PEXPIRE', held, WORKER_TTL_MS) end
  return is_wanted
end

local function release(given)
  release_slots(given.worker, {})
  return {}
end

-- Without a count the limit is lifted.
local function set_limit(given)
  if given.count then
    call('HSET', 'bc:limits', given.name, cjson.encode({ count = given.count, per_host = given.per_host }))
  elseif call('HDEL', 'bc:limits', given.name) == 0 then
    return { error = 'missing' }
  end
  event('limit', '', { name = given.name, count = given.count, per_host = given.per_host, by = given.by })
  wake_all()
  return {}
end

register('release', release)
register('limit', set_limit)
