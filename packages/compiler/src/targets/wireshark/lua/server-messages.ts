/** Messages between servers, in Lua. */
export const SERVER_MESSAGES: string = String.raw`
-- Messages between a leader and its learners, and of elections.

local NO_ZXID = "0xffffffffffffffff"

local function txn(m, r, tree)
  local header = read_record(r, tree, RECORDS[TXN_HEADER])
  local op = header.type
  local record = TXNS[op]
  if record == nil then
    fail("op code " .. op .. " has no meaning in a txn")
  end
  -- Before 3.6 a closeSession has no record: nothing follows, or a digest of version 2, which no list of paths begins like.
  local is_bare = op == CLOSE_SESSION
    and (left(r) == 0 or left(r) == DIGEST_BYTES and r.tvb(r.at, 4):int() == DIGEST_VERSION)
  if not is_bare then
    -- Before 3.4 a create had one field less. Only the end of the bytes tells.
    if op == CREATE then
      local function measured(name)
        local trial = { tvb = r.tvb, at = r.at, stop = r.stop, budget = r.budget }
        local is_read = pcall(read_record, trial, nil, RECORDS[name])
        return is_read and left(trial) or nil
      end
      if measured(record) == nil and measured(CREATE_TXN_V0) == 0 then
        record = CREATE_TXN_V0
      end
    end
    r.changes = {}
    local values = read_record(r, tree, RECORDS[record])
    for _, change in ipairs(r.changes) do
      local name = op_name(change.type)
      local sub = SUB_TXNS[change.type]
      if sub == nil then
        fail("op code " .. change.type .. " has no meaning in a multi")
      end
      if change.data then
        local inner = { tvb = r.tvb, at = change.data.at, stop = change.data.stop, budget = r.budget }
        read_record(inner, change.data.item or tree, RECORDS[sub], name)
        -- A leader that undid a multi keeps the bytes of its changes after the error.
        rest(inner, change.data.item or tree, "of the change that was undone")
        r.path = r.path or inner.path
      end
    end
    r.changes = nil
    if values.path then
      r.path = values.path
    end
  end
  if left(r) > 0 then
    read_record(r, tree, RECORDS[TXN_DIGEST])
  end
  m.name_of_op = op_name(op)
end

local DATA = {}

-- REQUEST: what a learner passes on for a client.
DATA[1] = function(m, r, tree)
  local session = take_long(r, tree, f.forwarded_session, "the session's id")
  take_int(r, tree, f.forwarded_xid, "the xid")
  local op = take_int(r, tree, f.forwarded_op, "the op code")
  m.name_of_op = op_name(op)
  m.info = m.info .. " session=" .. hex(session)
  request_body(r, tree, op)
end

-- PROPOSAL, INFORM
DATA[2] = txn
DATA[8] = txn

-- PING: from a learner, the sessions that it has heard from.
DATA[5] = function(_, r, tree)
  while left(r) > 0 do
    take_long(r, tree, f.session, "the session's id")
    take_int(r, tree, f.session_timeout, "the session's timeout")
  end
end

-- REVALIDATE: a question of 12 bytes, an answer of 9.
DATA[6] = function(_, r, tree)
  local is_answer = left(r) == 9
  take_long(r, tree, f.session, "the session's id")
  if is_answer then
    READ.boolean(r, tree, f.session_valid, "whether the session is valid")
  else
    take_int(r, tree, f.session_timeout, "the session's timeout")
  end
end

-- COMMITANDACTIVATE, INFORMANDACTIVATE
DATA[9] = function(_, r, tree)
  take_long(r, tree, f.designated_leader, "the designated leader")
end
DATA[19] = function(m, r, tree)
  take_long(r, tree, f.designated_leader, "the designated leader")
  txn(m, r, tree)
end

-- NEWLEADER: the configuration, which is a text.
DATA[10] = function(_, r, tree)
  local range = r.tvb(r.at, left(r))
  add(r, tree, f.configuration, range, range:string(ENC_UTF_8))
  r.at = r.stop
end

-- FOLLOWERINFO, OBSERVERINFO
DATA[11] = function(_, r, tree)
  read_record(r, tree, RECORDS[LEARNER_INFO])
end
DATA[16] = DATA[11]

-- LEADERINFO: a version, and perhaps a flag of servers other than Apache's.
DATA[17] = function(_, r, tree)
  take_int(r, tree, f.protocol_version, "the version")
  rest(r, tree, "an extension of the leader's")
end

-- ACKEPOCH
DATA[18] = function(_, r, tree)
  take_int(r, tree, f.current_epoch, "the epoch")
end

function MESSAGES.packet(m)
  local packet = read_record(m.r, m.tree, RECORDS[QUORUM_PACKET])
  local name = PACKETS[packet.type] or "packet type " .. packet.type
  add_kind(m, "packet", name)
  local zxid = hex(packet.zxid)
  m.info = zxid == NO_ZXID and "" or "zxid=" .. zxid
  if m.first_visit and m.plan.zxid == nil then
    m.plan.zxid = tostring(packet.zxid)
    if packet.type == PROPOSAL then
      m.stream.proposals[m.plan.zxid] = { frame = m.pinfo.number, time = m.pinfo.rel_ts }
    elseif packet.type == ACK then
      m.plan.proposal = m.stream.proposals[m.plan.zxid]
      m.stream.proposals[m.plan.zxid] = nil
    elseif packet.type == SNAP and not m.to_server then
      m.stream[m.to_server].snapshot = { next = "sessions", left = 0 }
    end
  end
  if m.plan.proposal then
    add_match(m, f.proposal_in, m.plan.proposal)
  end
  local data = packet.data
  if data and data.stop > data.at then
    local inner = { tvb = m.r.tvb, at = data.at, stop = data.stop, budget = m.r.budget }
    local decode = DATA[packet.type]
    local tree = data.item or m.tree
    if decode then
      decode(m, inner, tree)
      m.r.path = inner.path
      if left(inner) > 0 then
        fail(string.format("%d bytes follow the data of the packet", left(inner)))
      end
    end
  end
  if m.name_of_op then
    m.info = (m.name_of_op .. " " .. m.info):gsub("  +", " ")
  end
end

function MESSAGES.authentication(m)
  add_kind(m, "quorumAuthentication", "authentication")
  read_record(m.r, m.tree, RECORDS[QUORUM_AUTH_PACKET])
end

function MESSAGES.hello(m)
  add_kind(m, "hello", "hello")
  local r = m.r
  local is_versioned = r.tvb(r.at, 4):int() < 0
  if is_versioned then
    take_long(r, m.tree, f.hello_version, "the version")
  end
  local sid = take_long(r, m.tree, f.sid, "the server's id")
  m.info = "sid=" .. tostring(sid)
  if is_versioned then
    local from = r.at
    local length = take_length(r, "the addresses")
    need(r, math.max(length, 0), "the addresses")
    local text = length > 0 and r.tvb(r.at, length):string(ENC_UTF_8) or ""
    add(r, m.tree, f.addresses, r.tvb(from, 4 + math.max(length, 0)), text)
    r.at = r.at + math.max(length, 0)
    m.info = m.info .. " " .. text
  end
end

-- A vote, in any of its three generations.
function MESSAGES.notification(m)
  local r = m.r
  take_int(r, m.tree, f.frame, "the frame")
  local size = left(r)
  local state = take_int(r, m.tree, f.state, "the state")
  add_kind(m, "notification", STATES[state] or "STATE " .. state)
  local leader = take_long(r, m.tree, f.leader, "the leader")
  take_long(r, m.tree, f.vote_zxid, "the zxid")
  local round = take_long(r, m.tree, f.round, "the round")
  m.info = "leader=" .. tostring(leader) .. " round=" .. hex(round)
  if size > 28 then
    take_long(r, m.tree, f.peer_epoch, "the epoch")
    local version = take_int(r, m.tree, f.vote_version, "the version")
    if size > 40 and version > 1 then
      local from = r.at
      local length = take_length(r, "the configuration")
      need(r, math.max(length, 0), "the configuration")
      local text = length > 0 and r.tvb(r.at, length):string(ENC_UTF_8) or ""
      add(r, m.tree, f.vote_configuration, r.tvb(from, 4 + math.max(length, 0)), text)
      r.at = r.at + math.max(length, 0)
    end
    rest(r, m.tree, "of a later version")
  end
  if STATES[state] == nil then
    fail("a sender's state is 0 to 3, not " .. state)
  end
end

-- The snapshot that follows a SNAP, element by element.

local function advance(m, next)
  local snapshot = m.stream[m.to_server].snapshot
  if m.first_visit and snapshot then
    snapshot.next = next
  end
end

local function counted(m, following, after)
  local count = take_int(m.r, m.tree, f.count, "the count")
  local snapshot = m.stream[m.to_server].snapshot
  if m.first_visit and snapshot then
    snapshot.left = count
  end
  advance(m, count > 0 and following or after)
  m.info = tostring(count)
end

local function one_less(m, after)
  local snapshot = m.stream[m.to_server].snapshot
  if m.first_visit and snapshot then
    snapshot.left = snapshot.left - 1
    if snapshot.left <= 0 then
      snapshot.next = after
    end
  end
end

function MESSAGES.sessions(m)
  add_kind(m, "sessions", "sessions")
  counted(m, "session", "acls")
end

function MESSAGES.session(m)
  add_kind(m, "session", "session")
  local session = take_long(m.r, m.tree, f.session, "the session's id")
  take_int(m.r, m.tree, f.session_timeout, "the session's timeout")
  m.info = hex(session)
  one_less(m, "acls")
end

function MESSAGES.acls(m)
  add_kind(m, "acls", "acls")
  counted(m, "acl", "znode")
end

function MESSAGES.acl(m)
  add_kind(m, "acl", "acl")
  take_long(m.r, m.tree, f.acl_id, "the list's id")
  local count = take_length(m.r, "the access control list")
  for index = 0, count - 1 do
    read_record(m.r, m.tree, RECORDS[ACL], "[" .. index .. "]")
  end
  one_less(m, "znode")
end

function MESSAGES.znode(m)
  add_kind(m, "znode", "znode")
  m.r.path = READ.ustring(m.r, m.tree, f.znode_path, "the path", "path")
  READ.buffer(m.r, m.tree, f.znode_data, "the data", "data")
  take_long(m.r, m.tree, f.acl_id, "the list's id")
  read_record(m.r, m.tree, RECORDS[STAT_PERSISTED])
end

MESSAGES["end"] = function(m)
  add_kind(m, "end", "end")
  READ.ustring(m.r, m.tree, f.znode_path, "the end of the znodes", "path")
  advance(m, "signature")
end

function MESSAGES.signature(m)
  add_kind(m, "signature", "signature")
  READ.ustring(m.r, m.tree, f.signature, "the signature", "signature")
  if m.first_visit then
    m.stream[m.to_server].snapshot = nil
  end
end
`;
