-- Where a task's message is: place, queue, worker, deliveries, due, how many are ahead, claimed at, deadline, 1 where it waits for a rate,
-- reason, 1 where it is revoked, envelope; nothing where it is not held.
local marked = call('ZSCORE', own .. 'revoked', task)
local revoked = marked and tonumber(marked) > now and 1 or 0
local parked = call('HGET', own .. 'delayed-tasks', task)
if parked then
  local _, due, queue = parked_facts(call('HGET', own .. 'parked', parked))
  local waits = call('EXISTS', own .. 'rate-place:' .. task)
  if queue then return { 'delayed', queue, '', 0, due, '', '', '', waits, '', revoked, call('HGET', own .. 'envelopes', parked) or '' } end
end
for _, token in ipairs(call('ZRANGE', own .. 'leases', 0, -1)) do
  local claim = claim_of(token)
  for index, envelope in ipairs(claim and call('LRANGE', own .. 'claimed:' .. token, 0, -1) or {}) do
    if is_it(envelope) and string.byte(claim.state, index) == 49 then
      local facts = facts_of(claim, index)
      local deadline = call('ZSCORE', own .. 'leases', token)
      return { 'held', facts.queue, facts.worker, facts.count, '', '', facts.claimed_at or '', deadline, 0, '', revoked, envelope }
    end
  end
end
local envelope, queue, _, _, ahead = find_ready()
if envelope then
  local _, count = recall_returned(envelope)
  return { 'ready', queue, '', count or 0, '', ahead, '', '', 0, '', revoked, envelope }
end
for _, id in ipairs(call('HKEYS', own .. 'dead')) do
  local letter = cmsgpack.unpack(call('HGET', own .. 'dead', id))
  if is_it(letter[1]) then return { 'dead', letter[2], '', letter[5], '', '', '', '', 0, letter[4], revoked, letter[1] } end
end
return {}
