-- Remembers tasks ARGV[5] on as revoked for ARGV[4] ms.
local until_when = now + tonumber(ARGV[4])
for i = 5, #ARGV do call('ZADD', own .. 'revoked', until_when, ARGV[i]) end
return #ARGV - 4
