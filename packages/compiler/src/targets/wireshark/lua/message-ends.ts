/** Where messages end, in Lua. */
export const MESSAGE_ENDS: string = String.raw`
-- Where a message ends: a length and the name of a message, "more", or nil where no message can begin.

local function framed(tvb, at, least, most)
  local length = tvb(at, 4):int()
  if length < least or length > most then
    return nil
  end
  return 4 + length
end

local PLAN = {}

function PLAN.client(tvb, at, stream, to_server)
  local direction = stream[to_server]
  if to_server and direction.is_first and WORDS[tvb(at, 4):string()] then
    return 4, "word"
  end
  if to_server and stream.has_word then
    return tvb:len() - at, "argument"
  end
  local length = framed(tvb, at, to_server and 8 or 16, MAX_MESSAGE)
  if length == nil then
    return nil
  end
  if direction.is_first then
    if tvb:len() - at < 8 then
      return "more"
    end
    -- The protocol's version is 0, which no running number is.
    if tvb(at + 4, 4):int() == 0 and length >= 4 + 28 then
      return length, to_server and "connectRequest" or "connectResponse"
    end
    -- The capture begins later than the connection, so bytes inside of a message may look like a length.
    local code_at = to_server and 8 or 16
    if tvb:len() - at < code_at + 4 then
      return "more"
    end
    local code = tvb(at + code_at, 4):int()
    if (to_server and OPS or ERRORS)[code] == nil then
      return nil
    end
  end
  return length, to_server and "request" or "response"
end

local function authentication_length(tvb, at)
  local have = tvb:len() - at
  if tvb(at, 4):int() ~= AUTHENTICATION_HIGH then
    return false
  end
  if have < 16 then
    return "more"
  end
  if tvb(at + 4, 4):int() ~= AUTHENTICATION_LOW then
    return false
  end
  local token = tvb(at + 12, 4):int()
  if token < -1 or token > MAX_TOKEN then
    return nil
  end
  return 16 + math.max(token, 0)
end

-- The position after a length and that many bytes: nil where the length makes no sense, "more" where it is not there yet.
local function after_length(tvb, at, most)
  if tvb:len() < at + 4 then
    return "more"
  end
  local length = tvb(at, 4):int()
  if length < -1 or length > most then
    return nil
  end
  return at + 4 + math.max(length, 0)
end

local function after_lengths(tvb, at, count, most)
  for _ = 1, count do
    at = after_length(tvb, at, most)
    if type(at) ~= "number" then
      return at
    end
  end
  return at
end

local function packet_length(tvb, at)
  local type_code = tvb(at, 4):int()
  if type_code < 0 or type_code > 127 then
    return nil
  end
  local ids_at = after_length(tvb, at + 12, MAX_MESSAGE)
  if type(ids_at) ~= "number" then
    return ids_at
  end
  if tvb:len() < ids_at + 4 then
    return "more"
  end
  local ids = tvb(ids_at, 4):int()
  if ids < -1 or ids > MAX_IDS then
    return nil
  end
  local stop = after_lengths(tvb, ids_at + 4, 2 * math.max(ids, 0), MAX_ID)
  return type(stop) == "number" and stop - at or stop
end

local ELEMENT = {}

function ELEMENT.sessions(tvb, at)
  return tvb(at, 4):int() >= 0 and 4 or nil
end

ELEMENT.acls = ELEMENT.sessions

function ELEMENT.session()
  return 12
end

function ELEMENT.acl(tvb, at)
  if tvb:len() < at + 12 then
    return "more"
  end
  local count = tvb(at + 8, 4):int()
  if count < -1 or count > MAX_IDS then
    return nil
  end
  local stop = at + 12
  for _ = 1, count do
    stop = after_lengths(tvb, stop + 4, 2, MAX_ID)
    if type(stop) ~= "number" then
      return stop
    end
  end
  return stop - at
end

function ELEMENT.znode(tvb, at)
  local length = tvb(at, 4):int()
  if length == 1 then
    if tvb:len() < at + 5 then
      return "more"
    end
    -- The root's path is empty; a slash alone ends the znodes.
    if tvb(at + 4, 1):uint() == SLASH then
      return 5, "end"
    end
  end
  local stop = after_lengths(tvb, at, 2, MAX_MESSAGE)
  return type(stop) == "number" and stop + ZNODE_TAIL - at or stop
end

function ELEMENT.signature(tvb, at)
  return tvb(at, 4):int() == SIGNATURE_LENGTH and 4 + SIGNATURE_LENGTH or nil
end

function PLAN.quorum(tvb, at, stream, to_server)
  local snapshot = stream[to_server].snapshot
  if snapshot then
    local length, name = ELEMENT[snapshot.next](tvb, at)
    if length == nil then
      stream[to_server].snapshot = nil
    end
    return length, name or snapshot.next
  end
  local authentication = authentication_length(tvb, at)
  if authentication ~= false then
    return authentication, "authentication"
  end
  if stream[to_server].is_first and PACKETS[tvb(at, 4):int()] == nil then
    return nil
  end
  return packet_length(tvb, at), "packet"
end

function PLAN.election(tvb, at)
  local first = tvb(at, 4):int()
  if first == -1 or first == 0 then
    if tvb:len() < at + 8 then
      return "more"
    end
    local second = tvb(at + 4, 4):int()
    -- Servers before 3.5 sent an id alone.
    if first == 0 then
      return 8, "hello"
    end
    if second ~= -65536 and second ~= -65535 then
      return nil
    end
    local stop = after_length(tvb, at + 16, MAX_ADDRESSES)
    return type(stop) == "number" and stop - at or stop, "hello"
  end
  local authentication = authentication_length(tvb, at)
  if authentication ~= false then
    return authentication, "authentication"
  end
  return framed(tvb, at, 28, MAX_NOTIFICATION), "notification"
end
`;
