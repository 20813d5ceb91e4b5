/**
 * The packets between a leader and a learner, and what may come before them. A
 * packet's type decides what its data holds, for some types together with its sender.
 */
import { toBase64, type JsonObject, type JsonValue } from "@jute-ts/runtime";
import { LearnerInfo, PacketType, QuorumAuthPacket, QuorumPacket } from "@jute-ts/zookeeper";
import { describeRecord } from "../describe.js";
import { FieldTrace } from "../field-trace.js";
import type { Item } from "../item.js";
import { hexLong, opName, packetName } from "../meanings.js";
import { layRequestBody } from "./client-messages.js";
import { joined, messageItem, type MessageSource } from "./message.js";
import { utf8Text } from "./text.js";
import { quantity } from "../quantity.js";
import { layTxn } from "./txn-layout.js";
import { quotedText } from "../shown-text.js";

/** A QuorumPacket, with its data taken apart. */
export function layPacket(source: MessageSource): Item {
  if (source.missing !== undefined) return layCutPacket(source);
  const trace = new FieldTrace(source.bytes, source.offset);
  const packet = trace.record(QuorumPacket, "");
  let data: DataLayout = NO_DATA;
  if (packet !== undefined) {
    trace.expandEach(/^data$/, (content) => {
      data = layData(content, packet.type, source.sender);
    });
  }
  const facts = {
    kind: "packet",
    name: packet === undefined ? "packet" : packetName(packet.type),
    zxid: packet?.zxid,
    sessionId: data.sessionId,
    xid: data.xid,
    opCode: data.opCode,
  } as const;
  const authinfo = packet?.authinfo?.map((id) => id.toJSON()) ?? null;
  const raw = packet?.data ?? null;
  return messageItem(source, facts, trace, {
    paths: data.paths ?? [],
    innerOps: data.innerOps,
    detail: data.detail,
    json: {
      // Data without a layout of its own, and null, are kept as they are.
      data: data.json ?? (raw === null ? null : toBase64(raw)),
      authinfo,
    },
  });
}

/** A packet of which only the start is there. */
function layCutPacket(source: MessageSource): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  const type = trace.int("type", packetName);
  const zxid = trace.long("zxid", hexLong);
  trace.int("data", () => "bytes");
  const isReadable = type !== undefined && !trace.failed;
  const data = isReadable ? layData(trace, type, source.sender) : NO_DATA;
  const { sessionId, xid, opCode, paths, innerOps, detail } = data;
  const name = type === undefined ? "packet" : packetName(type);
  const facts = { kind: "packet", name, zxid, sessionId, xid, opCode } as const;
  const json = { data: data.json ?? null, authinfo: null };
  return messageItem(source, facts, trace, { paths, innerOps, detail, json });
}

/** A step of the SASL exchange, which may come first on both ports between servers. */
export function layQuorumAuthentication(source: MessageSource): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  const packet = trace.record(QuorumAuthPacket, "");
  const facts = { kind: "quorumAuthentication", name: "authentication" } as const;
  const detail = packet === undefined ? "" : describeRecord(packet, HIDDEN);
  return messageItem(source, facts, trace, { detail, json: { body: packet?.toJSON() ?? null } });
}

/** What a packet's data became. */
interface DataLayout {
  readonly detail: string;
  /** Undefined: as bytes. */
  readonly json?: JsonValue | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly innerOps?: readonly string[] | undefined;
  readonly sessionId?: bigint | undefined;
  readonly xid?: number | undefined;
  readonly opCode?: number | undefined;
}

function layData(trace: FieldTrace, type: number, sender: MessageSource["sender"]): DataLayout {
  switch (type) {
    case PacketType.REQUEST:
      return layForwardedRequest(trace);
    case PacketType.PROPOSAL:
    case PacketType.INFORM:
      return layTxnData(trace);
    case PacketType.PING:
      return layTouchedSessions(trace);
    case PacketType.REVALIDATE:
      return layRevalidate(trace, sender);
    case PacketType.COMMITANDACTIVATE:
      return layDesignatedLeader(trace);
    case PacketType.INFORMANDACTIVATE: {
      const leader = layDesignatedLeader(trace);
      const txn = layTxnData(trace);
      const json = { ...jsonObject(leader.json), ...jsonObject(txn.json) };
      return { ...txn, detail: joined(leader.detail, txn.detail), json };
    }
    case PacketType.NEWLEADER:
      return layConfiguration(trace);
    case PacketType.FOLLOWERINFO:
    case PacketType.OBSERVERINFO: {
      if (trace.left === 0) return NO_DATA;
      const info = trace.record(LearnerInfo, "data.");
      if (info === undefined) return NO_DATA;
      return { detail: describeRecord(info), json: info.toJSON() };
    }
    case PacketType.LEADERINFO:
      return layLeaderInfo(trace);
    case PacketType.ACKEPOCH: {
      const epoch = trace.int("data.currentEpoch", (value) =>
        value === -1 ? "accepted before, not to be counted" : undefined,
      );
      if (epoch === undefined) return NO_DATA;
      return { detail: `currentEpoch=${epoch}`, json: { currentEpoch: epoch } };
    }
    default:
      trace.rest("data.bytes");
      return NO_DATA;
  }
}

function layForwardedRequest(trace: FieldTrace): DataLayout {
  const sessionId = trace.long("data.sessionId", hexLong);
  const cxid = trace.int("data.cxid");
  const opCode = trace.int("data.type", opName);
  if (sessionId === undefined || cxid === undefined || opCode === undefined) return NO_DATA;
  // What a learner passes on is not checked by it: a closeSession or unknown op may have any bytes.
  const body = layRequestBody(trace, opCode);
  const json = { sessionId: hexLong(sessionId), cxid, op: opName(opCode), body: body.json };
  return {
    ...body,
    detail: joined(opName(opCode), body.detail),
    json,
    sessionId,
    xid: cxid,
    opCode,
  };
}

function layTxnData(trace: FieldTrace): DataLayout {
  const { header, paths, innerOps, detail, json } = layTxn(trace, "data.");
  if (header === undefined) return NO_DATA;
  const { clientId: sessionId, cxid: xid, type: opCode } = header;
  return { paths, innerOps, detail: joined(opName(opCode), detail), json, sessionId, xid, opCode };
}

/** From a learner: the sessions that it has heard from. */
function layTouchedSessions(trace: FieldTrace): DataLayout {
  const sessions: JsonObject[] = [];
  while (trace.left > 0 && !trace.failed) {
    const prefix = `data.sessions[${sessions.length}].`;
    const sessionId = trace.long(`${prefix}sessionId`, hexLong);
    const timeoutMs = trace.int(`${prefix}timeoutMs`, () => "ms");
    if (sessionId === undefined || timeoutMs === undefined) return NO_DATA;
    sessions.push({ sessionId: hexLong(sessionId), timeoutMs });
  }
  return { detail: quantity(sessions.length, "session"), json: { sessions } };
}

/** A question of 12 bytes, an answer of 9. The sender is known by that, too. */
function layRevalidate(trace: FieldTrace, sender: MessageSource["sender"]): DataLayout {
  const isAnswer =
    sender === "leader" || (sender !== "learner" && trace.left === REVALIDATED_BYTES);
  const sessionId = trace.long("data.sessionId", hexLong);
  if (isAnswer) {
    const valid = trace.byte("data.valid", (value) => (value === 0 ? "false" : "true"));
    if (sessionId === undefined || valid === undefined) return NO_DATA;
    const json = { sessionId: hexLong(sessionId), valid: valid !== 0 };
    return { detail: `valid=${valid !== 0}`, json, sessionId };
  }
  const timeoutMs = trace.int("data.timeoutMs", () => "ms");
  if (sessionId === undefined || timeoutMs === undefined) return NO_DATA;
  const json = { sessionId: hexLong(sessionId), timeoutMs };
  return { detail: `timeoutMs=${timeoutMs}`, json, sessionId };
}

function layDesignatedLeader(trace: FieldTrace): DataLayout {
  const leader = trace.long("data.designatedLeader");
  if (leader === undefined) return NO_DATA;
  const json = { designatedLeader: String(leader) };
  return { detail: `designatedLeader=${leader}`, json };
}

function layConfiguration(trace: FieldTrace): DataLayout {
  const text = utf8Text(trace.peek());
  trace.rest("data.configuration", quotedText(text));
  return { detail: `configuration=${quotedText(text)}`, json: { configuration: text } };
}

function layLeaderInfo(trace: FieldTrace): DataLayout {
  const protocolVersion = trace.int("data.protocolVersion", (value) => `0x${value.toString(16)}`);
  if (protocolVersion === undefined) return NO_DATA;
  const version = `protocolVersion=0x${protocolVersion.toString(16)}`;
  if (trace.left === 0) return { detail: version, json: { protocolVersion } };
  // This project's own: a learner that has accepted a later epoch may follow without being counted.
  const flag = trace.byte("data.uncounted");
  return { detail: joined(version, "uncounted"), json: { protocolVersion, uncounted: flag ?? 1 } };
}

function jsonObject(json: JsonValue | undefined): JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as JsonObject)
    : {};
}

const NO_DATA: DataLayout = { detail: "" };
const REVALIDATED_BYTES = 9;

/** Not for a line: the magic number is always the same, and the token is a secret. */
const HIDDEN: ReadonlySet<string> = new Set(["magic", "token"]);
