-- What became of units: done, failed, given back.

local MAX_TRIES = 3

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

-- Whether all other tiles of the unit's frame are finished. Units of a frame lie side by side.
local function is_last_tile(job, index, tiles)
  local first = index - index % tiles
  local bytes = call('GETRANGE', key_of(job.id, 'units'), first, first + tiles - 1)
  local _, finished = string.gsub(bytes, '[ds]', '')
  return finished == tiles - 1 and not is_finished(byte_at(job, index))
end

-- With `tiles`, so many make a frame, and what was rendered is a part of it. The last of them is not counted yet: its
-- worker joins the frame first, and then reports it again without `tiles`.
local function done(given)
  local job = load_job(given.job)
  if not is_wanted(job, given) then return { counted = 0, go = false } end
  if given.tiles and is_last_tile(job, given.units[1].index, given.tiles) then
    return { counted = 0, go = true, is_last_tile = true }
  end
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

register('wanted', wanted)
register('done', done)
register('failed', failed)
register('give_back', give_back_units)
