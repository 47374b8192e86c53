-- Stores a configuration whole, if the version that was read is still current.
-- KEYS: version, hash, meta, history, queues, routes, base
-- ARGV: channel, 1 or 0 (a version is expected), that version, hash, revision, author, host, the same document as JSON, how many are kept,
--       then for each of the three hashes: number of fields, field, value, ...
-- Returns the new version, or false where another was faster.
local current = redis.call('GET', KEYS[1])
if ARGV[2] == '1' then
  if current ~= ARGV[3] then return false end
elseif current then
  return false
end
-- An instant, always later than the one before. Seconds and microseconds apart: as one number they would not be exact.
local now = redis.call('TIME')
local seconds, micros = tonumber(now[1]), tonumber(now[2])
local before, part = string.match(current or '', '^(%d+)%.(%d%d%d%d%d%d)$')
if before and (tonumber(before) > seconds or (tonumber(before) == seconds and tonumber(part) >= micros)) then
  seconds, micros = tonumber(before), tonumber(part) + 1
  if micros == 1000000 then seconds, micros = seconds + 1, 0 end
end
local version = string.format('%d.%06d', seconds, micros)
local at = 10
for key = 5, 7 do
  redis.call('DEL', KEYS[key])
  local fields = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, fields do
    redis.call('HSET', KEYS[key], ARGV[at], ARGV[at + 1])
    at = at + 2
  end
end
redis.call('HSET', KEYS[3], 'revision', ARGV[5], 'author', ARGV[6], 'host', ARGV[7])
redis.call('SET', KEYS[2], ARGV[4])
redis.call('LPUSH', KEYS[4], version .. ' ' .. ARGV[8])
redis.call('LTRIM', KEYS[4], 0, tonumber(ARGV[9]) - 1)
redis.call('SET', KEYS[1], version)
redis.call('PUBLISH', ARGV[1], version)
return version
