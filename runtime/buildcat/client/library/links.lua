-- What a job waits for: other jobs, as a whole or frame for frame.

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
