-- Takes up to ARGV[5] messages for ARGV[6] with a lease of ARGV[4] ms. ARGV[7]: steps as "0,3,6,9"; ARGV[8]: number of queues, then for
-- each its name, tier, most (-1: no bound) and limits, tiers in order. Limits are '' or "concurrency interval burst ordered scope", the
-- first -1 and the interval (ms) 0 where there is no such limit, ordered 1 or 0.
-- Returns now, next due, token, first id, runs (queue's index from 0, count), odd ones (index, id, count), revoked ones (index), envelopes.
local lease, left, worker = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
make_due()
reclaim()

local queues, index = {}, 9
-- By scope: how many more may be taken, and when a rate frees the next.
local rooms, rate_free = {}, nil
local paused = call('EXISTS', own .. 'paused') == 1

local function room_of(queue, limits)
  local concurrency, interval, burst, ordered, scope = string.match(limits, '^(%S+) (%S+) (%S+) (%S+) (.*)$')
  queue.scope = scope
  if rooms[scope] then return end
  local room = { left = tonumber(concurrency), interval = tonumber(interval), burst = tonumber(burst) }
  if ordered == '1' then
    room.left = 1
    if call('HEXISTS', own .. 'kept', queue.name) == 1 then room.left = 0 end
  end
  if room.left < 0 then room.left = math.huge
  elseif room.left > 0 then
    for _, held in ipairs(call('HVALS', own .. 'held:' .. scope)) do room.left = room.left - tonumber(held) end
  end
  if room.interval > 0 and room.left > 0 then
    local tokens, free_at = count_tokens(scope, room.interval, room.burst)
    room.left, room.free_at = math.min(room.left, tokens), free_at
  end
  rooms[scope] = room
end

for n = 1, tonumber(ARGV[8]) do
  local queue = { name = ARGV[index], tier = ARGV[index + 1], left = tonumber(ARGV[index + 2]), n = n - 1 }
  if queue.left < 0 then queue.left = math.huge end
  if ARGV[index + 3] ~= '' then room_of(queue, ARGV[index + 3]) end
  if paused and (call('HEXISTS', own .. 'paused', queue.name) == 1
    or call('HEXISTS', own .. 'paused', string.match(queue.name, '^([^@]+)@') or '') == 1) then queue.paused = true end
  queues[n] = queue
  index = index + 4
end

-- How many anybody may take of a queue now.
local function room_left(queue)
  if queue.paused then return 0 end
  return queue.scope and math.max(rooms[queue.scope].left, 0) or math.huge
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
  runs[#runs + 1] = { queue = queue.name, step = step, count = #got, scope = queue.scope }
  local room = queue.scope and rooms[queue.scope]
  if room then
    room.left = room.left - #got
    if room.interval > 0 then spend_tokens(queue.scope, room.interval, room.burst, #got) end
  end
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
    local free_at = length > 0 and queue.left > 0 and not queue.paused and queue.scope and rooms[queue.scope].free_at
    if free_at and (not rate_free or free_at < rate_free) then rate_free = free_at end
    length = math.min(length, room_left(queue))
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
    -- Queues that share a scope may have been promised the same places.
    local share = math.min(list.share, room_left(list.queue))
    if share > 0 then
      take(list.queue, list.key, step, share)
      rest[list.queue.name] = rest[list.queue.name] - share
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

local function soonest()
  local due = next_due()
  if rate_free and (due < 0 or rate_free < due) then return rate_free end
  return due
end

local count = #envelopes
if count == 0 then return { now, soonest(), '', 0, {}, {}, {}, {} } end

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
return { now, soonest(), token, first_id, served, odd_listed, revoked, envelopes }
