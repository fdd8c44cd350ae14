-- One job: its hash, its units' bytes and facts, and the indexes that follow from them.

local MAX_TOKENS = 64
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

local release_dependents -- in links.lua, since releasing saves a job

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
