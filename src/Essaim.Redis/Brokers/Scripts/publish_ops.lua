-- Publishing, as part of a larger step. run_publish(i) does the operations from ARGV[i] on and returns the index after them.
--   ARGV[i]      number of operations
--   L queue step count envelope...        ready messages of one list, in order
--   D queue step due envelope             one delayed message
--   F queue step due envelope             one that keeps its place: to the front when due ('0': at once)
--   X exchange routing-key step channel queue envelope    by the bindings of an exchange; to queue where nothing is bound
--   U key task ttl                        the next operation only if the unique key is free or its own; its outcome is noted
--   C group-key size ttl saved            a chord's size, and the saved structure of its group ('': none)
local unique_outcomes = {}

local function take_unique(key, task, ttl)
  local name = own .. 'unique:' .. key
  if not call('SET', name, task, 'PX', ttl, 'NX') then
    local holder = call('GET', name)
    if holder ~= task then return holder end
    call('PEXPIRE', name, ttl)
  end
  call('SET', own .. 'unique-of:' .. task, key, 'PX', ttl)
  local gate = own .. 'uniques'
  if tonumber(ttl) > call('PTTL', gate) then call('SET', gate, '1', 'PX', ttl) end
  return ''
end

local function free_unique(key, task)
  local name = own .. 'unique:' .. key
  if call('GET', name) == task then
    call('DEL', name)
    call('DEL', own .. 'unique-of:' .. task)
  end
end

local function push_ready(queue, step, first, count)
  local key = list_key(queue, step)
  local length
  for from = first, first + count - 1, MOST_AT_ONCE do
    length = call('LPUSH', key, unpack(ARGV, from, math.min(from + MOST_AT_ONCE, first + count) - 1))
  end
  -- Where something waited before, whoever takes it rings for the rest.
  if length == count then
    declare(queue)
    ring(queue)
  end
end

-- AMQP's topics: words between dots; * is one of them, # any number.
local function fits_topic(pattern, key)
  local wanted, words = {}, {}
  for word in string.gmatch(pattern, '[^.]+') do wanted[#wanted + 1] = word end
  for word in string.gmatch(key, '[^.]+') do words[#words + 1] = word end
  local function fits(w, k)
    if w > #wanted then return k > #words end
    if wanted[w] == '#' then
      for from = k, #words + 1 do
        if fits(w + 1, from) then return true end
      end
      return false
    end
    return k <= #words and (wanted[w] == '*' or wanted[w] == words[k]) and fits(w + 1, k + 1)
  end
  return fits(1, 1)
end

-- One message by the bindings kombu keeps: routing key, pattern (topics have one), queue. Every copy has a delivery tag of its own.
local function publish_to_exchange(exchange, key, step, channel, queue, envelope)
  local targets = {}
  for _, member in ipairs(call('SMEMBERS', global .. '_kombu.binding.' .. exchange)) do
    local bound, pattern, target = string.match(member, '^(.-)\6\22(.-)\6\22(.*)$')
    if target and string.sub(target, 1, 6) == 'bcast.' then
      -- Broadcast queues are channels.
      call('PUBLISH', key == '' and channel or channel .. '/' .. key, envelope)
      return
    end
    if target and (bound == key or (pattern ~= '' and fits_topic(bound, key))) then targets[#targets + 1] = target end
  end
  if #targets == 0 then targets[1] = queue end
  for n, target in ipairs(targets) do
    local copy = n == 1 and envelope
      or string.gsub(envelope, '("delivery_tag": ?"[^"]*)"', function(tag) return tag .. '-' .. n .. '"' end, 1)
    if call('LPUSH', list_key(target, step), copy) == 1 then ring(target) end
    call('SADD', own .. 'queues', target)
  end
end

local function run_publish(i)
  local operations = tonumber(ARGV[i])
  i = i + 1
  local skip = false
  for _ = 1, operations do
    local kind = ARGV[i]
    if kind == 'L' then
      local count = tonumber(ARGV[i + 3])
      if not skip then push_ready(ARGV[i + 1], ARGV[i + 2], i + 4, count) end
      skip = false
      i = i + 4 + count
    elseif kind == 'D' then
      local due = tonumber(ARGV[i + 3])
      if skip then skip = false
      elseif due <= now then push_ready(ARGV[i + 1], ARGV[i + 2], i + 4, 1)
      else delay(string.format('%.0f', call('INCR', own .. 'sequence')), due, ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]) end
      i = i + 5
    elseif kind == 'F' then
      local due = tonumber(ARGV[i + 3])
      if skip then skip = false
      elseif due <= now then put_first(ARGV[i + 1], ARGV[i + 2], ARGV[i + 4])
      else delay(string.format('%.0f', call('INCR', own .. 'sequence')), due, ARGV[i + 1], ARGV[i + 2], ARGV[i + 4], true) end
      i = i + 5
    elseif kind == 'X' then
      if not skip then publish_to_exchange(unpack(ARGV, i + 1, i + 6)) end
      skip = false
      i = i + 7
    elseif kind == 'U' then
      local holder = take_unique(ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
      unique_outcomes[#unique_outcomes + 1] = holder
      skip = holder ~= ''
      i = i + 4
    else
      call('SET', ARGV[i + 1] .. '.s', ARGV[i + 2], 'PX', ARGV[i + 3], 'NX')
      if ARGV[i + 4] ~= '' then call('SET', ARGV[i + 1], ARGV[i + 4], 'PX', ARGV[i + 3]) end
      i = i + 5
    end
  end
  return i
end
