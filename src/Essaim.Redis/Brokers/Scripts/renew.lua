-- Renews leases to now + ARGV[4] ms: ARGV[5] on are tokens. A claim is renewed as a whole. Returns now, then for each 1 or 0 (lost).
reclaim()
local reply, deadline = { now }, now + tonumber(ARGV[4])
local renewed = {}
for i = 5, #ARGV do
  local claim = held_by(ARGV[i])
  if claim and not renewed[claim] then
    renewed[claim] = true
    call('ZADD', own .. 'leases', deadline, claim.token)
  end
  reply[#reply + 1] = claim and 1 or 0
end
return reply
