/**
 * Packets: what a leader and its learners send each other on the quorum port.
 * All of them are QuorumPackets; the packet's type decides what its data holds.
 * They follow each other without frames, unlike the messages of clients.
 */
import { startDecoding } from "@jute-ts/runtime/codegen";
import { abandonReading, finishMessage, startMessage } from "./message-archives.js";

/** `QuorumPacket.type`. Names and numbers are those of Java's `Leader`; they have nothing to do with op codes. */
export const PacketType = {
  /** Learner to leader: a client's request. The data is a ForwardedRequest. */
  REQUEST: 1,
  /** Leader to follower: a txn to log. The data is the txn. */
  PROPOSAL: 2,
  /** Follower to leader: the txn with this zxid is on disk. No data. */
  ACK: 3,
  /** Leader to follower: apply the txn with this zxid. No data. */
  COMMIT: 4,
  /** Both ways. A learner answers with the sessions that it has heard from. */
  PING: 5,
  /** Both ways: is this session still alive? */
  REVALIDATE: 6,
  /** Both ways: the end of what a client's sync waits for. */
  SYNC: 7,
  /** Leader to observer: a txn that is committed. The data is the txn. */
  INFORM: 8,
  /** Leader to follower: COMMIT for a reconfiguration. */
  COMMITANDACTIVATE: 9,
  /** Leader to learner: the history up to this zxid is complete. */
  NEWLEADER: 10,
  /** Follower to leader, first packet. The data is a LearnerInfo. */
  FOLLOWERINFO: 11,
  /** Leader to learner: start to serve clients. */
  UPTODATE: 12,
  /** Leader to learner: the txns that follow are all that is missing. */
  DIFF: 13,
  /** Leader to learner: forget the txns after this zxid. */
  TRUNC: 14,
  /** Leader to learner: a snapshot follows, as a stream that no packet contains. */
  SNAP: 15,
  /** Observer to leader, first packet. The data is a LearnerInfo. */
  OBSERVERINFO: 16,
  /** Leader to learner: the epoch that it wants to lead. */
  LEADERINFO: 17,
  /** Learner to leader: the epoch is accepted. */
  ACKEPOCH: 18,
  /** Leader to observer: INFORM for a reconfiguration. */
  INFORMANDACTIVATE: 19,
} as const;

export type PacketTypeName = keyof typeof PacketType;

/** Any packet type that ZooKeeper defines. */
export type PacketType = (typeof PacketType)[PacketTypeName];

const names: ReadonlyMap<number, PacketTypeName> = new Map(
  Object.entries(PacketType).map(([name, type]) => [type, name as PacketTypeName]),
);

/** The name of a packet type, or undefined when ZooKeeper has none for it. */
export function packetTypeName(type: number): PacketTypeName | undefined {
  return names.get(type);
}

/** The data of a REQUEST packet: a client's request as its server passes it on. */
export interface ForwardedRequest {
  readonly sessionId: bigint;
  /** The xid of the client's request. */
  readonly cxid: number;
  /** The op code. */
  readonly type: number;
  /** The request without its header, as it came. */
  readonly body: Uint8Array;
}

/** Encodes the data of a REQUEST packet. The result is the caller's. */
export function encodeForwardedRequest(request: ForwardedRequest): Uint8Array {
  const { sessionId, cxid, type, body } = request;
  const output = startMessage(undefined);
  output.writeLong(sessionId);
  output.writeInt(cxid);
  output.writeInt(type);
  // Without a length: the packet's data ends where the body does.
  const at = output.reserve(body.length);
  output.bytes.set(body, at);
  return finishMessage(output, undefined);
}

/** Decodes the data of a REQUEST packet. The body points into `data`. Throws JuteDecodeError when it is too short. */
export function decodeForwardedRequest(data: Uint8Array): ForwardedRequest {
  const input = startDecoding(data);
  const sessionId = input.readLong();
  const cxid = input.readInt();
  const type = input.readInt();
  const body = data.subarray(data.length - input.remaining);
  abandonReading(data, input);
  return { sessionId, cxid, type, body };
}
