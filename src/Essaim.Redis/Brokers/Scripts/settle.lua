-- Ends deliveries, each wholly or, where its lease is lost, not at all. ARGV[4]: how many entries; ARGV[5]: how long results of plain ends
-- are kept, ms ('0': for ever); ARGV[6]: channels for announce_results. Then for each entry one of
--   B token ranges count completions results (key document)...
--     plain ends of one claim: its indexes as "1-64,70-70", their completions a line each, and their ready results
--   G lease action argument skip operations...
-- action: C complete, L release, T return, Q requeue, P park until argument, D dead letter with argument as reason
-- operations (skip is the number of their arguments):
--   R key ttl document     a result
--   F completion           an entry of the feed
--   U key task             a unique key to free
--   S task                 steps to forget
--   N ...                  a publication
--   H ...                  a chord part
-- Returns how many channels of results have listeners, where that was counted (else -1), and for each entry 1, or 0 where a lease was
-- lost: then nothing of the entry was done.
reclaim()
local MOST_KEPT = 100000
local count, kept_for = tonumber(ARGV[4]), ARGV[5]
local reply = {}
local feed, fed = {}, 0
-- Plain results are announced at the end, where somebody listens: most have no listener.
local plain_keys, plain_documents = {}, {}

local function bury(facts, reason)
  call('HSET', own .. 'dead', facts.id, cmsgpack.pack({ facts.envelope, facts.queue, facts.step, reason, facts.count, now }))
  call('ZADD', own .. 'dead-order', call('INCR', own .. 'sequence'), facts.id)
  call('HINCRBY', own .. 'dead-counts', facts.queue, 1)
end

local function move(claim, index, action, argument)
  if action == 'C' then return end
  local facts = facts_of(claim, index)
  if action == 'D' then bury(facts, argument)
  elseif action == 'L' or action == 'T' then put_back(facts, action == 'T')
  elseif action == 'P' and tonumber(argument) > now then delay(facts.id, tonumber(argument), facts.queue, facts.step, facts.envelope)
  elseif action == 'P' then put_last(facts.queue, facts.step, facts.envelope)
  else put_last(facts.queue, facts.step, mark_redelivered(facts.envelope)) end
end

local function operate(i, last)
  while i < last do
    local kind = ARGV[i]
    if kind == 'R' then
      store_result(ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
      i = i + 4
    elseif kind == 'F' then
      completions[#completions + 1] = ARGV[i + 1]
      i = i + 2
    elseif kind == 'U' then
      free_unique(ARGV[i + 1], ARGV[i + 2])
      i = i + 3
    elseif kind == 'S' then
      call('DEL', own .. 'steps:' .. ARGV[i + 1])
      i = i + 2
    elseif kind == 'N' then i = run_publish(i + 1)
    else i = count_part(i + 1) end
  end
end

local function settle_plain(i)
  local claim = claim_of(ARGV[i + 1])
  local held = claim and end_ranges(claim, ARGV[i + 2])
  local first, last = i + 6, i + 5 + 2 * tonumber(ARGV[i + 5])
  if held then
    local at = #plain_keys
    for n = first, last, 2 do
      local key, document = ARGV[n], ARGV[n + 1]
      if set_result(key, kept_for, document) then
        at = at + 1
        plain_keys[at], plain_documents[at] = key, document
      end
    end
    feed[#feed + 1] = ARGV[i + 4]
    fed = fed + tonumber(ARGV[i + 3])
  end
  return held, last + 1
end

local function settle_general(i)
  local claim, index = held_by(ARGV[i + 1])
  local last = i + 5 + tonumber(ARGV[i + 4])
  if claim then
    end_held(claim, index)
    move(claim, index, ARGV[i + 2], ARGV[i + 3])
    operate(i + 5, last)
  end
  return claim, last
end

local i = 7
for n = 1, count do
  local held
  if ARGV[i] == 'B' then held, i = settle_plain(i) else held, i = settle_general(i) end
  reply[n + 1] = held and 1 or 0
end

reply[1] = announce_results(plain_keys, plain_documents, ARGV[6])
flush_claims()
for _, completion in ipairs(completions) do
  feed[#feed + 1] = completion
  fed = fed + 1
end

-- An entry's id is the position of its last completion.
if fed > 0 then
  local position = string.format('%.0f', call('INCRBY', own .. 'feed-position', fed))
  call('XADD', own .. 'completions', position .. '-0', 'n', fed, 'c', table.concat(feed, '\n'))
  if tonumber(position) > MOST_KEPT then
    local ids = {}
    for n, entry in ipairs(call('XRANGE', own .. 'completions', '-', string.format('%.0f', position - MOST_KEPT), 'COUNT', 16)) do ids[n] = entry[1] end
    if #ids > 0 then call('XDEL', own .. 'completions', unpack(ids)) end
  end
end
return reply
