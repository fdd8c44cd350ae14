#!lua name=buildcat
-- Every step that changes the farm's state, each one atomic. Runs inside Redis >= 7.0 or Valkey.
-- A function takes no keys and one JSON argument, and replies JSON. Time is the server's own.
-- The bytes in bc:job:<id>:units are the truth; counts and indexes are kept beside them in the same step.

local VERSION = 1

local LEASE_MS = 10000
local MAX_TRIES = 3
local MAX_LOSSES = 5
local MAX_UNITS = 1000000
local MAX_TOKENS = 64
local MAX_FAILURES = 100
local MAX_EVENTS = 5000
local WINDOW = 4096
-- One unit's facts: tries u8, losses u8, worker u16, seconds f32, peak MB u32.
local FACTS = '<BBHfI4'
local FACTS_SIZE = 12
local COUNT_OF = { w = 'waiting', r = 'running', d = 'done', s = 'skipped', f = 'failed' }
local JOB_FIELDS = { 'total', 'waiting', 'running', 'done', 'skipped', 'failed', 'cursor', 'chunk', 'generation',
  'priority', 'paused', 'cancelled', 'version_min', 'served', 'pool', 'user', 'dcc', 'requires' }
local NUMBERS = 14 -- so many of the fields above are numbers

-- Not an alias: redis.call does not exist while a library is being loaded.
local function call(...)
  return redis.call(...)
end

local function exact_ms()
  local time = call('TIME')
  return tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end

local function now_ms()
  return math.floor(exact_ms())
end

local function key_of(id, part)
  return 'bc:job:' .. id .. (part and ':' .. part or '')
end

local function event(kind, id, details)
  call('XADD', 'bc:events', 'MAXLEN', '~', MAX_EVENTS, '*', 'kind', kind, 'job', id, 'details', cjson.encode(details))
end

-- jobs ---------------------------------------------------------------------------------------------------------

local function load_job(id)
  local values = call('HMGET', key_of(id), unpack(JOB_FIELDS))
  if not values[1] then return nil end
  local job = { id = id }
  for i, name in ipairs(JOB_FIELDS) do
    job[name] = i <= NUMBERS and tonumber(values[i]) or values[i]
  end
  return job
end

local function wake(pool, many)
  local key = 'bc:wake:' .. pool
  local room = math.min(many, MAX_TOKENS) - call('LLEN', key)
  for _ = 1, room do call('RPUSH', key, '1') end
end

local function has_ended(job)
  return job.cancelled == 1 or job.waiting + job.running == 0
end

-- Writes the counts, and derives from them and the flags everything that follows: index, tokens, end.
local function save_job(job, changed)
  local key = key_of(job.id)
  call('HSET', key, 'waiting', job.waiting, 'running', job.running, 'done', job.done, 'skipped', job.skipped,
    'failed', job.failed, 'cursor', job.cursor, 'generation', job.generation, 'paused', job.paused,
    'cancelled', job.cancelled)
  if job.waiting > 0 and job.paused == 0 and job.cancelled == 0 then
    call('ZADD', 'bc:active', job.priority, job.id)
    if changed then wake(job.pool, job.waiting) end
  else
    call('ZREM', 'bc:active', job.id)
  end
  if has_ended(job) then
    if call('HSETNX', key, 'ended', now_ms()) == 1 then
      local state = job.cancelled == 1 and 'cancelled' or job.failed > 0 and 'failed' or 'done'
      event('ended', job.id, { state = state, done = job.done, skipped = job.skipped, failed = job.failed })
    end
  elseif changed then
    call('HDEL', key, 'ended')
  end
end

local function count_running(job, by)
  job.running = job.running + by
  if call('HINCRBY', 'bc:users', job.user, by) <= 0 then call('HDEL', 'bc:users', job.user) end
end

-- Flips the bytes of a range that are `from` to `to`; returns how many.
local function flip(job, first, count, from, to)
  local key = key_of(job.id, 'units')
  local old = call('GETRANGE', key, first, first + count - 1)
  local new, many = string.gsub(old, from, to)
  if many == 0 then return 0 end
  call('SETRANGE', key, first, new)
  for byte, by in pairs({ [from] = -many, [to] = many }) do
    if byte == 'r' then count_running(job, by) else job[COUNT_OF[byte]] = job[COUNT_OF[byte]] + by end
  end
  if to == 'w' then
    job.cursor = math.min(job.cursor, first + string.find(old, from, 1, true) - 1)
  end
  return many
end

-- Empty for a unit that the job doesn't have.
local function byte_at(job, unit)
  return unit < 0 and '' or call('GETRANGE', key_of(job.id, 'units'), unit, unit)
end

local function read_facts(job, unit)
  local at = unit * FACTS_SIZE
  local raw = call('GETRANGE', key_of(job.id, 'facts'), at, at + FACTS_SIZE - 1)
  if #raw < FACTS_SIZE then return { 0, 0, 0, 0, 0 } end
  return { struct.unpack(FACTS, raw) }
end

local function write_facts(job, unit, tries, losses, worker, seconds, peak_mb)
  local key = key_of(job.id, 'facts')
  -- Whole at once: a string that grows by and by holds up to 1 MB more than it needs.
  if call('EXISTS', key) == 0 then call('SETRANGE', key, job.total * FACTS_SIZE - 1, '\0') end
  call('SETRANGE', key, unit * FACTS_SIZE,
    struct.pack(FACTS, math.min(tries, 255), math.min(losses, 255), worker, seconds, peak_mb))
end

-- A worker's place in the job's list of workers, + 1, in 16 bits.
local function worker_number(job, name)
  local key = key_of(job.id, 'workers')
  local place = call('LPOS', key, name)
  return math.min(place and place + 1 or call('RPUSH', key, name), 65535)
end

-- executions ---------------------------------------------------------------------------------------------------

local function load_execution(id)
  if not call('ZSCORE', 'bc:running', id) then return nil end
  local values = call('HMGET', 'bc:execution:' .. id, 'job', 'worker', 'pool', 'first', 'count', 'generation', 'version')
  return { id = id, job = values[1], worker = values[2], pool = values[3], first = tonumber(values[4]),
    count = tonumber(values[5]), generation = tonumber(values[6]), version = tonumber(values[7]) }
end

local function end_execution(id)
  call('ZREM', 'bc:running', id)
  call('DEL', 'bc:execution:' .. id)
end

local function holds(execution, unit)
  return unit >= execution.first and unit < execution.first + execution.count
end

-- Units are reported in order, so an execution holds exactly what lies behind the last one reported.
-- Should it leave some out, they wait again: no unit stays running with nobody to render it.
local function advance(job, execution, unit)
  if not holds(execution, unit) then return end
  if unit > execution.first then flip(job, execution.first, unit - execution.first, 'r', 'w') end
  local last = execution.first + execution.count - 1
  if unit == last then return end_execution(execution.id) end
  call('HSET', 'bc:execution:' .. execution.id, 'first', unit + 1, 'count', last - unit)
  call('HDEL', 'bc:execution:' .. execution.id, 'progress')
end

local function call_worker(name)
  local key = 'bc:worker:' .. name .. ':call'
  call('RPUSH', key, '1')
  call('LTRIM', key, -8, -1)
  call('EXPIRE', key, 60)
end

-- A lost worker costs the unit that it was rendering one loss; too many fail that unit.
local function count_loss(job, execution)
  local facts = read_facts(job, execution.first)
  if byte_at(job, execution.first) ~= 'r' then return end
  local losses = facts[2] + 1
  write_facts(job, execution.first, facts[1], losses, worker_number(job, execution.worker), facts[4], facts[5])
  if losses >= MAX_LOSSES then
    flip(job, execution.first, 1, 'r', 'f')
    local record = { unit = execution.first, worker = execution.worker, time_ms = now_ms(), kind = 'lost',
      execution = execution.id,
      message = 'The worker rendering it was lost ' .. losses .. ' times. Look at what it does to the hosts.' }
    call('LPUSH', key_of(job.id, 'failures'), cjson.encode(record))
    call('LTRIM', key_of(job.id, 'failures'), 0, MAX_FAILURES - 1)
  end
end

local function give_back(execution, reason)
  end_execution(execution.id)
  local job = execution.job and load_job(execution.job)
  if not job then return 0 end
  if reason == 'lost' then count_loss(job, execution) end
  local many = flip(job, execution.first, execution.count, 'r', 'w')
  save_job(job, many > 0)
  event(reason == 'lost' and 'lost' or 'given-back', job.id,
    { execution = execution.id, worker = execution.worker, first = execution.first, count = execution.count, reason = reason })
  return many
end

local function executions_of(id)
  local found = {}
  for _, execution_id in ipairs(call('ZRANGE', 'bc:running', 0, -1)) do
    local execution = load_execution(execution_id)
    if execution.job == id then found[#found + 1] = execution end
  end
  return found
end

-- Returns how many units were given back.
local function stop_executions(id, reason)
  local many = 0
  for _, execution in ipairs(executions_of(id)) do
    many = many + give_back(execution, reason)
    call_worker(execution.worker)
  end
  return many
end

-- submit -------------------------------------------------------------------------------------------------------

-- Sent twice with one id, a job is made once: a client may repeat it after a lost connection.
local function submit(given)
  local key = key_of(given.id)
  local known = call('HGET', key, 'spec')
  if known then return known == given.spec and { id = given.id, is_new = false } or { error = 'taken' } end
  if given.total < 1 or given.total > MAX_UNITS then return { error = 'units' } end
  local time = now_ms()
  call('HSET', key, 'spec', given.spec, 'created', time, 'total', given.total, 'waiting', given.total, 'running', 0,
    'done', 0, 'skipped', 0, 'failed', 0, 'cursor', 0, 'generation', 1, 'served', 0, 'cancelled', 0,
    'paused', given.paused and 1 or 0, 'paused_why', given.paused and 'submitted paused' or '',
    'chunk', given.chunk, 'priority', given.priority, 'pool', given.pool, 'user', given.user, 'name', given.name,
    'dcc', given.dcc, 'version_min', given.version_min, 'requires', cjson.encode(given.requires))
  call('SET', key_of(given.id, 'units'), string.rep('w', given.total))
  -- To the microsecond: jobs of one millisecond are listed in order too.
  call('ZADD', 'bc:jobs', string.format('%.3f', exact_ms()), given.id)
  event('submitted', given.id, { name = given.name, user = given.user, total = given.total })
  save_job(load_job(given.id), true)
  return { id = given.id, is_new = true }
end

-- pick ---------------------------------------------------------------------------------------------------------

-- The lowest version on offer that can render the job, or nil.
local function fitting_version(job, offer)
  local lowest
  for _, version in ipairs(offer.dccs[job.dcc] or {}) do
    if version >= job.version_min and (not lowest or version < lowest) then lowest = version end
  end
  return lowest
end

local function fits(job, offer)
  if not offer.pools[job.pool] or not fitting_version(job, offer) then return false end
  if job.requires == '{}' or job.requires == '[]' then return true end
  for _, tag in ipairs(cjson.decode(job.requires)) do
    if not offer.tags[tag] then return false end
  end
  return true
end

-- Among jobs of one priority: fewest running of its user, then of the job, then longest not served.
local function goes_before(a, b)
  if a.user_running ~= b.user_running then return a.user_running < b.user_running end
  if a.running ~= b.running then return a.running < b.running end
  if a.served ~= b.served then return a.served < b.served end
  return a.id < b.id
end

local function best_job(offer)
  local best
  local active = call('ZREVRANGE', 'bc:active', 0, -1)
  for _, id in ipairs(active) do
    local job = load_job(id)
    if best and (not job or job.priority < best.priority) then return best end
    if not job then
      call('ZREM', 'bc:active', id)
    elseif fits(job, offer) then
      job.user_running = tonumber(call('HGET', 'bc:users', job.user) or 0)
      if not best or goes_before(job, best) then best = job end
    end
  end
  return best
end

-- The first run of waiting units from the cursor on, at most a chunk long; nil when there is none.
local function next_units(job)
  while job.cursor < job.total do
    local window = call('GETRANGE', key_of(job.id, 'units'), job.cursor, job.cursor + WINDOW - 1)
    local at = string.find(window, 'w', 1, true)
    if at then
      local first = job.cursor + at - 1
      local run = call('GETRANGE', key_of(job.id, 'units'), first, first + job.chunk - 1)
      return first, #string.match(run, '^w+')
    end
    job.cursor = job.cursor + WINDOW
  end
end

-- Counts are derived from the bytes; should they ever differ, the bytes are right.
local function recount(job)
  local units = call('GET', key_of(job.id, 'units')) or ''
  for byte, name in pairs(COUNT_OF) do
    local _, many = string.gsub(units, byte, '')
    job[name] = many
  end
  local first = string.find(units, 'w', 1, true)
  job.cursor = first and first - 1 or job.total
  save_job(job, false)
  event('repaired', job.id, { waiting = job.waiting })
end

local function set_of(list)
  local set = {}
  for _, one in ipairs(list) do set[one] = true end
  return set
end

local function start_execution(job, first, count, given, version)
  local time = now_ms()
  local key = 'bc:execution:' .. given.execution
  call('HSET', key, 'job', job.id, 'generation', job.generation, 'worker', given.worker, 'first', first,
    'count', count, 'pool', job.pool, 'started', time, 'version', version)
  call('ZADD', 'bc:running', time + (given.lease_ms or LEASE_MS), given.execution)
  call('HSET', key_of(job.id), 'served', time)
  call('HSETNX', key_of(job.id), 'started', time)
  event('picked', job.id, { execution = given.execution, worker = given.worker, first = first, count = count })
end

local function picked(execution)
  return { execution = execution.id, job = execution.job, first = execution.first, count = execution.count,
    generation = execution.generation, version = execution.version, pool = execution.pool }
end

-- Sent twice with one execution id, it answers the same: a worker may repeat it after a lost connection.
local function pick(given)
  local held = load_execution(given.execution)
  if held then return picked(held) end
  local offer = { pools = set_of(given.pools), tags = set_of(given.tags), dccs = given.dccs }
  local job, first, count
  repeat
    job = best_job(offer)
    if not job then return {} end
    first, count = next_units(job)
    if not first then recount(job) end
  until first
  flip(job, first, count, 'w', 'r')
  job.cursor = first + count
  save_job(job, false)
  start_execution(job, first, count, given, fitting_version(job, offer))
  if call('ZCARD', 'bc:active') > 0 then wake(job.pool, 1) end
  return picked(load_execution(given.execution))
end

-- beat ---------------------------------------------------------------------------------------------------------

local function beat(given)
  local time = now_ms()
  call('SET', 'bc:worker:' .. given.worker, given.record, 'PX', given.ttl_ms)
  call('ZADD', 'bc:workers', time, given.worker)
  local stop = {}
  for id, progress in pairs(given.executions) do
    if call('ZADD', 'bc:running', 'XX', 'CH', time + (given.lease_ms or LEASE_MS), id) == 1
        or call('ZSCORE', 'bc:running', id) then
      if progress ~= '' then call('HSET', 'bc:execution:' .. id, 'progress', progress) end
    else
      stop[#stop + 1] = id
    end
  end
  return { time_ms = time, stop = stop }
end

local function leave(given)
  call('DEL', 'bc:worker:' .. given.worker, 'bc:worker:' .. given.worker .. ':call')
  call('ZREM', 'bc:workers', given.worker)
  return {}
end

-- done, failed, give back --------------------------------------------------------------------------------------

-- Whether what the execution rendered still counts: picked in the job's present generation, or still held.
local function is_wanted(job, given)
  return job ~= nil and (job.generation == given.generation or load_execution(given.execution) ~= nil)
end

-- Asked before outputs are moved into place, so that a stale execution overwrites nothing.
-- A unit that is not wanted is not reported, so the execution is past it with the answer.
local function wanted(given)
  local job = load_job(given.job)
  local byte = is_wanted(job, given) and byte_at(job, given.unit) or ''
  if byte == 'w' or byte == 'r' or byte == 'f' then return { is_wanted = true } end
  local execution = job and load_execution(given.execution)
  if execution then
    advance(job, execution, given.unit)
    save_job(job, false)
  end
  return { is_wanted = false }
end

local function done(given)
  local job = load_job(given.job)
  if not is_wanted(job, given) then return { counted = 0, go = false } end
  local to = given.is_skipped and 's' or 'd'
  local counted, number = 0, nil
  for _, unit in ipairs(given.units) do
    local byte = byte_at(job, unit.index)
    if byte == 'w' or byte == 'r' or byte == 'f' then
      number = number or worker_number(job, given.worker)
      flip(job, unit.index, 1, byte, to)
      local facts = read_facts(job, unit.index)
      write_facts(job, unit.index, facts[1], facts[2], number, unit.seconds, unit.peak_mb)
      event('done', job.id, { unit = unit.index, worker = number, seconds = unit.seconds })
      counted = counted + 1
    end
    local execution = load_execution(given.execution)
    if execution then advance(job, execution, unit.index) end
  end
  for pattern, row in pairs(given.outputs) do call('HSET', key_of(job.id, 'outputs'), pattern, row) end
  if given.last then call('HSET', key_of(job.id), 'last', given.last) end
  save_job(job, false)
  return { counted = counted, go = call('ZSCORE', 'bc:running', given.execution) and true or false }
end

-- A failure stops the whole job when every worker would fail on it in the same way; what others render goes on.
local function stop_job(job, execution, message)
  flip(job, execution.first, execution.count, 'r', 'f')
  flip(job, 0, job.total, 'w', 'f')
  end_execution(execution.id)
  call('HSET', key_of(job.id), 'stopped_why', message)
end

local function count_try(job, execution, given)
  local facts = read_facts(job, given.unit)
  local tries = facts[1] + 1
  local is_final = given.is_final or tries >= MAX_TRIES
  write_facts(job, given.unit, tries, facts[2], worker_number(job, given.worker), given.seconds, given.peak_mb)
  flip(job, given.unit, 1, 'r', is_final and 'f' or 'w')
  local record = { unit = given.unit, try = tries, worker = given.worker, time_ms = now_ms(), kind = given.kind,
    message = given.message, log = given.log, execution = given.execution }
  call('LPUSH', key_of(job.id, 'failures'), cjson.encode(record))
  call('LTRIM', key_of(job.id, 'failures'), 0, MAX_FAILURES - 1)
  event('failed', job.id, { unit = given.unit, try = tries, worker = given.worker, kind = given.kind,
    message = given.message, is_final = is_final })
  advance(job, execution, given.unit)
  if given.is_final then stop_job(job, execution, given.message) end
end

-- Only who holds a unit can fail it: told twice, it may be in other hands by now.
local function failed(given)
  local execution = load_execution(given.execution)
  local job = execution and load_job(execution.job)
  if not job then return { counted = 0, go = false } end
  local is_counted = holds(execution, given.unit) and byte_at(job, given.unit) == 'r'
  if is_counted then
    count_try(job, execution, given)
  else
    advance(job, execution, given.unit)
  end
  save_job(job, is_counted)
  return { counted = is_counted and 1 or 0, go = call('ZSCORE', 'bc:running', given.execution) and true or false }
end

-- With `pause_why` the job pauses too, unless it was changed since the execution was picked.
local function give_back_units(given)
  local execution = load_execution(given.execution)
  if not execution then return { units = 0 } end
  if given.pause_why and load_job(execution.job).generation == execution.generation then
    call('HSET', key_of(execution.job), 'paused', 1, 'paused_why', given.pause_why)
  end
  return { units = give_back(execution, given.reason) }
end

-- sweep --------------------------------------------------------------------------------------------------------

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
  call('ZREMRANGEBYSCORE', 'bc:workers', '-inf', time - 86400000)
  return { lost = lost, was_outage = time - last > lease }
end

-- control ------------------------------------------------------------------------------------------------------

local control = {}

function control.pause(job, given)
  if given.now then
    stop_executions(job.id, 'paused')
    job = load_job(job.id)
  end
  if job.paused == 1 then return false end
  job.paused = 1
  call('HSET', key_of(job.id), 'paused_why', given.why)
  save_job(job, false)
  return true
end

-- With a new spec (of a scene that has changed) the job's sessions load again.
function control.resume(job, given)
  if given.spec then
    call('HSET', key_of(job.id), 'spec', given.spec, 'version_min', given.version_min or job.version_min,
      'requires', given.requires and cjson.encode(given.requires) or job.requires)
    job.generation = job.generation + 1
  elseif job.paused == 0 then
    return false
  end
  job.paused = 0
  call('HSET', key_of(job.id), 'paused_why', '')
  save_job(job, true)
  return true
end

function control.cancel(job)
  if has_ended(job) then return false end
  stop_executions(job.id, 'cancelled')
  job = load_job(job.id)
  job.cancelled = 1
  save_job(job, false)
  return true
end

-- Which units a retry means: failed ones, all, or those of a list.
local function meant_by(which)
  if which == 'failed' then return function(_, byte) return byte == 'f' end end
  if which == 'all' then return function() return true end end
  local listed = set_of(which)
  return function(unit) return listed[unit] end
end

-- Lets the units of a window wait again, with all their tries; returns how many did not wait before.
-- In one piece: unit by unit, half a million of them would block the server for seven seconds.
local function wait_again(job, first, is_meant)
  local last = math.min(first + WINDOW, job.total) - 1
  local units = call('GETRANGE', key_of(job.id, 'units'), first, last)
  local facts = call('GETRANGE', key_of(job.id, 'facts'), first * FACTS_SIZE, (last + 1) * FACTS_SIZE - 1)
  local bytes, rows, many, is_changed = {}, {}, 0, false
  for i = 1, #units do
    local byte, at = string.sub(units, i, i), (i - 1) * FACTS_SIZE
    local is_one = is_meant(first + i - 1, byte)
    bytes[i] = is_one and 'w' or byte
    rows[i] = (is_one and '\0\0' or string.sub(facts, at + 1, at + 2)) .. string.sub(facts, at + 3, at + FACTS_SIZE)
    is_changed = is_changed or is_one
    if bytes[i] ~= byte then
      many = many + 1
      job[COUNT_OF[byte]] = job[COUNT_OF[byte]] - 1
      job.cursor = math.min(job.cursor, first + i - 1)
    end
  end
  if is_changed then call('SETRANGE', key_of(job.id, 'units'), first, table.concat(bytes)) end
  if is_changed and #facts > 0 then call('SETRANGE', key_of(job.id, 'facts'), first * FACTS_SIZE, table.concat(rows)) end
  job.waiting = job.waiting + many
  return many
end

-- `which` is failed, all, or a list of units; the latter two give running ones back first.
function control.retry(job, given)
  local was_cancelled = job.cancelled == 1
  local many = 0
  if given.which ~= 'failed' then
    many = stop_executions(job.id, 'retried')
    job = load_job(job.id)
  end
  local is_meant = meant_by(given.which)
  for first = 0, job.total - 1, WINDOW do many = many + wait_again(job, first, is_meant) end
  if many == 0 and not was_cancelled then return false end
  job.cancelled = 0
  job.generation = job.generation + 1
  call('HDEL', key_of(job.id), 'stopped_why')
  save_job(job, true)
  return true
end

function control.delete(job)
  stop_executions(job.id, 'deleted')
  call('ZREM', 'bc:active', job.id)
  call('ZREM', 'bc:jobs', job.id)
  for _, part in ipairs({ 'units', 'facts', 'outputs', 'workers', 'failures' }) do
    call('DEL', key_of(job.id, part))
  end
  call('DEL', key_of(job.id))
  return true
end

local function control_job(given)
  local job = load_job(given.job)
  if not job then return { error = 'missing' } end
  local has_changed = control[given.verb](job, given)
  if has_changed then event(given.verb, given.job, { by = given.by, why = given.why }) end
  return { has_changed = has_changed }
end

-- registration -------------------------------------------------------------------------------------------------

local function register(name, run)
  redis.register_function('bc_' .. name, function(_, args)
    return cjson.encode(run(cjson.decode(args[1])))
  end)
end

register('submit', submit)
register('pick', pick)
register('beat', beat)
register('leave', leave)
register('wanted', wanted)
register('done', done)
register('failed', failed)
register('give_back', give_back_units)
register('sweep', sweep)
register('control', control_job)
redis.register_function({ function_name = 'bc_version', callback = function() return VERSION end, flags = { 'no-writes' } })
