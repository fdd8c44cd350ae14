-- A job comes into being.

local MAX_UNITS = 1000000

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

register('submit', submit)
