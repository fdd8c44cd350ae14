#!lua name=buildcat
-- Every step that changes the farm's state, each one atomic. Runs inside Redis >= 7.0 or Valkey.
-- A function takes no keys and one JSON argument, and replies JSON. Time is the server's own.
-- The bytes in bc:job:<id>:units are the truth; counts and indexes are kept beside them in the same step.

local VERSION = 3

local LEASE_MS = 10000
-- A worker that was last heard of longer ago is lost. As in records.py.
local WORKER_TTL_MS = 15000
local DAY_MS = 86400000
local MAX_EVENTS = 5000
local WINDOW = 4096

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

local function set_of(list)
  local set = {}
  for _, one in ipairs(list) do set[one] = true end
  return set
end

local function register(name, run)
  redis.register_function('bc_' .. name, function(_, args)
    return cjson.encode(run(cjson.decode(args[1])))
  end)
end

redis.register_function({ function_name = 'bc_version', callback = function() return VERSION end, flags = { 'no-writes' } })
