-- The whole configuration at one instant.
-- KEYS: version, hash, meta, queues, routes, base
-- ARGV: a version the caller has, or nothing
-- Returns false where none was published, the version alone where it is the caller's,
-- else {version, hash, revision, author, host, queues, routes, base}.
local version = redis.call('GET', KEYS[1])
if not version then return false end
if version == ARGV[1] then return version end
local meta = redis.call('HMGET', KEYS[3], 'revision', 'author', 'host')
return {
  version, redis.call('GET', KEYS[2]), meta[1], meta[2], meta[3],
  redis.call('HGETALL', KEYS[4]), redis.call('HGETALL', KEYS[5]), redis.call('HGETALL', KEYS[6]),
}
