-- Removes up to 1,000 waiting messages of queue ARGV[4]; ARGV[5]: steps. Returns how many; less than 1,000: none is left.
local MOST = 1000
local queue, removed = ARGV[4], 0
local uniques = call('EXISTS', own .. 'uniques') == 1

local function forget(envelope)
  if not uniques then return end
  local task = task_id(envelope)
  local key = call('GET', own .. 'unique-of:' .. task)
  if key then free_unique(key, task) end
end

for step in string.gmatch(ARGV[5], '%d+') do
  local key = list_key(queue, step)
  local room = MOST - removed
  if room <= 0 then return removed end
  local got = call('LRANGE', key, -room, -1)
  call('LTRIM', key, 0, -room - 1)
  for _, envelope in ipairs(got) do forget(envelope) end
  removed = removed + #got
end
if tonumber(call('HGET', own .. 'delayed-counts', queue) or 0) > 0 then
  for _, id in ipairs(call('ZRANGE', own .. 'delayed', 0, -1)) do
    if removed >= MOST then return removed end
    local meta = call('HGET', own .. 'parked', id)
    if select(3, parked_facts(meta)) == queue then
      local envelope = take_delayed(id)
      if envelope then forget(envelope) end
      removed = removed + 1
    end
  end
end
return removed
