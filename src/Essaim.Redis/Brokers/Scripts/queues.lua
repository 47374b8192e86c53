-- Every queue in numbers: for each name, ready, delayed, in flight, dead, oldest (when it was sent; '' where that is not known),
-- pause ('' or a text), when its rate frees a token (''). ARGV[4]: steps.
local held = {}
for _, token in ipairs(call('ZRANGE', own .. 'leases', 0, -1)) do
  local claim = claim_of(token)
  for index = 1, claim and #claim.state or 0 do
    if string.byte(claim.state, index) == 49 then
      local queue = run_of(claim, index).queue
      held[queue] = (held[queue] or 0) + 1
    end
  end
end
local reply = {}
for _, queue in ipairs(call('SMEMBERS', own .. 'queues')) do
  local ready, oldest = 0, nil
  for step in string.gmatch(ARGV[4], '%d+') do
    local key = list_key(queue, step)
    local length = call('LLEN', key)
    if length > 0 then
      ready = ready + length
      local sent = tonumber(string.match(call('LINDEX', key, -1), '"essaim%-sent": ?(%d+)'))
      if sent and (not oldest or sent < oldest) then oldest = sent end
    end
  end
  local n = #reply
  reply[n + 1], reply[n + 2] = queue, ready
  reply[n + 3] = tonumber(call('HGET', own .. 'delayed-counts', queue) or 0)
  reply[n + 4] = held[queue] or 0
  reply[n + 5] = tonumber(call('HGET', own .. 'dead-counts', queue) or 0)
  reply[n + 6] = oldest and string.format('%.0f', oldest) or ''
  reply[n + 7] = call('HGET', own .. 'paused', queue) or ''
  local full, interval, burst = read_rate(queue)
  local free_at = interval and next_token_at(full, interval, burst) or 0
  reply[n + 8] = free_at > now and string.format('%.0f', math.ceil(free_at - 1e-3)) or ''
end
return reply
