-- Messages of queue (or scope) ARGV[4] in flight, at most ARGV[5], by claim: for each task, worker, claimed at, deadline.
local reply, most = {}, 4 * tonumber(ARGV[5])
local leases = call('ZRANGE', own .. 'leases', 0, -1, 'WITHSCORES')
local order, deadlines = {}, {}
for i = 1, #leases, 2 do
  order[#order + 1] = leases[i]
  deadlines[leases[i]] = leases[i + 1]
end
table.sort(order, function(a, b) return tonumber(a) < tonumber(b) end)
for _, token in ipairs(order) do
  local claim = claim_of(token)
  local scopes = {}
  for scope in string.gmatch(claim and claim.scopes or '', '([^\n]*)\n') do scopes[#scopes + 1] = scope end
  local index = 0
  if claim then read_facts(claim) end
  for n, run in ipairs(claim and claim.runs or {}) do
    local wanted = run.queue == ARGV[4] or scopes[n] == ARGV[4]
    for _ = 1, run.count do
      index = index + 1
      if wanted and #reply < most and string.byte(claim.state, index) == 49 then
        local facts = facts_of(claim, index)
        local n = #reply
        reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = task_id(facts.envelope), claim.worker, claim.at or deadlines[token], deadlines[token]
      end
    end
  end
end
return reply
