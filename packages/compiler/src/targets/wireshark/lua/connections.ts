/** Connections and what they carry, in Lua. */
export const CONNECTIONS: string = String.raw`
-- Connections: what each speaks, and where its messages end.

zookeeper.prefs.client_ports = Pref.range("Client ports", "2181", "TCP ports on which servers speak to clients", 65535)
zookeeper.prefs.quorum_ports = Pref.range("Quorum ports", "2888", "TCP ports on which a leader speaks to its learners", 65535)
zookeeper.prefs.election_ports = Pref.range("Election ports", "3888", "TCP ports on which servers hold elections", 65535)
zookeeper.prefs.recognize = Pref.bool("Recognize other ports", true, "Look for ZooKeeper in the first bytes of connections on other ports")

-- By ends: what is known of the connection that is open between them. Filled when frames are seen first; later visits
-- only look. Not by tcp.stream, which a first pass without a tree does not tell.
local streams = {}
-- By frame: the connection that it belongs to.
local stream_of_frame = {}
-- By frame and position: the length of the message there, and what it is.
local plans = {}
-- By port: "client", "quorum" or "election".
local ports = {}

function zookeeper.init()
  streams = {}
  stream_of_frame = {}
  plans = {}
end

local function is_tls(tvb)
  local head = tvb(0, 3)
  local type, major, minor = head(0, 1):uint(), head(1, 1):uint(), head(2, 1):uint()
  return type >= 0x14 and type <= 0x17 and major == 3 and minor <= 4
end

-- What the first bytes of the side that opens a connection say.
local function recognized(tvb)
  local length = tvb:len()
  if length == 4 and WORDS[tvb(0, 4):string()] then
    return "client"
  end
  if length < 12 then
    return nil
  end
  local first, second, third = tvb(0, 4):int(), tvb(4, 4):int(), tvb(8, 4):int()
  if first == -1 and (second == -65536 or second == -65535) then
    return "election"
  end
  if (first == FOLLOWERINFO or first == OBSERVERINFO) and third == 0 and length >= 20 then
    return "quorum"
  end
  if first == AUTHENTICATION_HIGH and second == AUTHENTICATION_LOW then
    return "quorum"
  end
  -- A ConnectRequest: its length, and version 0.
  local is_whole = length == 4 + first or length == 5 + first
  if first >= 28 and first <= 1024 and second == 0 and is_whole then
    return "client"
  end
  return nil
end

local function ends_of(pinfo)
  local source = tostring(pinfo.src) .. " " .. pinfo.src_port
  local destination = tostring(pinfo.dst) .. " " .. pinfo.dst_port
  return source < destination and source .. " " .. destination or destination .. " " .. source
end

local function open_stream(pinfo, protocol, server_port, is_tls_stream)
  local stream = {
    protocol = protocol,
    server_port = server_port,
    is_tls = is_tls_stream,
    pending = {},
    proposals = {},
    -- By whether it goes to the server.
    [true] = { is_first = true },
    [false] = { is_first = true },
  }
  streams[ends_of(pinfo)] = stream
  stream_of_frame[pinfo.number] = stream
  return stream
end

-- Whether these bytes open another connection between the same ends.
local function is_reopened(stream, tvb, pinfo)
  return pinfo.dst_port == stream.server_port
    and not stream[true].is_first
    and not stream.is_tls
    and recognized(tvb) == stream.protocol
end

-- The connection of a frame; nil where it is not one of ZooKeeper's.
local function stream_for(tvb, pinfo)
  local known = stream_of_frame[pinfo.number]
  if known ~= nil then
    return known
  end
  local stream = streams[ends_of(pinfo)]
  if stream ~= nil and not is_reopened(stream, tvb, pinfo) then
    stream_of_frame[pinfo.number] = stream
    return stream
  end
  if stream ~= nil then
    return open_stream(pinfo, stream.protocol, stream.server_port, false)
  end
  local server_port = ports[pinfo.dst_port] and pinfo.dst_port or pinfo.src_port
  local protocol = ports[server_port]
  if protocol == nil then
    protocol, server_port = recognized(tvb), pinfo.dst_port
  end
  if protocol == nil then
    return nil
  end
  return open_stream(pinfo, protocol, server_port, tvb:len() >= 3 and is_tls(tvb))
end
`;
