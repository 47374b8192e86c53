-- At most ARGV[5] completions after position ARGV[4]: the position before the first, then they.
local last = tonumber(call('GET', own .. 'feed-position') or 0)
local length = call('LLEN', own .. 'feed')
local oldest = last - length
local after = math.max(tonumber(ARGV[4]), oldest)
local got = call('LRANGE', own .. 'feed', after - oldest, after - oldest + tonumber(ARGV[5]) - 1)
table.insert(got, 1, string.format('%.0f', after))
return got
