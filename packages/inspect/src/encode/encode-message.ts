/**
 * Messages from JSON: the reverse of `itemJson`. What that writes gives the bytes that
 * were read; what a person writes may leave out everything that has a usual value.
 */
import {
  type AnyRecordType,
  BinaryOutputArchive,
  JuteJsonError,
  type JsonObject,
  type JsonValue,
  type StringEncoding,
} from "@jute-ts/runtime";
import {
  ConnectRequest,
  ConnectResponse,
  ErrorResponse,
  isMultiOpCode,
  MultiHeader,
  type MultiOpCode,
  multiResultRecordType,
  OpCode,
  QuorumAuthPacket,
  ReplyHeader,
  RequestHeader,
  responseRecordType,
  WatcherEvent,
  Xid,
} from "@jute-ts/zookeeper";
import { encodeHello, encodeNotification } from "./encode-election.js";
import { encodePacket } from "./encode-packet.js";
import { END_OF_PARTS, writeRequestBody } from "./encode-request-body.js";
import { encodeTxnJson } from "./encode-txn.js";
import { bytesOf, concatenated, intIn, listAt, longIn, objectAt } from "./json-reading.js";
import { opCodeIn, opCodeOf } from "./names.js";

export interface EncodeOptions {
  /** Puts the length in front, as messages of clients and notifications travel. Default false. */
  readonly framed?: boolean | undefined;
  /** How characters beyond U+FFFF are written: as UTF-8, the default, or as Java does. */
  readonly strings?: StringEncoding | undefined;
  /** For `{"kind": "record"}`: its class. */
  readonly recordType?: AnyRecordType | undefined;
}

/**
 * The bytes of a message whose `kind` is one of a message: request, response, event,
 * connectRequest, connectResponse, packet, quorumAuthentication, hello, notification, txn
 * or record. Throws JuteJsonError, which names what is wrong, and JuteEncodeError.
 */
export function encodeMessage(json: JsonValue, options: EncodeOptions = {}): Uint8Array {
  const message = objectAt(json, "message");
  const bytes = encodeByKind(message, options);
  if (options.framed !== true) return bytes;
  const framed = new Uint8Array(4 + bytes.length);
  new DataView(framed.buffer).setInt32(0, bytes.length);
  framed.set(bytes, 4);
  return framed;
}

function encodeByKind(message: JsonObject, options: EncodeOptions): Uint8Array {
  const { kind } = message;
  const { recordType } = options;
  switch (kind) {
    case "record":
      if (recordType === undefined) {
        throw new JuteJsonError("kind", "a kind whose record is known", kind);
      }
      return recordType.fromJSON(message["body"] ?? {}).encode(options);
    case "connectRequest":
      return ConnectRequest.fromJSON(message["body"] ?? {}).encode(options);
    case "connectResponse":
      return ConnectResponse.fromJSON(message["body"] ?? {}).encode(options);
    case "request":
      return encodeRequestJson(message, options);
    case "response":
      return encodeResponseJson(message, options);
    case "event":
      return encodeEventJson(message, options);
    case "packet":
      return encodePacket(message, options);
    case "quorumAuthentication":
      return QuorumAuthPacket.fromJSON(message["body"] ?? {}).encode(options);
    case "hello":
      return encodeHello(message);
    case "notification":
      return encodeNotification(message);
    case "txn":
      return encodeTxnJson(message, options);
    default:
      throw new JuteJsonError("kind", `one of ${KINDS.join(", ")}`, kind);
  }
}

function encodeRequestJson(message: JsonObject, options: EncodeOptions): Uint8Array {
  const type = opCodeIn(message);
  const output = new BinaryOutputArchive(options);
  output.writeRecord(new RequestHeader({ xid: intIn(message, "xid", 1), type }));
  writeRequestBody(output, type, message["body"]);
  return output.toBytes();
}

function encodeResponseJson(message: JsonObject, options: EncodeOptions): Uint8Array {
  const output = new BinaryOutputArchive(options);
  const body = message["body"];
  // The error of a multi is that of a part; its header has none.
  const isMulti = Array.isArray(body);
  const err = isMulti ? 0 : intIn(message, "err", 0);
  const xid = intIn(message, "xid", 1);
  output.writeRecord(new ReplyHeader({ xid, zxid: longIn(message, "zxid", 0n), err }));
  const undecoded = bytesOf(message["undecoded"], "undecoded");
  if (undecoded !== null) return concatenated(output.toBytes(), undecoded);
  if (err !== 0) return output.toBytes();
  const opCode = opCodeIn(message);
  if (isMultiOpCode(opCode)) {
    writeResults(output, opCode, body);
    return output.toBytes();
  }
  const type = responseRecordType(opCode);
  if (type === undefined) throw new JuteJsonError("name", "an op that has responses", opCode);
  if (type !== null) output.writeRecord(type.fromJSON(body ?? {}));
  return output.toBytes();
}

function encodeEventJson(message: JsonObject, options: EncodeOptions): Uint8Array {
  const output = new BinaryOutputArchive(options);
  const zxid = longIn(message, "zxid", -1n);
  output.writeRecord(new ReplyHeader({ xid: Xid.notification, zxid, err: 0 }));
  output.writeRecord(WatcherEvent.fromJSON(message["event"] ?? {}));
  return output.toBytes();
}

function writeResults(
  output: BinaryOutputArchive,
  op: MultiOpCode,
  body: JsonValue | undefined,
): void {
  listAt(body, "body").forEach((part, index) => {
    const result = objectAt(part, `body[${index}]`);
    const opCode = opCodeOf(result["op"], `body[${index}].op`);
    const type = multiResultRecordType(op, opCode);
    if (type === undefined) {
      throw new JuteJsonError(`body[${index}].op`, "an op that has a result", result["op"]);
    }
    const err = opCode === OpCode.error ? intIn(result, "err") : 0;
    output.writeRecord(new MultiHeader({ type: opCode, done: false, err }));
    if (opCode === OpCode.error) output.writeRecord(new ErrorResponse({ err }));
    else if (type !== null) output.writeRecord(type.fromJSON(result["body"] ?? {}));
  });
  output.writeRecord(END_OF_PARTS);
}

const KINDS: readonly string[] = [
  "request",
  "response",
  "event",
  "connectRequest",
  "connectResponse",
  "packet",
  "quorumAuthentication",
  "hello",
  "notification",
  "txn",
  "record",
];
