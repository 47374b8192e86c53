-- Adds to the log of task ARGV[4] if its mark is ARGV[5] ('' where there is none), notes ARGV[6] and keeps all for ARGV[7] ms. Pieces follow:
-- source, time in ms, bytes. An entry's id is where its piece ends. Returns the mark there is now; '' where there is none.
local state, log = own .. 'log-state:' .. ARGV[4], own .. 'log:' .. ARGV[4]
local got = call('HMGET', state, 'mark', 'length')
local mark = got[1] or ''
if mark ~= ARGV[6] then
  if mark ~= ARGV[5] then return mark end
  if mark == '' then call('DEL', log) end
  local length = tonumber(got[2] or 0)
  for i = 8, #ARGV, 3 do
    length = length + #ARGV[i + 2]
    call('XADD', log, string.format('%.0f-0', length), 's', ARGV[i], 't', ARGV[i + 1], 'b', ARGV[i + 2])
  end
  call('HSET', state, 'length', string.format('%.0f', length), 'mark', ARGV[6])
end
call('PEXPIRE', state, ARGV[7])
call('PEXPIRE', log, ARGV[7])
return ARGV[6]
