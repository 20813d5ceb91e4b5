/** Reading records of any schema, in Lua. */
export const READING: string = String.raw`
-- Reading: every length is checked before it is followed, and what cannot be read ends the message with a note.

local function fail(message)
  error({ malformed = message }, 0)
end

-- Positions are those of the tvb; reads stop before stop. No message fills the tree with more items than left.
local function reader_of(tvb, at, stop)
  return { tvb = tvb, at = at, stop = stop, budget = { left = MAX_ITEMS } }
end

local function left(r)
  return r.stop - r.at
end

local function need(r, count, what)
  if count > left(r) then
    fail(string.format("%s: %d bytes are needed, %d are left", what, count, left(r)))
  end
end

-- Adds an item, or nothing where there is no tree or it has grown enough.
local function add(r, tree, ...)
  if tree == nil or r.budget.left <= 0 then
    return nil
  end
  r.budget.left = r.budget.left - 1
  return tree:add(...)
end

local function note(item, text)
  if item ~= nil then
    item:append_text(" (" .. text .. ")")
  end
end

local function generated(item)
  if item ~= nil then
    item:set_generated()
  end
end

local function take_int(r, tree, field, what)
  need(r, 4, what)
  local range = r.tvb(r.at, 4)
  local value = range:int()
  local item = field and add(r, tree, field, range)
  r.at = r.at + 4
  return value, item
end

-- An Int64, which is no Lua number.
local function take_long(r, tree, field, what)
  need(r, 8, what)
  local range = r.tvb(r.at, 8)
  local value = range:int64()
  local item = field and add(r, tree, field, range)
  r.at = r.at + 8
  return value, item
end

-- A length in front of something; -1 is null.
local function take_length(r, what)
  local length = take_int(r, nil, nil, what)
  if length < -1 then
    fail(string.format("%s: a length of %d", what, length))
  end
  return length
end

local function hex(long)
  return "0x" .. (tostring(long:tohex()):gsub("^0+(%x)", "%1"))
end

-- The text of bytes that are nothing but text, for people.
local function text_of(range)
  local length = range:len()
  if length == 0 or length > MAX_SHOWN_TEXT then
    return nil
  end
  local text = range:string(ENC_UTF_8)
  if #text ~= length or text:find("[^%g ]") then
    return nil
  end
  return '"' .. text .. '"'
end

local function bits(perms)
  local text = ""
  for _, bit in ipairs(PERMISSIONS) do
    if perms % (2 * bit[1]) >= bit[1] then
      text = text .. bit[2]
    end
  end
  return text
end

local read_record

local READ = {}

function READ.byte(r, tree, field, what)
  need(r, 1, what)
  local range = r.tvb(r.at, 1)
  add(r, tree, field, range)
  r.at = r.at + 1
  return range:int()
end

function READ.boolean(r, tree, field, what)
  need(r, 1, what)
  local range = r.tvb(r.at, 1)
  local value = range:uint() ~= 0
  add(r, tree, field, range, value)
  r.at = r.at + 1
  return value
end

function READ.int(r, tree, field, what)
  return take_int(r, tree, field, what)
end

function READ.long(r, tree, field, what)
  return take_long(r, tree, field, what)
end

function READ.float(r, tree, field, what)
  need(r, 4, what)
  add(r, tree, field, r.tvb(r.at, 4))
  r.at = r.at + 4
end

function READ.double(r, tree, field, what)
  need(r, 8, what)
  add(r, tree, field, r.tvb(r.at, 8))
  r.at = r.at + 8
end

function READ.ustring(r, tree, field, what, name)
  local from = r.at
  local length = take_length(r, what)
  if length < 0 then
    add(r, tree, r.tvb(from, 4), name .. ": null")
    return nil
  end
  need(r, length, what)
  local value = length == 0 and "" or r.tvb(r.at, length):string(ENC_UTF_8)
  add(r, tree, field, r.tvb(from, 4 + length), value)
  r.at = r.at + length
  return value
end

function READ.buffer(r, tree, field, what, name)
  local from = r.at
  local length = take_length(r, what)
  if length < 0 then
    add(r, tree, r.tvb(from, 4), name .. ": null")
    return nil
  end
  need(r, length, what)
  local value = { at = r.at, stop = r.at + length }
  if length == 0 then
    value.item = add(r, tree, r.tvb(from, 4), name .. ": empty")
  else
    local range = r.tvb(r.at, length)
    value.item = add(r, tree, field, range)
    local text = text_of(range)
    if text ~= nil then
      note(value.item, text)
    end
  end
  r.at = r.at + length
  return value
end

local function read_value(r, tree, type, fields, what, name, depth)
  local kind = type[1]
  if kind == "vector" or kind == "map" then
    local from = r.at
    local count = take_length(r, what)
    local item = add(r, tree, fields.item, r.tvb(from, 4))
    if item ~= nil then
      item:set_text(name .. ": " .. (count < 0 and "null" or tostring(count)))
      add(r, item, fields.count, r.tvb(from, 4))
    end
    -- No element takes less than a byte.
    if count > left(r) then
      fail(string.format("%s: %d elements in %d bytes", what, count, left(r)))
    end
    for index = 0, count - 1 do
      local place = what .. "[" .. index .. "]"
      local label = "[" .. index .. "]"
      if kind == "vector" then
        read_value(r, item, type[2], fields.element, place, label, depth)
      else
        read_value(r, item, type[2], fields.key, place, label .. " key", depth)
        read_value(r, item, type[3], fields.value, place, label .. " value", depth)
      end
    end
    if item ~= nil and r.at > from then
      item:set_len(r.at - from)
    end
    return nil
  end
  if kind == "record" then
    return read_record(r, tree, RECORDS[type[2]], name, depth + 1)
  end
  return READ[kind](r, tree, fields.item, what, name)
end

-- What the numbers in some fields stand for.
local function explain(item, name, value)
  if item == nil then
    return
  end
  if TIMES[name] then
    local ms = value:tonumber()
    if ms > 0 and ms < LAST_TIME_MS then
      local date = format_date(math.floor(ms / 1000))
      note(item, (date:gsub("%.0+", string.format(".%03d", ms % 1000), 1)))
    end
  elseif name == "perms" and value >= 0 then
    note(item, bits(value))
  end
end

-- Reads a record into a table by the names of its fields. label: what its item is called.
read_record = function(r, tree, record, label, depth)
  depth = depth or 0
  if depth > MAX_DEPTH then
    fail("records lie more than " .. MAX_DEPTH .. " deep in each other")
  end
  local from = r.at
  local item = add(r, tree, record.field, r.tvb(from, 0))
  if item ~= nil then
    item:set_text(label == nil and record.name or label .. ": " .. record.name)
  end
  local values = {}
  for _, field in ipairs(record) do
    local name = field[1]
    if field.optional and left(r) == 0 then
      break
    end
    local what = record.name .. "." .. name
    local value, added = read_value(r, item, field[2], field.fields, what, name, depth)
    values[name] = value
    if added ~= nil then
      explain(added, name, value)
    end
    if name == "path" and r.path == nil and type(value) == "string" then
      r.path = value
    end
  end
  if item ~= nil then
    item:set_len(r.at - from)
  end
  if record == RECORDS[TXN] and r.changes then
    r.changes[#r.changes + 1] = values
  end
  return values
end

-- What is left of a message, where there is a reason not to take it apart.
local function rest(r, tree, why)
  local count = left(r)
  if count > 0 then
    local item = add(r, tree, f.undecoded, r.tvb(r.at, count))
    note(item, why)
    r.at = r.stop
  end
end
`;
