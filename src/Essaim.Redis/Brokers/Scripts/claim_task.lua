-- Takes one waiting or delayed message by its task's id, for ARGV[9] with a lease of ARGV[8] ms. Returns now, token, queue, id, count,
-- revoked (0 or 1), envelope; nothing where none waits.
make_due()
reclaim()
local envelope, queue, step, not_before = nil, nil, nil, 0
local id, count = nil, 0
local parked = call('HGET', own .. 'delayed-tasks', task)
if parked then
  id = parked
  envelope, queue, step, not_before = take_delayed(parked)
end
if not envelope then
  local key
  envelope, queue, step, key = find_ready()
  if not envelope then return {} end
  call('LREM', key, -1, envelope)
  not_before = 0
  id, count = recall_returned(envelope)
  count = count or 0
end
id = id or string.format('%.0f', call('INCR', own .. 'sequence'))
local odd = '1 ' .. id .. ' ' .. count + 1 .. ' ' .. string.format('%.0f', not_before) .. '\n'
local token = note_claim({ envelope }, { { queue = queue, step = step, count = 1 } }, odd, id, ARGV[9], now + tonumber(ARGV[8]))
return { now, token, queue, id, count + 1, is_revoked(envelope) and 1 or 0, envelope }
