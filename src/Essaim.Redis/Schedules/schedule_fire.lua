-- Fires a schedule if it still stands where the caller saw it, and publishes in the same step.
-- ARGV[4] on: hash of schedules, name, expected next run ('' for none), last run, last task id ('' for none), next run ('' for none),
--       then what run_publish reads. Returns 1, or 0 where another core was faster or the schedule changed.
local stored = redis.call('HGET', ARGV[4], ARGV[5])
if not stored then return 0 end
local record = cjson.decode(stored)
if not record.enabled or (record.next_run or '') ~= ARGV[6] then return 0 end
record.last_run = ARGV[7]
record.last_task_id = ARGV[8] ~= '' and ARGV[8] or nil
record.next_run = ARGV[9] ~= '' and ARGV[9] or nil
-- First the messages: should they fail, the schedule still stands where it stood.
run_publish(10)
redis.call('HSET', ARGV[4], ARGV[5], cjson.encode(record))
return 1
