-- What people do with a job.

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

-- Tiles of frames that are not whole yet wait again: they are of the scene as it was.
local function wait_for_whole_frames(job, tiles)
  local units, parts = call('GET', key_of(job.id, 'units')), {}
  for first = 1, #units, tiles do
    local frame = string.sub(units, first, first + tiles - 1)
    if string.find(frame, '[^ds]') then
      for _, byte in ipairs({ 'd', 's' }) do
        local many
        frame, many = string.gsub(frame, byte, 'w')
        job[COUNT_OF[byte]] = job[COUNT_OF[byte]] - many
        job.waiting = job.waiting + many
      end
    end
    parts[#parts + 1] = frame
  end
  call('SETRANGE', key_of(job.id, 'units'), 0, table.concat(parts))
  job.cursor = 0
end

-- With a new spec (of a scene that has changed) the job's sessions load again.
function control.resume(job, given)
  if given.spec and given.tiles then
    stop_executions(job.id, 'resumed')
    job = load_job(job.id)
    wait_for_whole_frames(job, given.tiles)
  end
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

local function control_job(given)
  local job = load_job(given.job)
  if not job then return { error = 'missing' } end
  local has_changed, wrong = control[given.verb](job, given)
  if wrong then return { error = wrong } end
  if has_changed then event(given.verb, given.job, { by = given.by, why = given.why }) end
  return { has_changed = has_changed }
end

register('control', control_job)
