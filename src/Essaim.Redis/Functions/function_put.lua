-- Sets all that is known of a function in one step.
-- ARGV[4] on: key of the function, index of functions, name, stamp, latest version, then pairs of version and document.
redis.call('DEL', ARGV[4])
for i = 9, #ARGV, 2 do
  redis.call('HSET', ARGV[4], ARGV[i], ARGV[i + 1])
end
redis.call('HSET', ARGV[4], 'latest', ARGV[8])
redis.call('HSET', ARGV[5], ARGV[6], ARGV[7])
return 1
