-- Puts dead letter ARGV[4] back at the end of its queue and forgets its task's result; ARGV[5]: what result keys begin with.
local packed = call('HGET', own .. 'dead', ARGV[4])
if not packed then return 0 end
local letter = cmsgpack.unpack(packed)
call('HDEL', own .. 'dead', ARGV[4])
call('ZREM', own .. 'dead-order', ARGV[4])
call('HINCRBY', own .. 'dead-counts', letter[2], -1)
local id = task_id(letter[1])
if id ~= '' then call('DEL', ARGV[5] .. id) end
put_last(letter[2], letter[3], letter[1])
return 1
