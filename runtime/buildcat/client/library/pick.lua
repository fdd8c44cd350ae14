-- A worker gets units: which job, which of its units.

-- A worker that failed so many units of a job which others render is not given more of it.
local MAX_STRIKES = 3

-- The lowest version on offer that can render it, or nil.
local function fitting_version(dcc, version_min, offer)
  local lowest
  for _, version in ipairs(offer.dccs[dcc] or {}) do
    if version >= version_min and (not lowest or version < lowest) then lowest = version end
  end
  return lowest
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

-- The same, once a pick; false when the offer doesn't do, or a limit is full.
local function fit_of(needs, offer)
  local fit = judge(needs, offer)
  fit = fit and are_slots_free(fit.limits, offer) and fit or false
  if fit then fit.running = tonumber(call('HGET', 'bc:users', fit.user) or 0) end
  offer.fits[needs] = fit
  return fit
end

-- The job that is served next, without those that were passed over: the highest priority, then the fewest running
-- of its user, then of the job, then longest not served. A thousand rows are compared, so nothing is made for each.
local function best_job(offer, passed)
  local active, fits = offer.active, offer.fits
  local byte, sub, unpack_row = string.byte, string.sub, struct.unpack
  local best_id, best_fit, best_running, best_served, best_priority = nil, nil, 0, 0, -1
  for i = 1, #active, 2 do
    local row = active[i + 1]
    local priority = byte(row)
    if priority >= best_priority and not passed[active[i]] then
      local needs = sub(row, ROW_SIZE + 1)
      local fit = fits[needs]
      if fit == nil then fit = fit_of(needs, offer) end
      if fit then
        local _, running, served = unpack_row(ROW, row)
        local order = priority > best_priority and -1 or fit.running - best_fit.running
        if order == 0 then order = running - best_running end
        if order == 0 then order = served - best_served end
        if order < 0 or order == 0 and active[i] < best_id then
          best_id, best_fit, best_running, best_served, best_priority = active[i], fit, running, served, priority
        end
      end
    end
  end
  return best_id, best_fit
end

-- Whether the worker, by its own record, could render what needs this, and may.
local function could_render(name, needs)
  local raw = not call('HGET', 'bc:orders', name) and call('GET', 'bc:worker:' .. name)
  if not raw then return false end
  local record = cjson.decode(raw)
  if record.trouble and record.trouble ~= '' then return false end
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
    local id, fit = best_job(offer, passed)
    if not id then return nil end
    local job = load_job(id)
    passed[id] = true
    if not job then
      call('HDEL', 'bc:active', id)
    elseif not is_blocked(job, offer) then
      local first, count, has_left = next_units(job, offer)
      if first then return job, fit, first, count, has_left end
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

register('pick', pick)
