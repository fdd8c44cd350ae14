-- Executions: who holds which units, until when, and what becomes of those that are given back.

local MAX_LOSSES = 5
-- A job stops when the larger of so many units or so much of them has failed.
local STOP_UNITS = 10
local STOP_SHARE = 0.1
local MAX_FAILURES = 100

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
