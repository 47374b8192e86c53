-- Stores a configuration whole, if the version that was read is still current.
-- KEYS: version, meta, queues, routes, base
-- ARGV: channel, 1 or 0 (a version is expected), that version, author, time,
--       then for each of the three hashes: number of fields, field, value, ...
-- Returns the new version, or false where another was faster.
local current = redis.call('GET', KEYS[1])
if ARGV[2] == '1' then
  if current ~= ARGV[3] then return false end
elseif current then
  return false
end
local version = string.format('%d', (tonumber(current or '0') or 0) + 1)
local at = 6
for part = 3, 5 do
  redis.call('DEL', KEYS[part])
  local fields = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, fields do
    redis.call('HSET', KEYS[part], ARGV[at], ARGV[at + 1])
    at = at + 2
  end
end
redis.call('HSET', KEYS[2], 'author', ARGV[4], 'published_at', ARGV[5])
redis.call('SET', KEYS[1], version)
redis.call('PUBLISH', ARGV[1], version)
return version
