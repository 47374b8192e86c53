-- The ARGV[4] newest dead letters: id, queue, reason, deliveries, died at, envelope for each.
local reply = {}
for _, id in ipairs(call('ZREVRANGE', own .. 'dead-order', 0, tonumber(ARGV[4]) - 1)) do
  local packed = call('HGET', own .. 'dead', id)
  if packed then
    local letter = cmsgpack.unpack(packed)
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = id, letter[2], letter[4], letter[5]
    reply[n + 5], reply[n + 6] = string.format('%.0f', letter[6]), letter[1]
  end
end
return reply
