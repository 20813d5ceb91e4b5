/** Messages between clients and servers, in Lua. */
export const CLIENT_MESSAGES: string = String.raw`
-- Messages between clients and servers.

local function op_name(op)
  return OPS[op] or "op " .. op
end

local function add_kind(m, kind, name)
  m.kind, m.name = kind, name
  generated(add(m.r, m.tree, f.kind, kind))
  generated(add(m.r, m.tree, f.name, name))
end

local function parts(r, tree, records, fail_text)
  for index = 0, MAX_PARTS do
    local header = read_record(r, tree, RECORDS[MULTI_HEADER], "[" .. index .. "]")
    if header.done then
      return
    end
    local record = records[header.type]
    if record == nil then
      fail(string.format(fail_text, header.type))
    elseif record then
      read_record(r, tree, RECORDS[record], op_name(header.type))
    end
  end
  fail("a multi of more than " .. MAX_PARTS .. " parts")
end

local function request_body(r, tree, op)
  if OPERATIONS[op] then
    return parts(r, tree, OPERATIONS[op], "op code %d has no meaning in a multi")
  end
  local record = REQUESTS[op]
  if record then
    read_record(r, tree, RECORDS[record])
  elseif record == nil and not (op == CREATE_SESSION and left(r) == 0) then
    fail("op code " .. op .. " has no meaning in a request")
  end
end

local function response_body(r, tree, op)
  if RESULTS[op] then
    return parts(r, tree, RESULTS[op], "op code %d has no meaning in the response of a multi")
  end
  local record = RESPONSES[op]
  if record then
    read_record(r, tree, RECORDS[record])
  elseif record == nil then
    rest(r, tree, "of an op whose response is unknown")
  end
end

-- The time since another message, and where that is.
local function add_match(m, field, other)
  generated(add(m.r, m.tree, field, other.frame))
  local seconds = math.max(0, other.time and m.pinfo.rel_ts - other.time or 0)
  local whole = math.floor(seconds)
  local nanos = math.floor((seconds - whole) * 1e9 + 0.5)
  generated(add(m.r, m.tree, f.time, NSTime.new(whole, nanos)))
end

local function remember(m, xid, request)
  local waiting = m.stream.pending[xid]
  if waiting == nil then
    waiting = { first = 1, last = 0 }
    m.stream.pending[xid] = waiting
  end
  waiting.last = waiting.last + 1
  waiting[waiting.last] = request
end

local function recall(m, xid)
  local waiting = m.stream.pending[xid]
  if waiting == nil then
    return nil
  end
  local request = waiting[waiting.first]
  waiting[waiting.first] = nil
  waiting.first = waiting.first + 1
  if waiting.first > waiting.last then
    m.stream.pending[xid] = nil
  end
  return request
end

local MESSAGES = {}

function MESSAGES.connectRequest(m)
  add_kind(m, "connectRequest", "connect")
  take_int(m.r, m.tree, f.frame, "the frame")
  local record = read_record(m.r, m.tree, RECORDS[CONNECT_REQUEST])
  m.info = record.sessionId and "session=" .. hex(record.sessionId)
  if m.first_visit then
    m.plan.request = { frame = m.pinfo.number, time = m.pinfo.rel_ts }
    m.stream.connect = m.plan.request
  end
  if m.plan.request.response_in then
    generated(add(m.r, m.tree, f.response_in, m.plan.request.response_in))
  end
end

function MESSAGES.connectResponse(m)
  add_kind(m, "connectResponse", "connect")
  take_int(m.r, m.tree, f.frame, "the frame")
  local record = read_record(m.r, m.tree, RECORDS[CONNECT_RESPONSE])
  m.info = record.sessionId and "session=" .. hex(record.sessionId)
  if m.first_visit and m.stream.connect then
    m.plan.request = m.stream.connect
    m.plan.request.response_in = m.pinfo.number
  end
  if m.plan.request then
    add_match(m, f.request_in, m.plan.request)
  end
end

function MESSAGES.request(m)
  take_int(m.r, m.tree, f.frame, "the frame")
  local header = read_record(m.r, m.tree, RECORDS[REQUEST_HEADER])
  local op = header.type
  add_kind(m, "request", op_name(op))
  m.info = "xid=" .. header.xid
  if m.first_visit then
    m.plan.request = { op = op, frame = m.pinfo.number, time = m.pinfo.rel_ts }
    remember(m, header.xid, m.plan.request)
  end
  if m.plan.request.response_in then
    generated(add(m.r, m.tree, f.response_in, m.plan.request.response_in))
  end
  request_body(m.r, m.tree, op)
  m.plan.request.path = m.r.path
end

function MESSAGES.response(m)
  take_int(m.r, m.tree, f.frame, "the frame")
  local header = read_record(m.r, m.tree, RECORDS[REPLY_HEADER])
  if header.xid == NOTIFICATION_XID then
    add_kind(m, "event", "event")
    local event = read_record(m.r, m.tree, RECORDS[WATCHER_EVENT])
    m.info = EVENTS[event.type] or "type " .. event.type
    return
  end
  if m.first_visit then
    m.plan.request = recall(m, header.xid)
    if m.plan.request then
      m.plan.request.response_in = m.pinfo.number
    end
  end
  local request = m.plan.request
  local op = request and request.op or OPS_BY_XID[header.xid]
  add_kind(m, "response", op and op_name(op) or "response")
  m.info = "xid=" .. header.xid
  if request then
    add_match(m, f.request_in, request)
    if request.path then
      generated(add(m.r, m.tree, f.request_path, request.path))
    end
    m.r.path = request.path
  end
  if header.err ~= 0 then
    m.info = m.info .. " " .. (ERRORS[header.err] or "error " .. header.err)
    rest(m.r, m.tree, "after an error")
  elseif op == nil then
    rest(m.r, m.tree, "of a request that was not seen")
  else
    response_body(m.r, m.tree, op)
  end
end

local function text_message(m, name)
  add_kind(m, "fourLetterWord", name)
  local range = m.r.tvb(m.r.at, left(m.r))
  local text = range:string(ENC_UTF_8)
  add(m.r, m.tree, f[name], range, text)
  m.info = '"' .. text:match("^[^\r\n]*"):sub(1, MAX_SHOWN_TEXT) .. '"'
  m.r.at = m.r.stop
end

function MESSAGES.word(m)
  text_message(m, "word")
end

function MESSAGES.argument(m)
  text_message(m, "argument")
end

function MESSAGES.answer(m)
  text_message(m, "answer")
end
`;
