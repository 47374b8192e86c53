-- Adds or changes a schedule. With the same definition its progress stays.
-- KEYS: schedules. ARGV: name, record (JSON), definition, 1 or 0 (enabled)
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local record = ARGV[2]
if stored then
  local kept = cjson.decode(stored)
  if kept.definition == ARGV[3] then
    kept.enabled = ARGV[4] == '1'
    record = cjson.encode(kept)
  end
end
redis.call('HSET', KEYS[1], ARGV[1], record)
return 1
