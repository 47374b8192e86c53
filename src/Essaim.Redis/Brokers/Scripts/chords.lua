-- Chords: parts are counted in Celery's own keys, so that parts of Python and of .NET workers count alike, and the last part releases the
-- body or fails it, in the same step.

-- The index of the last character of the JSON value that begins at or after i.
local function json_end(text, i)
  i = string.find(text, '%S', i)
  local first = string.sub(text, i, i)
  if first == '"' then
    while true do
      i = string.find(text, '["\\]', i + 1)
      if string.sub(text, i, i) == '"' then return i end
      i = i + 1
    end
  end
  if first ~= '[' and first ~= '{' then return (string.find(text, '[%s,%]}]', i) or #text + 1) - 1 end
  local depth = 0
  while true do
    i = string.find(text, '[%[%]{}"]', i)
    local c = string.sub(text, i, i)
    if c == '"' then i = json_end(text, i)
    elseif c == '[' or c == '{' then depth = depth + 1
    else
      depth = depth - 1
      if depth == 0 then return i end
    end
    i = i + 1
  end
end

-- The elements of a JSON list as raw text.
local function json_items(text)
  local items, i = {}, 2
  while true do
    i = string.find(text, '[^%s,]', i)
    if not i or string.sub(text, i, i) == ']' then return items end
    local last = json_end(text, i)
    items[#items + 1] = string.sub(text, i, last)
    i = last + 1
  end
end

-- The raw value of a member of a JSON object, or nil.
local function json_member(text, name)
  local i = 2
  while true do
    i = string.find(text, '"', i, true)
    if not i then return nil end
    local name_end = json_end(text, i)
    local key = string.sub(text, i + 1, name_end - 1)
    local from = string.find(text, '[^%s:]', name_end + 1)
    local last = json_end(text, from)
    if key == name then return string.sub(text, from, last) end
    i = last + 1
  end
end

local function json_text(raw)
  return cjson.decode('[' .. raw .. ']')[1]
end

-- Python's repr of a JSON value.
local function repr(raw)
  local first = string.sub(raw, 1, 1)
  if raw == 'true' then return 'True' elseif raw == 'false' then return 'False' elseif raw == 'null' then return 'None' end
  if first == '"' then
    local text = json_text(raw)
    local quote = (string.find(text, "'", 1, true) and not string.find(text, '"', 1, true)) and '"' or "'"
    text = string.gsub(text, '\\', '\\\\')
    if quote == "'" then text = string.gsub(text, "'", "\\'") end
    text = string.gsub(string.gsub(string.gsub(text, '\n', '\\n'), '\r', '\\r'), '\t', '\\t')
    text = string.gsub(text, '[%z\1-\31\127]', function(c) return string.format('\\x%02x', string.byte(c)) end)
    return quote .. text .. quote
  elseif first == '[' then
    local shown = {}
    for n, item in ipairs(json_items(raw)) do shown[n] = repr(item) end
    return '[' .. table.concat(shown, ', ') .. ']'
  elseif first == '{' then
    local shown, i = {}, 2
    while true do
      i = string.find(raw, '"', i, true)
      if not i then break end
      local name_end = json_end(raw, i)
      local from = string.find(raw, '[^%s:]', name_end + 1)
      local last = json_end(raw, from)
      shown[#shown + 1] = repr(string.sub(raw, i, name_end)) .. ': ' .. repr(string.sub(raw, from, last))
      i = last + 1
    end
    return '{' .. table.concat(shown, ', ') .. '}'
  end
  return raw
end

local function repr_error(raw)
  local ok, shown = pcall(function()
    local kind = json_text(json_member(raw, 'exc_type'))
    local message = json_member(raw, 'exc_message') or '[]'
    local arguments = {}
    for n, item in ipairs(string.sub(message, 1, 1) == '[' and json_items(message) or { message }) do arguments[n] = repr(item) end
    return kind .. '(' .. table.concat(arguments, ', ') .. ')'
  end)
  if ok then return shown end
  local plain, text = pcall(repr, raw)
  return plain and text or raw
end

local ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
local PAIRS

-- Base64, two characters from twelve bits at a time.
local function base64(text)
  if not PAIRS then
    PAIRS = {}
    for high = 0, 63 do
      for low = 0, 63 do
        PAIRS[high * 64 + low] = string.sub(ALPHABET, high + 1, high + 1) .. string.sub(ALPHABET, low + 1, low + 1)
      end
    end
  end
  local out, n, byte, floor = {}, 0, string.byte, math.floor
  for i = 1, #text - 2, 3 do
    local a, b, c = byte(text, i, i + 2)
    local high = a * 16 + floor(b / 16)
    out[n + 1], out[n + 2] = PAIRS[high], PAIRS[(b % 16) * 256 + c]
    n = n + 2
  end
  local left = #text % 3
  if left == 1 then
    local a = byte(text, #text)
    out[n + 1] = PAIRS[a * 16] .. '=='
  elseif left == 2 then
    local a, b = byte(text, #text - 1, #text)
    local low = (b % 16) * 4 + 1
    out[n + 1] = PAIRS[a * 16 + floor(b / 16)] .. string.sub(ALPHABET, low, low) .. '='
  end
  return table.concat(out)
end

-- The results of a saved group, in its structure; each from its task's own key. The second value names the first task that failed.
local function results_of(node, meta)
  local members = node[2]
  if members == cjson.null or members == nil then
    local id = node[1][1]
    local document = call('GET', meta .. id)
    local status = document and status_of(document)
    -- A producer that counted wrongly: a result that is not there is not null.
    if not status or not READY[status] then
      return nil, id, '{"exc_type": "RuntimeError", "exc_message": ["its result is not there, though its chord is complete"]}'
    end
    local result = json_member(document, 'result') or 'null'
    if status ~= 'SUCCESS' then return nil, id, result end
    return result
  end
  local results = {}
  for n, member in ipairs(members) do
    local value, failed, problem = results_of(member, meta)
    if not value then return nil, failed, problem end
    results[n] = value
  end
  return '[' .. table.concat(results, ',') .. ']'
end

-- All results of a complete chord as a list, or the part that failed and its error.
local function gather(key)
  local saved = call('GET', key)
  if saved then
    local ok, structure = pcall(cjson.decode, saved)
    if ok and type(structure) == 'table' and type(structure.result) == 'table' then
      local meta = string.gsub(key, 'celery%-taskset%-meta%-.*$', 'celery-task-meta-')
      local list, failed, problem = results_of(structure.result, meta)
      if not list then return nil, failed, problem end
      return string.sub(list, 2, -2)
    end
  end
  local results = {}
  for n, member in ipairs(call('ZRANGE', key .. '.j', 0, -1)) do
    local part = json_items(member)
    if json_text(part[3]) ~= 'SUCCESS' then return nil, json_text(part[2]), part[4] end
    results[n] = part[4]
  end
  return table.concat(results, ',')
end

local function is_counted(key, score, id)
  for _, member in ipairs(call('ZRANGEBYSCORE', key .. '.j', score, score)) do
    if json_text(json_items(member)[2]) == id then return true end
  end
  return false
end

-- Operation H. ARGV[i] on:
--   group-key index id state result ttl                         the part
--   queue step due('': at once) key('': none) key-task key-ttl  where the body goes
--   head prefix suffix tail ignores-results                     the body
--   skip                                                        how many arguments follow for the case that the body fails:
--     count, then key ttl head tail for each result to write; completion; publication; 1 and the outer part, or 0
-- A failure from within (an outer part) comes with its error as `problem`. Returns the index after the part.
local completions = {}

local function count_part(i, problem)
  local key, index, id, state, result, ttl = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  if problem then state, result = 'FAILURE', problem end
  local failure = i + 18
  local after = failure + tonumber(ARGV[i + 17])
  local score = index == '' and '+inf' or index
  if is_counted(key, score, id) then return after end
  call('ZADD', key .. '.j', score, '[1, ' .. cjson.encode(id) .. ', "' .. state .. '", ' .. result .. ']')
  local count = call('ZCARD', key .. '.j')
  local size = call('GET', key .. '.s')
  local added = call('GET', key .. '.t')
  for _, suffix in ipairs({ '.j', '.t', '.s' }) do call('PEXPIRE', key .. suffix, ttl) end
  if not size or count ~= tonumber(size) + (tonumber(added or 0) or 0) then return after end

  local results, failed, why = gather(key)
  if results then
    call('DEL', key .. '.j', key .. '.t', key .. '.s')
    local body = ARGV[i + 13] .. (ARGV[i + 16] == '1' and '' or results) .. ARGV[i + 14]
    local envelope = ARGV[i + 12] .. base64(body) .. ARGV[i + 15]
    if ARGV[i + 9] ~= '' and take_unique(ARGV[i + 9], ARGV[i + 10], ARGV[i + 11]) ~= '' then return after end
    local due = tonumber(ARGV[i + 8])
    if due and due > now then delay(string.format('%.0f', call('INCR', own .. 'sequence')), due, ARGV[i + 6], ARGV[i + 7], envelope)
    else put_last(ARGV[i + 6], ARGV[i + 7], envelope) end
    return after
  end

  -- Once: a chord that has failed is not complete a second time.
  call('DEL', key .. '.s')
  local text = cjson.encode('Dependency ' .. failed .. ' raised ' .. repr_error(why))
  local problem_json = '{"exc_type": "ChordError", "exc_message": [' .. text .. '], "exc_module": "celery.exceptions"}'
  local writes = tonumber(ARGV[failure])
  local at = failure + 1
  for _ = 1, writes do
    store_result(ARGV[at], ARGV[at + 1], ARGV[at + 2] .. problem_json .. ARGV[at + 3])
    at = at + 4
  end
  if ARGV[at] ~= '' then completions[#completions + 1] = ARGV[at] end
  at = run_publish(at + 1)
  if ARGV[at] == '1' then count_part(at + 1, problem_json) end
  return after
end
