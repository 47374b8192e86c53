-- Puts piece ARGV[5] of the draft ARGV[4]; the draft lives ARGV[7] ms from now on.
local draft = own .. 'blob-draft:' .. ARGV[4]
call('HSET', draft, ARGV[5], ARGV[6])
call('PEXPIRE', draft, ARGV[7])
