-- Rates as token buckets by the generic cell rate algorithm (ITU-T I.371): `rate:BUCKET` holds when the bucket will be full again (ms),
-- the interval (ms) and the burst, for as long as it is not full.
local function read_rate(bucket)
  local full, interval, burst = string.match(call('GET', own .. 'rate:' .. bucket) or '', '^(%S+) (%S+) (%S+)$')
  return tonumber(full) or 0, tonumber(interval), tonumber(burst)
end

local function next_token_at(full, interval, burst)
  return full - (burst - 1) * interval
end

local function count_tokens(bucket, interval, burst)
  local at = next_token_at(math.max(read_rate(bucket), 0), interval, burst)
  if at > now + 1e-3 then return 0, math.ceil(at - 1e-3) end
  return math.min(burst, 1 + math.floor((now - at) / interval + 1e-6))
end

local function spend_tokens(bucket, interval, burst, count)
  local full = math.max(read_rate(bucket), now) + count * interval
  local text = string.format('%.3f %.6f %d', full, interval, burst)
  call('SET', own .. 'rate:' .. bucket, text, 'PX', math.ceil(full - now) + 1000)
end
