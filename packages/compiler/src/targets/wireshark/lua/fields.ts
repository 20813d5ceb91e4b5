/** The fields that frames can be filtered by, in Lua. */
export const FIELDS: string = String.raw`
local zookeeper = Proto("zookeeper", "Apache ZooKeeper")

-- Fields that are in no record.
local f = {
  kind = ProtoField.string("zookeeper.kind", "Kind of message"),
  name = ProtoField.string("zookeeper.name", "Operation, type of packet or element"),
  length = ProtoField.uint32("zookeeper.length", "Bytes of the message"),
  frame = ProtoField.int32("zookeeper.frame", "Length", base.DEC),
  undecoded = ProtoField.bytes("zookeeper.undecoded", "Not decoded"),
  request_in = ProtoField.framenum("zookeeper.request_in", "Request in", base.NONE, frametype.REQUEST),
  response_in = ProtoField.framenum("zookeeper.response_in", "Response in", base.NONE, frametype.RESPONSE),
  proposal_in = ProtoField.framenum("zookeeper.proposal_in", "Proposal in", base.NONE, frametype.REQUEST),
  request_path = ProtoField.string("zookeeper.request_path", "Path of the request", base.UNICODE),
  time = ProtoField.relative_time("zookeeper.time", "Time since the request"),
  word = ProtoField.string("zookeeper.word", "Four-letter word"),
  argument = ProtoField.string("zookeeper.word.argument", "Argument"),
  answer = ProtoField.string("zookeeper.word.answer", "Answer", base.UNICODE),
  session = ProtoField.uint64("zookeeper.session.id", "Session", base.HEX),
  session_timeout = ProtoField.int32("zookeeper.session.timeout", "Session timeout in ms"),
  session_valid = ProtoField.bool("zookeeper.session.valid", "Session is valid"),
  forwarded_session = ProtoField.uint64("zookeeper.forwarded.session", "Session", base.HEX),
  forwarded_xid = ProtoField.int32("zookeeper.forwarded.xid", "Xid"),
  forwarded_op = ProtoField.int32("zookeeper.forwarded.op", "Op code", base.DEC, OPS),
  designated_leader = ProtoField.int64("zookeeper.quorum.designated_leader", "Designated leader"),
  configuration = ProtoField.string("zookeeper.quorum.configuration", "Configuration", base.UNICODE),
  protocol_version = ProtoField.int32("zookeeper.quorum.protocol_version", "Protocol version"),
  current_epoch = ProtoField.int32("zookeeper.quorum.current_epoch", "Current epoch"),
  count = ProtoField.int32("zookeeper.snapshot.count", "Count"),
  acl_id = ProtoField.int64("zookeeper.snapshot.acl_id", "Access control list"),
  znode_path = ProtoField.string("zookeeper.snapshot.path", "Path", base.UNICODE),
  znode_data = ProtoField.bytes("zookeeper.snapshot.data", "Data"),
  signature = ProtoField.string("zookeeper.snapshot.signature", "Signature"),
  hello_version = ProtoField.int64("zookeeper.election.hello_version", "Version"),
  sid = ProtoField.int64("zookeeper.election.sid", "Server"),
  addresses = ProtoField.string("zookeeper.election.addresses", "Addresses", base.UNICODE),
  state = ProtoField.int32("zookeeper.election.state", "State", base.DEC, STATES),
  leader = ProtoField.int64("zookeeper.election.leader", "Leader voted for"),
  vote_zxid = ProtoField.uint64("zookeeper.election.zxid", "Zxid", base.HEX),
  round = ProtoField.uint64("zookeeper.election.round", "Round", base.HEX),
  peer_epoch = ProtoField.int64("zookeeper.election.peer_epoch", "Epoch"),
  vote_version = ProtoField.int32("zookeeper.election.version", "Version"),
  vote_configuration = ProtoField.string("zookeeper.election.configuration", "Configuration", base.UNICODE),
}

local all_fields = {}
for _, field in pairs(f) do
  all_fields[#all_fields + 1] = field
end

-- The fields of records: zookeeper.createrequest.path and so on.

local MAKE = {
  byte = function(abbreviation, name, about)
    return ProtoField.int8(abbreviation, name, base.DEC, nil, nil, about)
  end,
  boolean = function(abbreviation, name, about)
    return ProtoField.bool(abbreviation, name, base.NONE, nil, nil, about)
  end,
  int = function(abbreviation, name, about, names)
    return ProtoField.int32(abbreviation, name, base.DEC, names, nil, about)
  end,
  long = function(abbreviation, name, about)
    if HEX_LONGS[name] then
      return ProtoField.uint64(abbreviation, name, base.HEX, nil, nil, about)
    end
    return ProtoField.int64(abbreviation, name, base.DEC, nil, nil, about)
  end,
  float = function(abbreviation, name, about)
    return ProtoField.float(abbreviation, name, nil, about)
  end,
  double = function(abbreviation, name, about)
    return ProtoField.double(abbreviation, name, nil, about)
  end,
  ustring = function(abbreviation, name, about)
    return ProtoField.string(abbreviation, name, base.UNICODE, about)
  end,
  buffer = function(abbreviation, name, about)
    return ProtoField.bytes(abbreviation, name, base.NONE, about)
  end,
}

local function make(maker, ...)
  local field = maker(...)
  all_fields[#all_fields + 1] = field
  return field
end

local function none(abbreviation, name, about)
  return ProtoField.none(abbreviation, name, about)
end

-- The fields of one type: its own, and those of what it holds.
local function fields_of(type, abbreviation, name, about, names)
  local kind = type[1]
  if kind == "vector" or kind == "map" then
    local is_plain = kind == "vector" and MAKE[type[2][1]] ~= nil
    local made = {
      -- The name belongs to the elements, which are what a filter is about.
      item = make(none, is_plain and abbreviation .. ".list" or abbreviation, name, about),
      count = make(MAKE.int, abbreviation .. ".count", "count"),
    }
    if kind == "vector" then
      local element = is_plain and abbreviation or abbreviation .. ".element"
      made.element = fields_of(type[2], element, name, about)
    else
      made.key = fields_of(type[2], abbreviation .. ".key", "key")
      made.value = fields_of(type[3], abbreviation .. ".value", "value")
    end
    return made
  end
  if kind == "record" then
    return {}
  end
  return { item = make(MAKE[kind], abbreviation, name, about, names) }
end

for _, record in pairs(RECORDS) do
  record.field = make(none, record.abbreviation, record.name, record.about)
  for _, field in ipairs(record) do
    local names = NAMES[record.name .. "." .. field[1]] or NAMES[field[1]]
    field.fields = fields_of(field[2], field.abbreviation, field[1], field.about, names)
  end
end

zookeeper.fields = all_fields

local malformed = ProtoExpert.new(
  "zookeeper.malformed",
  "This is not what ZooKeeper sends",
  expert.group.MALFORMED,
  expert.severity.ERROR
)
zookeeper.experts = { malformed }
`;
