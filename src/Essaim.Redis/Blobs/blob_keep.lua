-- Keeps the blob ARGV[4] for at least ARGV[5] ms from now on. Returns whether it is there.
local key = own .. 'blob:' .. ARGV[4]
local left = call('PTTL', key)
if left == -2 then return 0 end
if left < tonumber(ARGV[5]) then call('PEXPIRE', key, ARGV[5]) end
return 1
