-- Where a task's message is: place, queue, worker, deliveries, due; nothing where it is not held.
local parked = call('HGET', own .. 'delayed-tasks', task)
if parked then
  local _, due, queue = string.match(call('HGET', own .. 'parked', parked) or '', '^(%d+) (%d+)\n(.*)$')
  if queue then return { 'delayed', queue, '', 0, due } end
end
for _, token in ipairs(call('ZRANGE', own .. 'leases', 0, -1)) do
  local claim = claim_of(token)
  for index, envelope in ipairs(claim and call('LRANGE', own .. 'claimed:' .. token, 0, -1) or {}) do
    if is_it(envelope) and string.byte(claim.state, index) == 49 then
      local facts = facts_of(claim, index)
      return { 'held', facts.queue, facts.worker, facts.count, '' }
    end
  end
end
local envelope, queue = find_ready()
if envelope then
  local _, count = recall_returned(envelope)
  return { 'ready', queue, '', count or 0, '' }
end
for _, id in ipairs(call('HKEYS', own .. 'dead')) do
  local letter = cmsgpack.unpack(call('HGET', own .. 'dead', id))
  if is_it(letter[1]) then return { 'dead', letter[2], '', letter[5], '' } end
end
return {}
