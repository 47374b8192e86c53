-- Takes up to ARGV[5] messages for ARGV[6] with a lease of ARGV[4] ms. ARGV[7]: steps as "0,3,6,9"; ARGV[8]: number of queues, then for
-- each its name, tier and most (-1: no bound), tiers in order.
-- Returns now, next due, token, first id, runs (queue's index from 0, count), odd ones (index, id, count), revoked ones (index), envelopes.
local lease, left, worker = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
make_due()
reclaim()

local queues, index = {}, 9
for n = 1, tonumber(ARGV[8]) do
  queues[n] = { name = ARGV[index], tier = ARGV[index + 1], left = tonumber(ARGV[index + 2]), n = n - 1 }
  if queues[n].left < 0 then queues[n].left = math.huge end
  index = index + 3
end

local envelopes, runs, served = {}, {}, {}
local rest = {}

-- Takes from one list what is asked, oldest first.
local function take(queue, key, step, count)
  local got = call('LRANGE', key, -count, -1)
  call('LTRIM', key, 0, -count - 1)
  local n = #envelopes
  for i = #got, 1, -1 do
    n = n + 1
    envelopes[n] = got[i]
  end
  runs[#runs + 1] = { queue = queue.name, step = step, count = #got }
  served[#served + 1], served[#served + 2] = queue.n, #got
  queue.left = queue.left - #got
  left = left - #got
end

-- One step of one tier: what there is is shared evenly between its queues.
local function serve(first, last, step)
  local open, shared = {}, {}
  for n = first, last do
    local queue = queues[n]
    local key = list_key(queue.name, step)
    local length = call('LLEN', key)
    rest[queue.name] = (rest[queue.name] or 0) + length
    length = math.min(length, queue.left)
    if length > 0 then
      open[#open + 1] = { queue = queue, key = key, length = length, share = 0 }
      shared[#shared + 1] = open[#open]
    end
  end
  local room = left
  while room > 0 and #open > 0 do
    local each, still = math.max(1, math.floor(room / #open)), {}
    for _, list in ipairs(open) do
      local more = math.min(each, list.length - list.share, room)
      list.share, room = list.share + more, room - more
      if list.share < list.length then still[#still + 1] = list end
    end
    open = still
  end
  for _, list in ipairs(shared) do
    if list.share > 0 then
      take(list.queue, list.key, step, list.share)
      rest[list.queue.name] = rest[list.queue.name] - list.share
    end
  end
end

local first = 1
while first <= #queues and left > 0 do
  local last = first
  while last < #queues and queues[last + 1].tier == queues[first].tier do last = last + 1 end
  for step in string.gmatch(ARGV[7], '%d+') do
    if left <= 0 then break end
    serve(first, last, step)
  end
  first = last + 1
end

local count = #envelopes
if count == 0 then return { now, next_due(), '', 0, {}, {}, {}, {} } end

local first_id = call('INCRBY', own .. 'sequence', count) - count + 1
local odd, odd_listed, revoked = {}, {}, {}
if call('EXISTS', own .. 'returning') == 1 then
  for n, envelope in ipairs(envelopes) do
    local id, deliveries = recall_returned(envelope)
    if id then
      call('DEL', own .. 'returned:' .. redis.sha1hex(envelope))
      odd[#odd + 1] = n .. ' ' .. id .. ' ' .. deliveries + 1 .. ' 0\n'
      local at = #odd_listed
      odd_listed[at + 1], odd_listed[at + 2], odd_listed[at + 3] = n, id, deliveries + 1
    end
  end
end
if call('EXISTS', own .. 'revoked') == 1 then
  for n, envelope in ipairs(envelopes) do
    if is_revoked(envelope) then revoked[#revoked + 1] = n end
  end
end

local token = note_claim(envelopes, runs, table.concat(odd), first_id, worker, now + lease)
-- What is left may be for a worker that sleeps: only a push to an empty list rings by itself.
for name, length in pairs(rest) do
  if length > 0 then ring(name) end
end
return { now, next_due(), token, first_id, served, odd_listed, revoked, envelopes }
