-- Looking for one task's message. ARGV[4]: its id; ARGV[5], ARGV[6]: how it stands in an envelope, with and without a space;
-- ARGV[7]: steps. Lists are looked through up to a bound: a message further back is found when it comes to be claimed.
local MOST_SEARCHED, CHUNK = 10000, 500
local task, spaced, dense = ARGV[4], ARGV[5], ARGV[6]

local function is_it(envelope)
  return envelope and (string.find(envelope, spaced, 1, true) or string.find(envelope, dense, 1, true))
end

local function find_ready()
  for _, queue in ipairs(call('SMEMBERS', own .. 'queues')) do
    local before = 0
    for step in string.gmatch(ARGV[7], '%d+') do
      local key = list_key(queue, step)
      local all = call('LLEN', key)
      local length = math.min(all, MOST_SEARCHED)
      for from = 1, length, CHUNK do
        local chunk = call('LRANGE', key, -(from + CHUNK - 1), -from)
        for n = #chunk, 1, -1 do
          if is_it(chunk[n]) then return chunk[n], queue, step, key, before + from - 1 + #chunk - n end
        end
      end
      before = before + all
    end
  end
end
