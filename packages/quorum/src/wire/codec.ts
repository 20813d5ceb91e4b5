/**
 * Packets as bytes: the types and layouts that all servers share. What a packet
 * means, and whether it may come now, is decided elsewhere; here it must only be
 * what its type asks for.
 */
import { JuteDecodeError } from "@jute-ts/runtime";
import {
  counterOf,
  decodeForwardedRequest,
  decodeTxn,
  encodeForwardedRequest,
  type Epoch,
  epochOf,
  epochStart,
  MAX_EPOCH,
  OpCode,
  PacketType,
  packetTypeName,
  QuorumPacket,
  SyncRequest,
  TXN_READING,
  UnknownOpCodeError,
  unpackMultiTxn,
  type Zxid,
} from "@jute-ts/zookeeper";
import { encodeString, textBytes, textOf } from "./text-bytes.js";
import { ProtocolViolation } from "../protocol-violation.js";
import type { LoggedTxn } from "../replicated-state.js";
import type { LearnerIdentity, OutgoingPacket, Packet, SessionTouch } from "./packet.js";

/** The version of the conversation between leader and learner: everyone since ZooKeeper 3.4. */
export const PROTOCOL_VERSION = 0x10000;

/** What ends the stream of a snapshot. */
export const SNAPSHOT_SIGNATURE = "BenWasHere";

/** Where packets come from: both sides use some types for different things. */
export type Sender = "leader" | "learner";

const NO_ZXID = -1n;

/**
 * Encodes a packet, or a piece of a snapshot, as it goes over the connection.
 * The result must not be changed: a snapshot's piece is the piece itself.
 */
export function encodePacket(packet: OutgoingPacket): Uint8Array {
  switch (packet.kind) {
    case "REQUEST": {
      const { sessionId, cxid, opCode, body, authInfo } = packet.change;
      return QuorumPacket.encode({
        type: PacketType.REQUEST,
        zxid: NO_ZXID,
        data: encodeForwardedRequest({ sessionId, cxid, type: opCode, body }),
        // A session is opened before anyone is known; all other requests need a list, even an empty one.
        authinfo: opCode === OpCode.createSession && authInfo.length === 0 ? null : [...authInfo],
      });
    }
    case "SYNCREQUEST": {
      const { sessionId, cxid } = packet;
      const body = SyncRequest.encode({ path: "/" });
      const data = encodeForwardedRequest({ sessionId, cxid, type: OpCode.sync, body });
      return plain(PacketType.REQUEST, NO_ZXID, data);
    }
    case "PROPOSAL":
      return plain(PacketType.PROPOSAL, packet.txn.zxid, packet.txn.bytes);
    case "ACK":
      return plain(PacketType.ACK, packet.zxid, null);
    case "COMMIT":
      return plain(PacketType.COMMIT, packet.zxid, null);
    case "PING":
      return plain(PacketType.PING, packet.zxid, null);
    case "PINGANSWER":
      // Never null: Java's leader reads the touched sessions without looking.
      return plain(PacketType.PING, packet.zxid, encodeTouched(packet.touched));
    case "REVALIDATE":
      return plain(PacketType.REVALIDATE, NO_ZXID, encodeTouched([packet]));
    case "REVALIDATED": {
      const data = new Uint8Array(9);
      viewOf(data).setBigInt64(0, packet.sessionId);
      data[8] = packet.valid ? 1 : 0;
      return plain(PacketType.REVALIDATE, NO_ZXID, data);
    }
    case "SYNC":
      return plain(PacketType.SYNC, 0n, null);
    case "INFORM":
      return plain(PacketType.INFORM, packet.txn.zxid, packet.txn.bytes);
    case "COMMITANDACTIVATE":
      return plain(PacketType.COMMITANDACTIVATE, packet.zxid, longBytes(packet.designatedLeader));
    case "INFORMANDACTIVATE": {
      const data = new Uint8Array(8 + packet.txn.bytes.length);
      viewOf(data).setBigInt64(0, packet.designatedLeader);
      data.set(packet.txn.bytes, 8);
      return plain(PacketType.INFORMANDACTIVATE, packet.txn.zxid, data);
    }
    case "NEWLEADER": {
      const data = packet.configuration === "" ? null : textBytes(packet.configuration);
      return plain(PacketType.NEWLEADER, epochStart(packet.epoch), data);
    }
    case "FOLLOWERINFO":
      return encodeLearnerInfo(PacketType.FOLLOWERINFO, packet.acceptedEpoch, packet.identity);
    case "OBSERVERINFO":
      return encodeLearnerInfo(PacketType.OBSERVERINFO, packet.acceptedEpoch, packet.identity);
    case "UPTODATE":
      return plain(PacketType.UPTODATE, NO_ZXID, null);
    case "DIFF":
      return plain(PacketType.DIFF, packet.zxid, null);
    case "TRUNC":
      return plain(PacketType.TRUNC, packet.zxid, null);
    case "SNAP":
      return plain(PacketType.SNAP, packet.zxid, null);
    case "LEADERINFO":
      return plain(
        PacketType.LEADERINFO,
        epochStart(packet.epoch),
        packet.isCounted === false ? UNCOUNTED : intBytes(PROTOCOL_VERSION),
      );
    case "ACKEPOCH":
      return plain(PacketType.ACKEPOCH, packet.lastZxid, intBytes(packet.currentEpoch ?? -1));
    case "SNAPSHOTPIECE":
      return packet.bytes;
    case "SNAPSHOTEND":
      return encodeString(SNAPSHOT_SIGNATURE);
  }
}

/**
 * Makes a packet of a record, whose data may be kept. Throws ProtocolViolation
 * for a type that this sender never sends and for data that the type does not allow.
 */
export function interpretPacket(record: QuorumPacket, sender: Sender): Packet {
  try {
    return sender === "leader" ? fromLeader(record) : fromLearner(record);
  } catch (error) {
    if (!(error instanceof JuteDecodeError) && !(error instanceof UnknownOpCodeError)) throw error;
    throw new ProtocolViolation("malformed", error.message, packetTypeName(record.type));
  }
}

function fromLeader(record: QuorumPacket): Packet {
  const { type, zxid } = record;
  switch (type) {
    case PacketType.PROPOSAL:
      return { kind: "PROPOSAL", txn: txnOf(record, dataOf(record, TXN_HEADER_BYTES)) };
    case PacketType.COMMIT:
      return { kind: "COMMIT", zxid };
    case PacketType.PING:
      return { kind: "PING", zxid };
    case PacketType.REVALIDATE: {
      const data = dataOf(record, 9);
      return { kind: "REVALIDATED", sessionId: viewOf(data).getBigInt64(0), valid: data[8] !== 0 };
    }
    case PacketType.SYNC:
      return { kind: "SYNC" };
    case PacketType.INFORM:
      return { kind: "INFORM", txn: txnOf(record, dataOf(record, TXN_HEADER_BYTES)) };
    case PacketType.COMMITANDACTIVATE: {
      const designatedLeader = viewOf(dataOf(record, 8)).getBigInt64(0);
      return { kind: "COMMITANDACTIVATE", zxid, designatedLeader };
    }
    case PacketType.INFORMANDACTIVATE: {
      const data = dataOf(record, 8 + TXN_HEADER_BYTES);
      const designatedLeader = viewOf(data).getBigInt64(0);
      return {
        kind: "INFORMANDACTIVATE",
        txn: txnOf(record, data.subarray(8)),
        designatedLeader,
      };
    }
    case PacketType.NEWLEADER: {
      const configuration = record.data === null ? "" : textOf(record.data);
      return { kind: "NEWLEADER", epoch: wholeEpoch(record), configuration };
    }
    case PacketType.UPTODATE:
      return { kind: "UPTODATE" };
    case PacketType.DIFF:
      return { kind: "DIFF", zxid };
    case PacketType.TRUNC:
      return { kind: "TRUNC", zxid };
    case PacketType.SNAP:
      return { kind: "SNAP", zxid };
    case PacketType.LEADERINFO: {
      const data = dataOf(record, 4);
      const version = viewOf(data).getInt32(0);
      if (version < PROTOCOL_VERSION) throw malformed(record, `protocol version ${version}`);
      const isCounted = data.length !== UNCOUNTED.length || data[4] !== UNCOUNTED[4];
      const epoch = wholeEpoch(record);
      return { kind: "LEADERINFO", epoch, ...(isCounted ? {} : { isCounted }) };
    }
    default:
      throw unexpected(record, "leader");
  }
}

function fromLearner(record: QuorumPacket): Packet {
  const { type, zxid } = record;
  switch (type) {
    case PacketType.REQUEST: {
      const { sessionId, cxid, type: opCode, body } = decodeForwardedRequest(dataOf(record, 16));
      if (opCode === OpCode.sync) return { kind: "SYNCREQUEST", sessionId, cxid };
      const authInfo = (record.authinfo ?? []).map(({ scheme, id }) => ({
        scheme: scheme ?? "",
        id: id ?? "",
      }));
      return { kind: "REQUEST", change: { sessionId, cxid, opCode, body, authInfo } };
    }
    case PacketType.ACK:
      return { kind: "ACK", zxid };
    case PacketType.PING:
      return { kind: "PINGANSWER", zxid, touched: decodeTouched(record) };
    case PacketType.REVALIDATE: {
      const view = viewOf(dataOf(record, 12));
      return {
        kind: "REVALIDATE",
        sessionId: view.getBigInt64(0),
        timeoutMs: view.getInt32(8),
      };
    }
    case PacketType.FOLLOWERINFO:
      return {
        kind: "FOLLOWERINFO",
        acceptedEpoch: epochOfLearner(record),
        identity: decodeIdentity(record),
      };
    case PacketType.OBSERVERINFO:
      return {
        kind: "OBSERVERINFO",
        acceptedEpoch: epochOfLearner(record),
        identity: decodeIdentity(record),
      };
    case PacketType.ACKEPOCH: {
      const epoch = viewOf(dataOf(record, 4)).getInt32(0);
      if (epoch < -1) throw malformed(record, `current epoch ${epoch}`);
      return { kind: "ACKEPOCH", lastZxid: zxid, currentEpoch: epoch === -1 ? undefined : epoch };
    }
    default:
      throw unexpected(record, "learner");
  }
}

/**
 * The packet's txn. It must be the one that the packet names, and one that can be
 * applied: once it is in the log there is no way around it.
 */
function txnOf(record: QuorumPacket, bytes: Uint8Array): LoggedTxn {
  const { header, type, body } = decodeTxn(bytes, TXN_READING);
  if (type === OpCode.multi) unpackMultiTxn(body, TXN_READING);
  if (header.zxid !== record.zxid) {
    throw malformed(record, `zxid ${record.zxid} with a txn of zxid ${header.zxid}`);
  }
  return { zxid: header.zxid, header, bytes };
}

/** The epoch of a zxid that must be an epoch's beginning. */
function wholeEpoch(record: QuorumPacket): Epoch {
  const zxid: Zxid = record.zxid;
  const epoch = epochOf(zxid);
  if (counterOf(zxid) !== 0) throw malformed(record, `zxid ${zxid} is no epoch's beginning`);
  if (epoch < 0 || epoch > MAX_EPOCH) {
    throw new ProtocolViolation("epoch", `epoch ${epoch} is out of range`, nameOf(record));
  }
  return epoch;
}

/** Java's server without a database says that it has accepted epoch -1: none. */
function epochOfLearner(record: QuorumPacket): Epoch {
  return record.zxid === epochStart(-1) ? 0 : wholeEpoch(record);
}

function encodeLearnerInfo(type: number, epoch: Epoch, identity: LearnerIdentity): Uint8Array {
  const data = new Uint8Array(20);
  const view = viewOf(data);
  view.setBigInt64(0, identity.sid ?? -1n);
  view.setInt32(8, identity.protocolVersion);
  view.setBigInt64(12, identity.configVersion);
  return plain(type, epochStart(epoch), data);
}

/** Older servers tell less of themselves: only their sid, or that and the version of the protocol. */
function decodeIdentity(record: QuorumPacket): LearnerIdentity {
  const { data } = record;
  if (data === null) return { sid: undefined, protocolVersion: 0, configVersion: 0n };
  if (data.length !== 8 && data.length !== 12 && data.length !== 20) {
    throw malformed(record, `${data.length} bytes of LearnerInfo`);
  }
  const view = viewOf(data);
  return {
    sid: view.getBigInt64(0),
    protocolVersion: data.length >= 12 ? view.getInt32(8) : 0,
    configVersion: data.length >= 20 ? view.getBigInt64(12) : 0n,
  };
}

const TOUCH_BYTES = 12;

function encodeTouched(touched: readonly SessionTouch[]): Uint8Array {
  const data = new Uint8Array(touched.length * TOUCH_BYTES);
  const view = viewOf(data);
  touched.forEach(({ sessionId, timeoutMs }, index) => {
    view.setBigInt64(index * TOUCH_BYTES, sessionId);
    view.setInt32(index * TOUCH_BYTES + 8, timeoutMs);
  });
  return data;
}

function decodeTouched(record: QuorumPacket): SessionTouch[] {
  const data = record.data ?? EMPTY;
  if (data.length % TOUCH_BYTES !== 0) throw malformed(record, `${data.length} bytes of sessions`);
  const view = viewOf(data);
  const touched: SessionTouch[] = [];
  for (let at = 0; at < data.length; at += TOUCH_BYTES) {
    touched.push({ sessionId: view.getBigInt64(at), timeoutMs: view.getInt32(at + 8) });
  }
  return touched;
}

function plain(type: number, zxid: bigint, data: Uint8Array | null): Uint8Array {
  return QuorumPacket.encode({ type, zxid, data, authinfo: null });
}

function dataOf(record: QuorumPacket, atLeast: number): Uint8Array {
  const { data } = record;
  if (data === null || data.length < atLeast) {
    throw malformed(record, `${data?.length ?? "no"} bytes of data, at least ${atLeast} expected`);
  }
  return data;
}

function malformed(record: QuorumPacket, what: string): ProtocolViolation {
  return new ProtocolViolation("malformed", `${nameOf(record)} with ${what}`, nameOf(record));
}

function unexpected(record: QuorumPacket, sender: Sender): ProtocolViolation {
  const text = `a ${sender} does not send ${nameOf(record)}`;
  return new ProtocolViolation("unexpected-packet", text, nameOf(record));
}

function nameOf(record: QuorumPacket): string {
  return packetTypeName(record.type) ?? `packet type ${record.type}`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function intBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setInt32(0, value);
  return bytes;
}

function longBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigInt64(0, value);
  return bytes;
}

/** Bytes of a TxnHeader: four longs and ints of fixed size. */
/**
 * LEADERINFO's data for a learner that is not counted: the protocol's version, then
 * a 1. Java sends no more than the version, and its learners read no more.
 */
const UNCOUNTED: Uint8Array = Uint8Array.of(0, 1, 0, 0, 1);
const TXN_HEADER_BYTES = 32;
const EMPTY = new Uint8Array(0);
