-- House-keeping. Returns now, how many became due, how many leases were lost, how many marks were removed, when something is due next.
local due = make_due()
local lost = reclaim()
local pruned = call('ZREMRANGEBYSCORE', own .. 'revoked', '-inf', now)
return { now, due, lost, pruned, next_due() }
