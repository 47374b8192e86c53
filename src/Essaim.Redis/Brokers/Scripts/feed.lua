-- Completions after position ARGV[4], ARGV[5] of them or more if there are so many: the position before the first, then entries of one or
-- more lines each.
local after, most = tonumber(ARGV[4]), tonumber(ARGV[5])
local got, lines = { '' }, 0
local from = string.format('%.0f', after + 1)
while lines < most do
  local entries = call('XRANGE', own .. 'completions', from, '+', 'COUNT', 16)
  for _, entry in ipairs(entries) do
    local position, count = tonumber(string.match(entry[1], '^%d+')), tonumber(entry[2][2]) or 1
    if lines == 0 then got[1] = string.format('%.0f', position - count) end
    got[#got + 1] = entry[2][4] or ''
    lines = lines + count
    from = string.format('%.0f', position + 1)
    if lines >= most then break end
  end
  if #entries < 16 then break end
end
return got
