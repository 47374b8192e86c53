-- Adds the last piece (number ARGV[6], bytes ARGV[7]) to the draft ARGV[5] and makes it the blob ARGV[4] of ARGV[8] bytes, kept for ARGV[9] ms.
-- Where the blob is there, it stays. Returns 0 where pieces of the draft are gone.
local key, draft = own .. 'blob:' .. ARGV[4], own .. 'blob-draft:' .. ARGV[5]
local keep = tonumber(ARGV[9])
if call('EXISTS', key) == 1 then
  call('UNLINK', draft)
  if call('PTTL', key) < keep then call('PEXPIRE', key, keep) end
  return 1
end
if call('HLEN', draft) ~= tonumber(ARGV[6]) then
  call('UNLINK', draft)
  return 0
end
call('HSET', draft, ARGV[6], ARGV[7], 'size', ARGV[8])
call('PEXPIRE', draft, keep)
call('RENAME', draft, key)
return 1
