-- Celery's own restore sweep: messages a Python worker took more than ARGV[4] ms ago and never acknowledged go back to the front of their
-- queues, marked as delivered before. ARGV[5]: steps. Returns how many.
local tags = call('ZRANGEBYSCORE', global .. 'unacked_index', '-inf', (now - tonumber(ARGV[4])) / 1000, 'LIMIT', 0, 100)
local restored = 0

local function step_of(envelope)
  local priority = tonumber(string.match(envelope, '"priority": ?"?(%d+)') or 0)
  local found = '0'
  for step in string.gmatch(ARGV[5], '%d+') do
    if tonumber(step) <= priority then found = step end
  end
  return found
end

local function queues_of(exchange, routing_key)
  if exchange == '' then return { routing_key } end
  local found = {}
  for _, member in ipairs(call('SMEMBERS', global .. '_kombu.binding.' .. exchange)) do
    local key, _, queue = string.match(member, '^(.-)\6\22(.-)\6\22(.*)$')
    if key == routing_key and queue then found[#found + 1] = queue end
  end
  return #found > 0 and found or { routing_key }
end

for _, tag in ipairs(tags) do
  local entry = call('HGET', global .. 'unacked', tag)
  call('ZREM', global .. 'unacked_index', tag)
  call('HDEL', global .. 'unacked', tag)
  local ok, parts = pcall(json_items, entry or '')
  if entry and ok and #parts == 3 then
    local envelope = mark_redelivered(parts[1])
    for _, queue in ipairs(queues_of(json_text(parts[2]), json_text(parts[3]))) do
      call('RPUSH', list_key(queue, step_of(envelope)), envelope)
      call('SADD', own .. 'queues', queue)
      ring(queue)
      restored = restored + 1
    end
  end
end
return restored
