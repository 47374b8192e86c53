-- The whole configuration at one instant.
-- KEYS: version, meta, queues, routes, base
-- Returns false where none was published, else {version, author, time, queues, routes, base}.
local version = redis.call('GET', KEYS[1])
if not version then return false end
local meta = redis.call('HMGET', KEYS[2], 'author', 'published_at')
return {
  version, meta[1], meta[2],
  redis.call('HGETALL', KEYS[3]), redis.call('HGETALL', KEYS[4]), redis.call('HGETALL', KEYS[5]),
}
