-- Ends deliveries, each wholly or, where its lease is lost, not at all. ARGV[4]: how many; ARGV[5]: how long results of plain successes
-- are kept, ms ('0': for ever). Then for each one of
--   S<lease> result-key document completion              it is done, with one ready result
--   I<lease> completion                                  it is done, and nothing is kept
--   G<lease> action argument skip operations...
-- action: C complete, L release, T return, Q requeue, P park until argument, D dead letter with argument as reason
-- operations (skip is the number of their arguments):
--   R key ttl document     a result
--   F completion           an entry of the feed
--   U key task             a unique key to free
--   N ...                  a publication
--   H ...                  a chord part
-- Returns for each 1, or 0 where the lease was lost.
reclaim()
local MOST_KEPT = 100000
local count, kept_for = tonumber(ARGV[4]), ARGV[5]
local reply = {}
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
    elseif kind == 'N' then i = run_publish(i + 1)
    else i = count_part(i + 1) end
  end
end

local i = 6
for n = 1, count do
  local head = ARGV[i]
  local form = string.byte(head)
  local claim, index = held_by(string.sub(head, 2))
  reply[n] = claim and 1 or 0
  if claim then end_held(claim, index) end
  if form == 83 then
    if claim then
      if set_result(ARGV[i + 1], kept_for, ARGV[i + 2]) then
        local at = #plain_keys + 1
        plain_keys[at], plain_documents[at] = ARGV[i + 1], ARGV[i + 2]
      end
      completions[#completions + 1] = ARGV[i + 3]
    end
    i = i + 4
  elseif form == 73 then
    if claim then completions[#completions + 1] = ARGV[i + 1] end
    i = i + 2
  else
    local last = i + 4 + tonumber(ARGV[i + 3])
    if claim then
      move(claim, index, ARGV[i + 1], ARGV[i + 2])
      operate(i + 4, last)
    end
    i = last
  end
end

announce_results(plain_keys, plain_documents)
flush_claims()
if #completions > 0 then
  call('INCRBY', own .. 'feed-position', #completions)
  local length = call('RPUSH', own .. 'feed', unpack(completions))
  if length > MOST_KEPT + 1000 then call('LTRIM', own .. 'feed', -MOST_KEPT, -1) end
end
return reply
