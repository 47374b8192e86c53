-- Finds a version of a function: {version, document}, {} where there is none, {'several'} where more than one begins so.
-- ARGV[4] on: key of the function, beginning of the version ('' for the latest).
local start = ARGV[5]
local version = start
if start == '' then
  version = redis.call('HGET', ARGV[4], 'latest')
elseif #start < 64 then
  version = nil
  for _, known in ipairs(redis.call('HKEYS', ARGV[4])) do
    if known ~= 'latest' and string.sub(known, 1, #start) == start then
      if version then return {'several'} end
      version = known
    end
  end
end
local document = version and redis.call('HGET', ARGV[4], version)
if not document then return {} end
return {version, document}
