-- The stamp of each function that is whole: {name, stamp, …}. A function whose key was evicted is not.
-- ARGV[4] on: index of functions, what the keys of functions begin with.
local index = redis.call('HGETALL', ARGV[4])
local whole = {}
for i = 1, #index, 2 do
  if redis.call('EXISTS', ARGV[5] .. index[i]) == 1 then
    whole[#whole + 1] = index[i]
    whole[#whole + 1] = index[i + 1]
  end
end
return whole
