-- Records step ARGV[5] of task ARGV[4] unless it is there; all are kept for ARGV[7] ms from now. Returns what is recorded.
local key = own .. 'steps:' .. ARGV[4]
call('HSETNX', key, ARGV[5], ARGV[6])
call('PEXPIRE', key, ARGV[7])
return call('HGET', key, ARGV[5])
