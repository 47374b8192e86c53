-- Publishing, as part of a larger step. run_publish(i) does the operations from ARGV[i] on and returns the index after them.
--   ARGV[i]      number of operations
--   L queue step count envelope...        ready messages of one list, in order
--   D queue step due envelope             one delayed message
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
