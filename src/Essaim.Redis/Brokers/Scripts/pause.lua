-- Pauses queue ARGV[4] with the text ARGV[5], or resumes it ('').  Returns 1 where it was paused before.
local was = call('HDEL', own .. 'paused', ARGV[4])
if ARGV[5] ~= '' then call('HSET', own .. 'paused', ARGV[4], ARGV[5]) end
declare(ARGV[4])
for _, queue in ipairs(call('SMEMBERS', own .. 'queues')) do
  if queue == ARGV[4] or string.match(queue, '^([^@]+)@') == ARGV[4] then ring(queue) end
end
return was
