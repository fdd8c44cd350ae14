#!lua name=buildcat
-- Every step that changes the farm's state, each one atomic. Runs inside Redis >= 7.0 or Valkey.
-- A function takes no keys and one JSON argument, and replies JSON. Time is the server's own.
-- The bytes in bc:job:<id>:units are the truth; counts and indexes are kept beside them in the same step.

local VERSION = 2

local LEASE_MS = 10000
local MAX_TRIES = 3
local MAX_LOSSES = 5
local MAX_UNITS = 1000000
-- A job stops when the larger of so many units or so much of them has failed.
local STOP_UNITS = 10
local STOP_SHARE = 0.1
-- A worker that failed so many units of a job which others render is not given more of it.
local MAX_STRIKES = 3
-- A worker that was last heard of longer ago is lost. As in records.py.
local WORKER_TTL_MS = 15000
-- So long a worker is told that others wait for a slot it holds.
local WANTED_MS = 10000
local MAX_EXPIRED = 20
local MAX_TRASH = 10000
local DAY_MS = 86400000
local MAX_TOKENS = 64
local MAX_FAILURES = 100
local MAX_EVENTS = 5000
local WINDOW = 4096
-- One unit's facts: tries u8, losses u8, worker u16, seconds f32, peak MB u32.
local FACTS = '<BBHfI4'
local FACTS_SIZE = 12
local COUNT_OF = { w = 'waiting', h = 'held', r = 'running', d = 'done', s = 'skipped', f = 'failed' }
local JOB_FIELDS = { 'total', 'waiting', 'held', 'running', 'done', 'skipped', 'failed', 'cursor', 'chunk',
  'generation', 'priority', 'paused', 'cancelled', 'served', 'keep_going', 'pool', 'user', 'needs' }
local NUMBERS = 15 -- so many of the fields above are numbers
-- What pick compares of an active job, before its needs: priority, running units, number of its last pick.
local ROW = '>BI4d'
local ROW_SIZE = 13

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
  return job.cancelled == 1 or job.waiting + job.held + job.running == 0
end

local release_dependents -- below, since releasing saves a job

-- Writes the counts, and derives from them and the flags everything that follows: index, tokens, end.
local function save_job(job, changed)
  local key = key_of(job.id)
  call('HSET', key, 'waiting', job.waiting, 'held', job.held, 'running', job.running, 'done', job.done,
    'skipped', job.skipped, 'failed', job.failed, 'cursor', job.cursor, 'chunk', job.chunk,
    'generation', job.generation, 'priority', job.priority, 'paused', job.paused, 'cancelled', job.cancelled,
    'served', job.served)
  if job.waiting > 0 and job.paused == 0 and job.cancelled == 0 then
    call('HSET', 'bc:active', job.id, struct.pack(ROW, job.priority, job.running, job.served) .. job.needs)
    if changed then wake(job.pool, job.waiting) end
  else
    call('HDEL', 'bc:active', job.id)
  end
  if has_ended(job) then
    local time = now_ms()
    if call('HSETNX', key, 'ended', time) == 1 then
      local state = job.cancelled == 1 and 'cancelled' or job.failed > 0 and 'failed' or 'done'
      call('ZADD', 'bc:ended', time, job.id)
      event('ended', job.id, { state = state, done = job.done, skipped = job.skipped, failed = job.failed })
    end
    release_dependents(job) -- each time: a late unit can turn a failure into success
  elseif changed then
    call('HDEL', key, 'ended')
    call('ZREM', 'bc:ended', job.id)
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
  call('HSET', 'bc:execution:' .. execution.id, 'first', unit + 1, 'count', last - unit, 'since', now_ms())
  call('HDEL', 'bc:execution:' .. execution.id, 'progress')
end

local function call_worker(name)
  local key = 'bc:worker:' .. name .. ':call'
  call('RPUSH', key, '1')
  call('LTRIM', key, -8, -1)
  call('EXPIRE', key, 60)
end

local function note_failure(job, record)
  record.time_ms = now_ms()
  call('LPUSH', key_of(job.id, 'failures'), cjson.encode(record))
  call('LTRIM', key_of(job.id, 'failures'), 0, MAX_FAILURES - 1)
end

-- Nothing more of the job is started; what others render goes on.
local function stop_job(job, message)
  flip(job, 0, job.total, 'w', 'f')
  flip(job, 0, job.total, 'h', 'f')
  call('HSET', key_of(job.id), 'stopped_why', message)
end

-- Stops a job of which so much has failed that the rest would be in vain, unless it says to keep going.
local function stop_if_hopeless(job)
  if job.keep_going == 1 or job.waiting + job.held == 0 then return end
  if job.failed < math.max(STOP_UNITS, job.total * STOP_SHARE) then return end
  stop_job(job, 'Too much of it failed: ' .. job.failed .. ' of ' .. job.total
    .. '. Look at why, then retry; --keep-going renders the rest all the same.')
end

-- A lost worker costs the unit that it was rendering one loss; too many fail that unit. Returns whether they did.
local function count_loss(job, execution)
  local facts = read_facts(job, execution.first)
  if byte_at(job, execution.first) ~= 'r' then return false end
  local losses = facts[2] + 1
  write_facts(job, execution.first, facts[1], losses, worker_number(job, execution.worker), facts[4], facts[5])
  if losses < MAX_LOSSES then return false end
  flip(job, execution.first, 1, 'r', 'f')
  note_failure(job, { unit = execution.first, worker = execution.worker, kind = 'lost', execution = execution.id,
    message = 'The worker rendering it was lost ' .. losses .. ' times. Look at what it does to the hosts.' })
  return true
end

local function give_back(execution, reason)
  end_execution(execution.id)
  local job = execution.job and load_job(execution.job)
  if not job then return 0 end
  local has_failed = reason == 'lost' and count_loss(job, execution)
  local many = flip(job, execution.first, execution.count, 'r', 'w')
  if has_failed then stop_if_hopeless(job) end
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

-- limits -------------------------------------------------------------------------------------------------------

-- A slot belongs to a worker's session, until its lease ends or it is released.
local function slots_key(name, limit, host)
  return 'bc:slots:' .. name .. (limit.per_host and '@' .. host or '')
end

local function limit_of(name)
  local raw = call('HGET', 'bc:limits', name)
  return raw and cjson.decode(raw)
end

-- Whether the worker holds a slot of each limit, or could. One that nobody has set has no end.
local function are_slots_free(names, offer)
  local is_free = true
  for _, name in ipairs(names) do
    local limit = limit_of(name)
    local key = limit and slots_key(name, limit, offer.host)
    if limit and not call('ZSCORE', key, offer.worker) then
      call('ZREMRANGEBYSCORE', key, '-inf', offer.time)
      if call('ZCARD', key) >= limit.count then
        call('SET', key .. ':wanted', 1, 'PX', WANTED_MS)
        is_free = false
      end
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
  local is_wanted = false
  for _, key in ipairs(call('SMEMBERS', held)) do
    if call('ZSCORE', key, worker) then
      call('ZADD', key, until_ms, worker)
      is_wanted = is_wanted or call('EXISTS', key .. ':wanted') == 1
    else
      call('SREM', held, key)
      is_wanted = true
    end
  end
  call('PEXPIRE', held, WORKER_TTL_MS)
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

-- what a job waits for -----------------------------------------------------------------------------------------

-- bc:job:<id>:after has, for each job that it waits for: `success`, `any` end, or `frame`, unit for unit.
local function is_satisfied(link, job)
  if link == 'any' then return not job or has_ended(job) end
  return job and has_ended(job) and job.cancelled == 0 and job.failed == 0
end

local function links_of(id)
  local flat, links = call('HGETALL', key_of(id, 'after')), {}
  for i = 1, #flat, 2 do links[flat[i]] = flat[i + 1] end
  return links
end

local function is_finished(byte)
  return byte == 'd' or byte == 's'
end

-- Lets held units of a range wait for a worker, those whose like is finished in all of these jobs.
local function release_units(job, first, count, frame_jobs)
  for start = first, first + count - 1, WINDOW do
    local size = math.min(WINDOW, first + count - start)
    local own = call('GETRANGE', key_of(job.id, 'units'), start, start + size - 1)
    local others = {}
    for i, id in ipairs(frame_jobs) do others[i] = call('GETRANGE', key_of(id, 'units'), start, start + size - 1) end
    local can_any = true -- most often nothing of the others is done yet
    for _, other in ipairs(others) do can_any = can_any and string.find(other, '[ds]') end
    local at = can_any and string.find(own, 'h', 1, true)
    while at do
      local is_free = true
      for _, other in ipairs(others) do is_free = is_free and is_finished(string.sub(other, at, at)) end
      if is_free then flip(job, start + at - 1, 1, 'h', 'w') end
      at = string.find(own, 'h', at + 1, true)
    end
  end
end

-- Lets those held units of the range wait for a worker that nothing else holds any more.
local function release_held(job, first, count)
  local frame_jobs = {}
  for id, link in pairs(links_of(job.id)) do
    if link == 'frame' then
      frame_jobs[#frame_jobs + 1] = id
    elseif not is_satisfied(link, load_job(id)) then
      return
    end
  end
  if #frame_jobs == 0 then
    flip(job, first, count, 'h', 'w')
  else
    release_units(job, first, count, frame_jobs)
  end
end

local function release_dependent(id, first, count)
  local job = load_job(id)
  if not job or job.held == 0 then return end
  local before = job.held
  release_held(job, first, count or job.total)
  if job.held ~= before then save_job(job, true) end
end

release_dependents = function(job)
  for _, id in ipairs(call('SMEMBERS', key_of(job.id, 'dependents'))) do release_dependent(id, 0) end
end

-- Unit i of a job that waits unit for unit may start when unit i is done here.
local function release_unit(job, unit)
  for _, id in ipairs(call('SMEMBERS', key_of(job.id, 'dependents'))) do
    if call('HGET', key_of(id, 'after'), job.id) == 'frame' then release_dependent(id, unit, 1) end
  end
end

-- All units that wait are held again until what they wait for allows them.
local function hold_again(job)
  if call('EXISTS', key_of(job.id, 'after')) == 0 then return end
  flip(job, 0, job.total, 'w', 'h')
  release_held(job, 0, job.total)
end

-- Returns what is wrong with waiting for these jobs, or nil.
local function wrong_link(given)
  for id, link in pairs(given.after) do
    local job = load_job(id)
    if not job then return { error = 'after', job = id, why = 'missing' } end
    if link ~= 'any' and job.cancelled == 1 then return { error = 'after', job = id, why = 'cancelled' } end
    if link ~= 'any' and has_ended(job) and job.failed > 0 then return { error = 'after', job = id, why = 'failed' } end
    if link == 'frame' and job.total ~= given.total then return { error = 'after', job = id, why = 'units' } end
  end
end

-- The others of a job that is deleted: what needed its success is paused, since it can't come any more.
local function unlink(job)
  for id in pairs(links_of(job.id)) do call('SREM', key_of(id, 'dependents'), job.id) end
  for _, id in ipairs(call('SMEMBERS', key_of(job.id, 'dependents'))) do
    local dependent, link = load_job(id), call('HGET', key_of(id, 'after'), job.id)
    call('HDEL', key_of(id, 'after'), job.id)
    if dependent and dependent.held > 0 then
      if not is_satisfied(link, job) and link ~= 'any' then
        dependent.paused = 1
        call('HSET', key_of(id), 'paused_why', 'job ' .. job.id .. ', which it waited for, was deleted')
      end
      release_held(dependent, 0, dependent.total)
      save_job(dependent, true)
    end
  end
end

-- submit -------------------------------------------------------------------------------------------------------

-- What a worker must have, as one text: jobs that need the same are judged once a pick.
local function needs_of(given)
  return cjson.encode({ given.user, given.pool, given.dcc, given.version_min, given.requires, given.limits })
end

-- Sent twice with one id, a job is made once: a client may repeat it after a lost connection.
local function submit(given)
  local key = key_of(given.id)
  local known = call('HGET', key, 'spec')
  if known then return known == given.spec and { id = given.id, is_new = false } or { error = 'taken' } end
  if given.total < 1 or given.total > MAX_UNITS then return { error = 'units' } end
  local wrong = wrong_link(given)
  if wrong then return wrong end
  local time = now_ms()
  call('HSET', key, 'spec', given.spec, 'created', time, 'total', given.total, 'waiting', 0, 'held', given.total,
    'running', 0, 'done', 0, 'skipped', 0, 'failed', 0, 'cursor', given.total, 'generation', 1, 'served', 0,
    'cancelled', 0, 'paused', given.paused and 1 or 0, 'paused_why', given.paused and 'submitted paused' or '',
    'chunk', given.chunk, 'priority', given.priority, 'pool', given.pool, 'user', given.user, 'name', given.name,
    'needs', needs_of(given), 'keep_going', given.keep_going and 1 or 0)
  call('SET', key_of(given.id, 'units'), string.rep('h', given.total))
  for id, link in pairs(given.after) do
    call('HSET', key_of(given.id, 'after'), id, link)
    call('SADD', key_of(id, 'dependents'), given.id)
  end
  -- To the microsecond: jobs of one millisecond are listed in order too.
  call('ZADD', 'bc:jobs', string.format('%.3f', exact_ms()), given.id)
  if given.batch ~= '' then
    call('HSET', key, 'batch', given.batch)
    call('SADD', 'bc:batch:' .. given.batch, given.id)
  end
  event('submitted', given.id, { name = given.name, user = given.user, total = given.total })
  local job = load_job(given.id)
  release_held(job, 0, job.total)
  save_job(job, true)
  return { id = given.id, is_new = true }
end

-- pick ---------------------------------------------------------------------------------------------------------

-- The lowest version on offer that can render it, or nil.
local function fitting_version(dcc, version_min, offer)
  local lowest
  for _, version in ipairs(offer.dccs[dcc] or {}) do
    if version >= version_min and (not lowest or version < lowest) then lowest = version end
  end
  return lowest
end

local function set_of(list)
  local set = {}
  for _, one in ipairs(list) do set[one] = true end
  return set
end

-- Which version would render what needs this, with its user and limits; nil when the offer doesn't do.
local function judge(needs, offer)
  local user, pool, dcc, version_min, requires, limits = unpack(cjson.decode(needs))
  local version = offer.pools[pool] and fitting_version(dcc, version_min, offer)
  if not version then return nil end
  for _, tag in ipairs(requires) do
    if not offer.tags[tag] then return nil end
  end
  for _, name in ipairs(offer.limits[dcc] or {}) do limits[#limits + 1] = name end
  return { version = version, user = user, limits = limits }
end

local function fit_of(needs, offer)
  local fit = offer.fits[needs]
  if fit == nil then
    fit = judge(needs, offer)
    fit = fit and are_slots_free(fit.limits, offer) and fit or false
    if fit then fit.running = tonumber(call('HGET', 'bc:users', fit.user) or 0) end
    offer.fits[needs] = fit
  end
  return fit
end

-- Among jobs of one priority: fewest running of its user, then of the job, then longest not served.
local function goes_before(a, b)
  if a.user_running ~= b.user_running then return a.user_running < b.user_running end
  if a.running ~= b.running then return a.running < b.running end
  if a.served ~= b.served then return a.served < b.served end
  return a.id < b.id
end

-- The job that is served next, without those that were passed over.
local function best_job(offer, passed)
  local best
  local active = offer.active
  for i = 1, #active, 2 do
    local row = active[i + 1]
    local priority = string.byte(row)
    if (not best or priority >= best.priority) and not passed[active[i]] then
      local fit = fit_of(string.sub(row, ROW_SIZE + 1), offer)
      if fit then
        local _, running, served = struct.unpack(ROW, row)
        local one = { id = active[i], priority = priority, running = running, served = served, fit = fit,
          user_running = fit.running }
        if not best or priority > best.priority or goes_before(one, best) then best = one end
      end
    end
  end
  return best
end

-- Whether the worker, by its own record, could render what needs this, and may.
local function could_render(name, needs)
  local raw = not call('HGET', 'bc:orders', name) and call('GET', 'bc:worker:' .. name)
  if not raw then return false end
  local record = cjson.decode(raw)
  return judge(needs, { pools = set_of(record.pools), tags = set_of(record.tags), dccs = record.dccs, limits = {} }) ~= nil
end

-- Whether another live worker could render what needs this, of those that are not out.
-- Each is looked at once a pick, and only until one is found: a thousand records take 10 ms to read.
local function has_others(needs, offer, is_out)
  offer.live = offer.live or call('ZRANGEBYSCORE', 'bc:workers', offer.time - WORKER_TTL_MS, '+inf')
  local seen = offer.others[needs] or { at = 0, names = {} }
  offer.others[needs] = seen
  for _, name in ipairs(seen.names) do
    if not is_out(name) then return true end
  end
  while seen.at < #offer.live do
    seen.at = seen.at + 1
    local name = offer.live[seen.at]
    if name ~= offer.worker and could_render(name, needs) then
      seen.names[#seen.names + 1] = name
      if not is_out(name) then return true end
    end
  end
  return false
end

-- A worker that fails what others render leaves the job to them.
local function is_blocked(job, offer)
  local key = key_of(job.id, 'strikes')
  local function is_out(name) return tonumber(call('HGET', key, name) or 0) >= MAX_STRIKES end
  if not is_out(offer.worker) then return false end
  local rendered = call('HKEYS', key_of(job.id, 'rendered'))
  if #rendered == 0 or #rendered == 1 and rendered[1] == offer.worker then return false end
  return has_others(job.needs, offer, is_out)
end

-- Who failed the unit already; it is left to others while there are others.
local function is_left(job, unit, offer)
  local raw = call('HGET', key_of(job.id, 'tried'), unit)
  local tried = raw and set_of(cjson.decode(raw))
  if not tried or not tried[offer.worker] then return false end
  return has_others(job.needs, offer, function(name) return tried[name] end)
end

-- How many of these waiting units, from the first on, the worker may have.
local function allowed_run(job, first, count, offer)
  for unit = first, first + count - 1 do
    if is_left(job, unit, offer) then return unit - first end
  end
  return count
end

-- The first run of waiting units from the cursor on, at most a chunk long; nil when there is none.
-- Says too whether any was left to other workers: then the cursor must stay before it.
local function next_units(job, offer)
  local has_tries = call('EXISTS', key_of(job.id, 'tried')) == 1
  local at, has_left = job.cursor, false
  while at < job.total do
    local window = call('GETRANGE', key_of(job.id, 'units'), at, at + WINDOW - 1)
    local found = string.find(window, 'w', 1, true)
    if found then
      local first = at + found - 1
      local run = string.match(call('GETRANGE', key_of(job.id, 'units'), first, first + job.chunk - 1), '^w+')
      local count = has_tries and allowed_run(job, first, #run, offer) or #run
      if count > 0 then return first, count, has_left end
      has_left = true
      at = first + 1
    else
      at = at + WINDOW
    end
  end
  return nil, 0, has_left
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

local function start_execution(job, first, count, given, version)
  local time = now_ms()
  local key = 'bc:execution:' .. given.execution
  call('HSET', key, 'job', job.id, 'generation', job.generation, 'worker', given.worker, 'first', first,
    'count', count, 'pool', job.pool, 'started', time, 'since', time, 'version', version)
  call('ZADD', 'bc:running', time + (given.lease_ms or LEASE_MS), given.execution)
  call('HSETNX', key_of(job.id), 'started', time)
  event('picked', job.id, { execution = given.execution, worker = given.worker, first = first, count = count })
end

local function picked(execution, has_slots)
  return { execution = execution.id, job = execution.job, first = execution.first, count = execution.count,
    generation = execution.generation, version = execution.version, pool = execution.pool, has_slots = has_slots }
end

-- Returns a job with units that the worker may have: the job, what fits of it, first, count, whether some were left.
local function choose(offer)
  local passed = {}
  while true do
    local best = best_job(offer, passed)
    if not best then return nil end
    local job = load_job(best.id)
    passed[best.id] = true
    if not job then
      call('HDEL', 'bc:active', best.id)
    elseif not is_blocked(job, offer) then
      local first, count, has_left = next_units(job, offer)
      if first then return job, best.fit, first, count, has_left end
      if not has_left then recount(job) end
    end
  end
end

-- Sent twice with one execution id, it answers the same: a worker may repeat it after a lost connection.
local function pick(given)
  local held = load_execution(given.execution)
  local slots = 'bc:worker:' .. given.worker .. ':slots'
  if held then return picked(held, call('EXISTS', slots) == 1) end
  if call('HEXISTS', 'bc:orders', given.worker) == 1 then return {} end
  local offer = { worker = given.worker, host = given.host, pools = set_of(given.pools), tags = set_of(given.tags),
    dccs = given.dccs, limits = given.limits, time = now_ms(), fits = {}, others = {}, active = call('HGETALL', 'bc:active') }
  local job, fit, first, count, has_left = choose(offer)
  if not job then return {} end
  flip(job, first, count, 'w', 'r')
  if not has_left then job.cursor = first + count end
  job.served = call('INCR', 'bc:picks')
  save_job(job, false)
  take_slots(fit.limits, offer, given.lease_ms or LEASE_MS)
  start_execution(job, first, count, given, fit.version)
  if call('HLEN', 'bc:active') > 0 then wake(job.pool, 1) end
  return picked(load_execution(given.execution), #fit.limits > 0)
end

-- beat ---------------------------------------------------------------------------------------------------------

-- The record stays for a day, so that a lost worker can be shown; who is alive is told by the time of its beat.
local function beat(given)
  local time = now_ms()
  local lease = time + (given.lease_ms or LEASE_MS)
  call('SET', 'bc:worker:' .. given.worker, given.record, 'PX', DAY_MS)
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
      if facts[1] > 0 then call('HDEL', key_of(job.id, 'tried'), unit.index) end
      event('done', job.id, { unit = unit.index, worker = number, seconds = unit.seconds })
      release_unit(job, unit.index)
      counted = counted + 1
    end
    local execution = load_execution(given.execution)
    if execution then advance(job, execution, unit.index) end
  end
  if counted > 0 and not given.is_skipped then call('HINCRBY', key_of(job.id, 'rendered'), given.worker, counted) end
  for pattern, row in pairs(given.outputs) do call('HSET', key_of(job.id, 'outputs'), pattern, row) end
  if given.last then call('HSET', key_of(job.id), 'last', given.last) end
  save_job(job, false)
  return { counted = counted, go = call('ZSCORE', 'bc:running', given.execution) and true or false }
end

-- Remembers who failed the unit, until that is decided; a worker's failed units of a job are its strikes.
local function note_tried(job, unit, worker, is_final)
  local key = key_of(job.id, 'tried')
  local tried = cjson.decode(call('HGET', key, unit) or '[]')
  if not set_of(tried)[worker] then
    call('HINCRBY', key_of(job.id, 'strikes'), worker, 1)
    tried[#tried + 1] = worker
  end
  if is_final then call('HDEL', key, unit) else call('HSET', key, unit, cjson.encode(tried)) end
end

-- A failure stops the whole job when every worker would fail on it in the same way.
local function count_try(job, execution, given)
  local facts = read_facts(job, given.unit)
  local tries = facts[1] + 1
  local is_final = given.is_final or tries >= MAX_TRIES
  write_facts(job, given.unit, tries, facts[2], worker_number(job, given.worker), given.seconds, given.peak_mb)
  flip(job, given.unit, 1, 'r', is_final and 'f' or 'w')
  note_tried(job, given.unit, given.worker, is_final)
  note_failure(job, { unit = given.unit, try = tries, worker = given.worker, kind = given.kind,
    message = given.message, log = given.log, execution = given.execution })
  event('failed', job.id, { unit = given.unit, try = tries, worker = given.worker, kind = given.kind,
    message = given.message, is_final = is_final })
  advance(job, execution, given.unit)
  if given.is_final then
    flip(job, execution.first, execution.count, 'r', 'f')
    end_execution(execution.id)
    stop_job(job, given.message)
  elseif is_final then
    stop_if_hopeless(job)
  end
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

-- control ------------------------------------------------------------------------------------------------------

local control = {}

-- Changes some of the needs: user, pool, dcc, version_min, requires, limits, by their place.
local function set_needs(job, changes)
  local needs = cjson.decode(job.needs)
  for place, value in pairs(changes) do needs[place] = value end
  job.needs = cjson.encode(needs)
  call('HSET', key_of(job.id), 'needs', job.needs)
end

-- Priority, chunk and pool of a living job; what renders goes on.
function control.set(job, given)
  local has_changed = false
  for _, name in ipairs({ 'priority', 'chunk', 'pool' }) do
    if given[name] and given[name] ~= job[name] then
      job[name] = given[name]
      has_changed = true
    end
  end
  if not has_changed then return false end
  call('HSET', key_of(job.id), 'pool', job.pool)
  set_needs(job, { [2] = job.pool })
  save_job(job, true)
  return true
end

-- Another order of the frames: only while nothing has been started, since units are told apart by their place.
function control.reorder(job, given)
  if job.waiting + job.held < job.total then return false, 'started' end
  if call('EXISTS', key_of(job.id, 'after')) == 1 or call('EXISTS', key_of(job.id, 'dependents')) == 1 then
    return false, 'linked'
  end
  if call('HGET', key_of(job.id), 'spec') == given.spec then return false end
  call('HSET', key_of(job.id), 'spec', given.spec)
  save_job(job, true)
  return true
end

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
    call('HSET', key_of(job.id), 'spec', given.spec)
    set_needs(job, { [4] = given.version_min, [5] = given.requires })
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
    local is_one = byte ~= 'h' and is_meant(first + i - 1, byte)
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
  -- Units that other jobs hold back are not tried again: they never were.
  local is_meant = meant_by(given.which)
  for first = 0, job.total - 1, WINDOW do many = many + wait_again(job, first, is_meant) end
  call('DEL', key_of(job.id, 'tried'), key_of(job.id, 'strikes')) -- a person has seen to it
  if many == 0 and not was_cancelled then return false end
  hold_again(job)
  job.cancelled = 0
  job.generation = job.generation + 1
  call('HDEL', key_of(job.id), 'stopped_why')
  save_job(job, true)
  return true
end

function control.delete(job)
  stop_executions(job.id, 'deleted')
  unlink(load_job(job.id))
  call('HDEL', 'bc:active', job.id)
  call('ZREM', 'bc:jobs', job.id)
  call('ZREM', 'bc:ended', job.id)
  local batch = call('HGET', key_of(job.id), 'batch')
  if batch then call('SREM', 'bc:batch:' .. batch, job.id) end
  for _, part in ipairs({ 'units', 'facts', 'outputs', 'workers', 'failures', 'tried', 'strikes', 'rendered', 'after',
    'dependents' }) do
    call('DEL', key_of(job.id, part))
  end
  call('DEL', key_of(job.id))
  return true
end

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

local function control_job(given)
  local job = load_job(given.job)
  if not job then return { error = 'missing' } end
  local has_changed, wrong = control[given.verb](job, given)
  if wrong then return { error = wrong } end
  if has_changed then event(given.verb, given.job, { by = given.by, why = given.why }) end
  return { has_changed = has_changed }
end

-- sweep --------------------------------------------------------------------------------------------------------

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
register('release', release)
register('limit', set_limit)
register('order', order)
register('control', control_job)
redis.register_function({ function_name = 'bc_version', callback = function() return VERSION end, flags = { 'no-writes' } })
