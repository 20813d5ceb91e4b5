/** Dissection message by message, and how Wireshark comes to it, in Lua. */
export const DISSECTION: string = String.raw`
-- What Wireshark calls.

local function plan_key(pinfo, position)
  return pinfo.number .. ":" .. position
end

-- Says how long the message at at is. 0: that cannot be known yet.
local function plan_at(tvb, pinfo, at)
  local key = plan_key(pinfo, tvb:offset() + at)
  local known = plans[key]
  if pinfo.visited and known then
    return known.length
  end
  local stream = stream_of_frame[pinfo.number]
  local to_server = pinfo.dst_port == stream.server_port
  local is_planned, length, name = pcall(PLAN[stream.protocol], tvb, at, stream, to_server)
  if not is_planned then
    length, name = nil, nil
  end
  if length == "more" then
    length = 0
    if pinfo.can_desegment <= 0 then
      length, name = tvb:len() - at, "cut"
    end
  elseif length == nil then
    length, name = tvb:len() - at, "unknown"
  end
  plans[key] = { length = length, name = name }
  return length
end

function MESSAGES.cut(m)
  add_kind(m, "fault", "fault")
  fail("the message is not whole")
end

function MESSAGES.unknown(m)
  add_kind(m, "fault", "fault")
  fail("no message of ZooKeeper begins like this")
end

-- What is shown where no message can be.
local MESSAGES_OF_NOTHING = { cut = true, unknown = true }

local function show(m)
  local text = m.kind or "ZooKeeper"
  if m.name and m.name ~= m.kind then
    text = text .. " " .. m.name
  end
  local info = text
  if m.info and m.info ~= "" then
    info = info .. " " .. m.info
  end
  if m.r.path then
    info = info .. " " .. m.r.path
  end
  m.tree:append_text(", " .. info)
  m.pinfo.cols.info:append((m.stream.is_shown == m.pinfo.number and "; " or "") .. info)
  m.pinfo.cols.info:fence()
  m.stream.is_shown = m.pinfo.number
end

local function show_message(tvb, pinfo, tree, plan, stream)
  local to_server = pinfo.dst_port == stream.server_port
  local item = tree:add(zookeeper, tvb(0, tvb:len()))
  local m = {
    r = reader_of(tvb, 0, tvb:len()),
    pinfo = pinfo,
    tree = item,
    stream = stream,
    to_server = to_server,
    plan = plan,
    first_visit = not pinfo.visited,
  }
  generated(item:add(f.length, tvb:len()))
  local is_read, problem = pcall(MESSAGES[plan.name], m)
  if is_read and left(m.r) > 0 then
    is_read, problem = false, { malformed = left(m.r) .. " bytes follow the message" }
  end
  if m.kind == nil then
    add_kind(m, "fault", "fault")
  end
  if m.first_visit then
    stream[to_server].is_first = stream[to_server].is_first and MESSAGES_OF_NOTHING[plan.name] or false
    if plan.name == "word" then
      stream.has_word = true
    end
  end
  if not is_read then
    local text = type(problem) == "table" and problem.malformed or tostring(problem)
    if m.r.at < m.r.stop then
      item:add(f.undecoded, tvb(m.r.at, m.r.stop - m.r.at))
    end
    item:add_proto_expert_info(malformed, text)
  end
  show(m)
end

local function dissect_message(tvb, pinfo, tree)
  local plan = plans[plan_key(pinfo, tvb:offset())] or { name = "unknown" }
  show_message(tvb, pinfo, tree, plan, stream_of_frame[pinfo.number])
  return tvb:len()
end

-- Of a packet that the capture has cut, TCP puts nothing together: what is there is shown as far as it goes.
local function dissect_cut_packet(tvb, pinfo, tree)
  local at, stop = 0, tvb:len()
  while at < stop do
    local length = stop - at >= 4 and plan_at(tvb, pinfo, at) or 0
    local plan = length > 0 and plans[plan_key(pinfo, tvb:offset() + at)] or { name = "cut" }
    length = math.min(length > 0 and length or stop - at, stop - at)
    show_message(tvb(at, length):tvb(), pinfo, tree, plan, stream_of_frame[pinfo.number])
    at = at + length
  end
end

function zookeeper.dissector(tvb, pinfo, tree)
  if tvb:len() == 0 then
    return 0
  end
  local stream = stream_for(tvb, pinfo)
  if stream == nil then
    return 0
  end
  if stream.is_tls then
    return Dissector.get("tls"):call(tvb, pinfo, tree)
  end
  pinfo.cols.protocol = "ZooKeeper"
  if stream.is_shown ~= pinfo.number then
    pinfo.cols.info:clear()
  end
  local to_server = pinfo.dst_port == stream.server_port
  if stream.has_word and not to_server then
    show_message(tvb, pinfo, tree, { name = "answer" }, stream)
    return tvb:len()
  end
  if tvb:captured_len() < tvb:reported_len() then
    dissect_cut_packet(tvb, pinfo, tree)
  else
    dissect_tcp_pdus(tvb, tree, 4, plan_at, dissect_message, true)
  end
  return tvb:len()
end

zookeeper:register_heuristic("tcp", function(tvb, pinfo, tree)
  if not zookeeper.prefs.recognize then
    return false
  end
  if streams[ends_of(pinfo)] == nil then
    local protocol = recognized(tvb)
    if protocol == nil then
      return false
    end
    open_stream(pinfo, protocol, pinfo.dst_port, false)
  end
  pinfo.conversation = zookeeper
  zookeeper.dissector(tvb, pinfo, tree)
  return true
end)

local tcp_ports = DissectorTable.get("tcp.port")
local registered = {}

local function ports_in(range)
  local list = {}
  for first, last in tostring(range):gmatch("(%d+)%-?(%d*)") do
    first = tonumber(first)
    for port = first, math.min(tonumber(last) or first, 65535) do
      list[#list + 1] = port
    end
  end
  return list
end

local function register_ports()
  for port in pairs(registered) do
    tcp_ports:remove(port, zookeeper)
  end
  registered, ports = {}, {}
  for protocol, range in pairs({
    client = zookeeper.prefs.client_ports,
    quorum = zookeeper.prefs.quorum_ports,
    election = zookeeper.prefs.election_ports,
  }) do
    for _, port in ipairs(ports_in(range)) do
      ports[port] = protocol
      if port > 0 and not registered[port] then
        tcp_ports:add(port, zookeeper)
        registered[port] = true
      end
    end
  end
end

function zookeeper.prefs_changed()
  register_ports()
end

register_ports()
`;
