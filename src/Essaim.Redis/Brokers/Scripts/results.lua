-- Storing results as Celery's backend does: a ready state is final, and every write is announced under the key's own name.
local READY = { SUCCESS = true, FAILURE = true, REVOKED = true }

local function status_of(document)
  return string.match(document, '"status": ?"([^"]*)"')
end

-- Stores without announcing. False where a ready state is there.
local function set_result(key, ttl, document)
  local lasting = ttl == '0'
  local fresh
  if lasting then fresh = call('SET', key, document, 'NX') else fresh = call('SET', key, document, 'PX', ttl, 'NX') end
  if not fresh then
    local stored = call('GET', key)
    if stored and READY[status_of(stored)] then return false end
    if lasting then call('SET', key, document) else call('SET', key, document, 'PX', ttl) end
  end
  return true
end

local function store_result(key, ttl, document)
  local stored = set_result(key, ttl, document)
  if stored then call('PUBLISH', key, document) end
  return stored
end

-- Announces many where somebody listens. Listeners by pattern cannot be asked for, so where there are any, everything is announced.
-- channels: a pattern that lists all channels of results with listeners, which is best where they are few; '': ask for each key.
-- Returns how many were listed, or -1.
local function announce_results(keys, documents, channels)
  if #keys == 0 then return -1 end
  if #keys < 3 or call('PUBSUB', 'NUMPAT') > 0 then
    for n, key in ipairs(keys) do call('PUBLISH', key, documents[n]) end
    return -1
  end
  if channels == '' then
    local listeners = call('PUBSUB', 'NUMSUB', unpack(keys))
    for n = 1, #keys do
      if listeners[2 * n] > 0 then call('PUBLISH', keys[n], documents[n]) end
    end
    return -1
  end
  local listed = call('PUBSUB', 'CHANNELS', channels)
  if #listed > 0 then
    local wanted = {}
    for _, channel in ipairs(listed) do wanted[channel] = true end
    for n, key in ipairs(keys) do
      if wanted[key] then call('PUBLISH', key, documents[n]) end
    end
  end
  return #listed
end
