-- What every script of the broker begins with. ARGV[1]: now in ms ('': the server's clock judges); ARGV[2]: prefix of our own keys;
-- ARGV[3]: prefix of kombu's keys. What is a script's own begins at ARGV[4].
if redis.replicate_commands then redis.replicate_commands() end
local call = redis.call
local own, global = ARGV[2], ARGV[3]

local now = tonumber(ARGV[1])
if not now then
  local t = call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end

local SEVEN_DAYS = 604800

-- kombu's list of a queue for one priority step.
local function list_key(queue, step)
  if step == '0' then return global .. queue end
  return global .. queue .. '\6\22' .. step
end

local function ring(queue)
  call('PUBLISH', own .. 'bell:' .. queue, '')
  -- Who serves the queue it is derived from may not know it yet.
  local mark = string.find(queue, '@', 2, true)
  if mark then call('PUBLISH', own .. 'bell:' .. string.sub(queue, 1, mark - 1), '') end
end

-- Elements of ARGV passed in pieces that Lua's stack can hold.
local MOST_AT_ONCE = 4000

local function declare(queue)
  call('SADD', own .. 'queues', queue)
  call('SADD', global .. '_kombu.binding.' .. queue, queue .. '\6\22\6\22' .. queue)
end

-- The first "id" of an envelope is the task's: bodies are base64 and quotes inside text are escaped.
local function task_id(envelope)
  local id = string.match(envelope, '"id": ?"([^"]*)"')
  if id and string.find(id, '\\', 1, true) then
    local ok, decoded = pcall(cjson.decode, '["' .. id .. '"]')
    if ok then return decoded[1] end
  end
  return id or ''
end

local function plain_insert(text, mark, added)
  local _, last = string.find(text, mark, 1, true)
  if not last then return nil end
  return string.sub(text, 1, last) .. added .. string.sub(text, last + 1)
end

-- Says in the envelope that it was delivered before, as kombu does.
local function mark_redelivered(envelope)
  if string.find(envelope, '"redelivered": true', 1, true) or string.find(envelope, '"redelivered":true', 1, true) then return envelope end
  local spaced = string.find(envelope, '"delivery_info": {', 1, true)
  local added = spaced and '"redelivered": true, ' or '"redelivered":true,'
  local told = plain_insert(envelope, spaced and '"delivery_info": {' or '"delivery_info":{', added)
  return told and (plain_insert(told, '"headers": {', added) or plain_insert(told, '"headers":{', added)) or envelope
end

-- A message that goes back to its list keeps its name and count under the digest of its envelope: the list itself is the envelope alone.
local function remember_returned(envelope, id, count)
  call('SET', own .. 'returned:' .. redis.sha1hex(envelope), id .. ' ' .. count, 'EX', SEVEN_DAYS)
  call('SET', own .. 'returning', '1', 'EX', SEVEN_DAYS)
end

local function recall_returned(envelope)
  local kept = call('GET', own .. 'returned:' .. redis.sha1hex(envelope))
  if not kept then return nil end
  local id, count = string.match(kept, '^(%d+) (%d+)$')
  return id, tonumber(count)
end

-- To the front, but behind messages that were returned and are older.
local function put_front(queue, step, envelope, id, count)
  local key = list_key(queue, step)
  local older = {}
  if call('EXISTS', own .. 'returning') == 1 then
    while #older < 1000 do
      local first = call('LINDEX', key, -1)
      local other = first and recall_returned(first)
      if not other or tonumber(other) >= tonumber(id) then break end
      older[#older + 1] = call('RPOP', key)
    end
  end
  remember_returned(envelope, id, count)
  call('RPUSH', key, envelope)
  for i = #older, 1, -1 do call('RPUSH', key, older[i]) end
  ring(queue)
end

local function put_last(queue, step, envelope)
  declare(queue)
  call('LPUSH', list_key(queue, step), envelope)
  ring(queue)
end

local function put_first(queue, step, envelope)
  declare(queue)
  call('RPUSH', list_key(queue, step), envelope)
  ring(queue)
end

-- keeps: it comes back to the front, and holds its queue until then for those who take it in order.
local function delay(id, due, queue, step, envelope, keeps)
  declare(queue)
  call('ZADD', own .. 'delayed', due, id)
  call('HSET', own .. 'parked', id, step .. ' ' .. due .. (keeps and ' k' or '') .. '\n' .. queue)
  if keeps then call('HINCRBY', own .. 'kept', queue, 1) end
  call('HSET', own .. 'envelopes', id, envelope)
  call('HSET', own .. 'delayed-tasks', task_id(envelope), id)
  call('HINCRBY', own .. 'delayed-counts', queue, 1)
  ring(queue)
end

-- What is known of a delayed message: step, due, queue, whether it keeps its place.
local function parked_facts(meta)
  local step, due, keeps, queue = string.match(meta or '', '^(%d+) (%d+)( ?k?)\n(.*)$')
  return step, due, queue, keeps == ' k'
end

-- Takes a delayed message out; returns its envelope, queue, step, time, and whether it keeps its place.
local function take_delayed(id)
  local meta = call('HGET', own .. 'parked', id)
  local envelope = call('HGET', own .. 'envelopes', id)
  call('ZREM', own .. 'delayed', id)
  call('HDEL', own .. 'parked', id)
  call('HDEL', own .. 'envelopes', id)
  if not meta or not envelope then return nil end
  local step, due, queue, keeps = parked_facts(meta)
  call('HDEL', own .. 'delayed-tasks', task_id(envelope))
  call('HINCRBY', own .. 'delayed-counts', queue, -1)
  if keeps and call('HINCRBY', own .. 'kept', queue, -1) <= 0 then call('HDEL', own .. 'kept', queue) end
  return envelope, queue, step, tonumber(due), keeps
end

-- The earliest score of a sorted set, or nil.
local function earliest(key)
  return tonumber(call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
end

local MOST_DUE = 1000

local function make_due()
  local first = earliest(own .. 'delayed')
  if not first or first > now then return 0 end
  local ids = call('ZRANGEBYSCORE', own .. 'delayed', '-inf', now, 'LIMIT', 0, MOST_DUE)
  for _, id in ipairs(ids) do
    local envelope, queue, step, _, keeps = take_delayed(id)
    if envelope and keeps then put_first(queue, step, envelope) elseif envelope then put_last(queue, step, envelope) end
  end
  return #ids
end

-- A claim is leased as a whole: `claim:TOKEN` holds who has it, which messages are still held (a character each), from which lists they
-- came (runs of "step count queue"), and what is odd about single ones ("index id count due"); `claimed:TOKEN` holds the envelopes.
-- `leases` orders the tokens by when they run out. Read once a script and written once, by flush_claims. A claim from queues with limits
-- has `scopes`, one line a run, and is counted in `held:SCOPE` (token to how many).
local claims = {}

local function claim_of(token)
  local claim = claims[token]
  if claim == nil then
    local got = call('HMGET', own .. 'claim:' .. token, 'state', 'left', 'scopes')
    claim = got[1] and { token = token, state = got[1], left = tonumber(got[2]), scopes = got[3], ended = {} } or false
    claims[token] = claim
  end
  return claim
end

-- The claim and index of a lease "TOKEN:INDEX" that still holds; nil where it does not.
local function held_by(lease)
  local token, index = string.match(lease, '^(%d+):(%d+)$')
  local claim = token and claim_of(token)
  index = tonumber(index)
  if not claim or claim.ended[index] or string.byte(claim.state, index) ~= 49 then return nil end
  return claim, index
end

local function end_held(claim, index)
  claim.ended[index] = true
  claim.left = claim.left - 1
end

-- Ends many of one claim, given as "FIRST-LAST,FIRST-LAST". Where one of them does not hold, none is ended, and it says false.
local function end_ranges(claim, ranges)
  local state, ended = claim.state, 0
  for first, last in string.gmatch(ranges, '(%d+)-(%d+)') do
    first, last = tonumber(first), tonumber(last)
    if last > #state or string.find(string.sub(state, first, last), '0', 1, true) then return false end
    state = string.sub(state, 1, first - 1) .. string.rep('0', last - first + 1) .. string.sub(state, last + 1)
    ended = ended + last - first + 1
  end
  for index in pairs(claim.ended) do
    if string.byte(state, index) ~= 49 then return false end
  end
  claim.state, claim.left, claim.changed = state, claim.left - ended, true
  return true
end

local read_facts

-- What is still held under limits, after some of it ended. Whoever waits for a place is rung for.
local function recount_scopes(claim, state)
  read_facts(claim)
  local counts, at, n = {}, 0, 0
  for scope in string.gmatch(claim.scopes, '([^\n]*)\n') do
    n = n + 1
    local run = claim.runs[n]
    if scope ~= '' then
      local _, held = string.gsub(string.sub(state, at + 1, at + run.count), '1', '')
      counts[scope] = (counts[scope] or 0) + held
      ring(run.queue)
      if scope ~= run.queue then ring(scope) end
    end
    at = at + run.count
  end
  for scope, held in pairs(counts) do
    if held > 0 then call('HSET', own .. 'held:' .. scope, claim.token, held) else call('HDEL', own .. 'held:' .. scope, claim.token) end
  end
end

local function flush_claims()
  for token, claim in pairs(claims) do
    if claim and (claim.changed or next(claim.ended)) then
      if claim.scopes then
        local state = { string.byte(claim.state, 1, -1) }
        for index in pairs(claim.ended) do state[index] = 48 end
        recount_scopes(claim, string.char(unpack(state)))
      end
      if claim.left == 0 then
        call('DEL', own .. 'claim:' .. token, own .. 'claimed:' .. token)
        call('ZREM', own .. 'leases', token)
      else
        local state = { string.byte(claim.state, 1, -1) }
        for index in pairs(claim.ended) do state[index] = 48 end
        call('HSET', own .. 'claim:' .. token, 'state', string.char(unpack(state)), 'left', claim.left)
      end
    end
  end
end

function read_facts(claim)
  if not claim.runs then
    local got = call('HMGET', own .. 'claim:' .. claim.token, 'first', 'worker', 'runs', 'odd', 'at')
    claim.first, claim.worker, claim.at, claim.runs, claim.odd = tonumber(got[1]), got[2], got[5], {}, {}
    for step, count, queue in string.gmatch(got[3], '(%d+) (%d+) ([^\n]*)\n') do
      claim.runs[#claim.runs + 1] = { step = step, count = tonumber(count), queue = queue }
    end
    for at, id, count, due in string.gmatch(got[4] or '', '(%d+) (%d+) (%d+) (%d+)\n') do
      claim.odd[tonumber(at)] = { id = id, count = tonumber(count), due = tonumber(due) }
    end
  end
end

local function run_of(claim, index)
  read_facts(claim)
  local before = 0
  for _, run in ipairs(claim.runs) do
    before = before + run.count
    if index <= before then return run end
  end
end

-- Everything about one held message.
local function facts_of(claim, index)
  local run = run_of(claim, index)
  local odd = claim.odd[index]
  return {
    id = odd and odd.id or string.format('%.0f', claim.first + index - 1),
    count = odd and odd.count or 1,
    due = odd and odd.due or 0,
    queue = run.queue,
    step = run.step,
    worker = claim.worker,
    claimed_at = claim.at,
    envelope = call('LINDEX', own .. 'claimed:' .. claim.token, index - 1),
  }
end

-- A held message goes back to where it was before it was claimed.
local function put_back(facts, counted)
  if facts.due > now then delay(facts.id, facts.due, facts.queue, facts.step, facts.envelope)
  elseif counted then put_front(facts.queue, facts.step, mark_redelivered(facts.envelope), facts.id, facts.count)
  else put_front(facts.queue, facts.step, facts.envelope, facts.id, facts.count - 1) end
end

-- Leases that ran out: back to the front, the oldest foremost.
local function reclaim()
  local first = earliest(own .. 'leases')
  if not first or first > now then return 0 end
  local lost = {}
  for _, token in ipairs(call('ZRANGEBYSCORE', own .. 'leases', '-inf', now, 'LIMIT', 0, MOST_DUE)) do
    local claim = claim_of(token)
    if claim then
      for index = 1, #claim.state do
        if string.byte(claim.state, index) == 49 then
          lost[#lost + 1] = facts_of(claim, index)
          end_held(claim, index)
        end
      end
    end
    call('ZREM', own .. 'leases', token)
  end
  table.sort(lost, function(a, b) return tonumber(a.id) > tonumber(b.id) end)
  for _, facts in ipairs(lost) do put_back(facts, true) end
  flush_claims()
  claims = {}
  return #lost
end

-- Notes a claim and returns its token. runs: { queue, step, count, scope } each; odd: text as above.
local function note_claim(envelopes, runs, odd, first, worker, deadline)
  local count = #envelopes
  local token = string.format('%.0f', call('INCR', own .. 'sequence'))
  local listed = {}
  local scopes, counts, limited = {}, {}, false
  for n, run in ipairs(runs) do
    listed[n] = run.step .. ' ' .. run.count .. ' ' .. run.queue .. '\n'
    scopes[n] = (run.scope or '') .. '\n'
    if run.scope then
      limited = true
      counts[run.scope] = (counts[run.scope] or 0) + run.count
    end
  end
  call('HSET', own .. 'claim:' .. token, 'state', string.rep('1', count), 'left', count, 'first', first, 'worker', worker,
    'runs', table.concat(listed), 'odd', odd, 'at', now)
  if limited then
    call('HSET', own .. 'claim:' .. token, 'scopes', table.concat(scopes))
    for scope, held in pairs(counts) do call('HSET', own .. 'held:' .. scope, token, held) end
  end
  for from = 1, count, MOST_AT_ONCE do
    call('RPUSH', own .. 'claimed:' .. token, unpack(envelopes, from, math.min(from + MOST_AT_ONCE - 1, count)))
  end
  call('ZADD', own .. 'leases', deadline, token)
  return token
end

local function next_due()
  local delayed, lease = earliest(own .. 'delayed'), earliest(own .. 'leases')
  if delayed and lease then return delayed < lease and delayed or lease end
  return delayed or lease or -1
end

local function is_revoked(envelope)
  local until_when = call('ZSCORE', own .. 'revoked', task_id(envelope))
  return until_when and tonumber(until_when) > now
end
