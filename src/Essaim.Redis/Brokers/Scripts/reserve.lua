-- Places in line before rates that hold for a key. ARGV[4] on: bucket, task, interval (ms), burst each. Returns for each 0 (it may
-- begin, the token is spent) or when it may (ms).
local MOST_FORGOTTEN_FOR = 3600000
local reply = {}
for i = 4, #ARGV, 4 do
  local bucket, place, interval, burst = ARGV[i], own .. 'rate-place:' .. ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  local kept = tonumber(call('GET', place))
  if kept and kept > now then reply[#reply + 1] = kept
  elseif kept then
    call('DEL', place)
    reply[#reply + 1] = 0
  else
    local _, free_at = count_tokens(bucket, interval, burst)
    spend_tokens(bucket, interval, burst, 1)
    if free_at then call('SET', place, string.format('%.0f', free_at), 'PX', string.format('%.0f', free_at - now + MOST_FORGOTTEN_FOR)) end
    reply[#reply + 1] = free_at or 0
  end
end
return reply
