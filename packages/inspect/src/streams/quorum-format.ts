/**
 * Where packets between servers end. They follow each other without frames, so the
 * lengths inside must be followed; after a SNAP stands a snapshot that no packet contains.
 */
import { PacketType, packetTypeName } from "@jute-ts/zookeeper";
import type { ByteQueue } from "../byte-queue.js";
import type { Extent } from "./stream.js";

/** Types that are not known yet are believed up to here. */
const MOST_TYPE = 127;
const HEAD_BYTES = 12;
const LENGTH_BYTES = 4;

/** Numbers that can be looked at before they are taken. */
export type Peekable = Pick<ByteQueue, "length" | "intAt">;

/** The extent of a QuorumPacket: what it is at least, as long as the number of its identities is not there. */
export function packetExtent(queue: Peekable, maxDataBytes: number): Extent {
  if (queue.length < LENGTH_BYTES) return { kind: "more" };
  const type = queue.intAt(0);
  if (type < 0 || type > MOST_TYPE) {
    return { kind: "lost", reason: `packet type ${type} does not exist` };
  }
  const data = lengthAt(queue, HEAD_BYTES, maxDataBytes, "data");
  if (typeof data !== "number") return data;
  const idsAt = HEAD_BYTES + LENGTH_BYTES + data;
  // Identities are those of a client, which only requests have.
  if (queue.length < idsAt + LENGTH_BYTES && type !== PacketType.REQUEST) {
    return { kind: "bytes", count: idsAt + LENGTH_BYTES };
  }
  const ids = lengthAt(queue, idsAt, MAX_IDS, "identities");
  if (typeof ids !== "number") return ids;
  let at = idsAt + LENGTH_BYTES;
  for (let strings = 2 * ids; strings > 0; strings--) {
    const length = lengthAt(queue, at, MAX_ID_BYTES, "an identity");
    if (typeof length !== "number") return length;
    at += LENGTH_BYTES + length;
  }
  return { kind: "bytes", count: at };
}

/** The extent of a step of SASL at the start; undefined when that is something else. */
export function authenticationExtent(queue: Peekable): Extent | undefined {
  const { length } = queue;
  if (length >= 4 && queue.intAt(0) !== MAGIC_HIGH) return undefined;
  if (length < 8) return { kind: "more" };
  if (queue.intAt(4) !== MAGIC_LOW) return undefined;
  const token = lengthAt(queue, HEAD_BYTES, MAX_TOKEN_BYTES, "a token");
  if (typeof token !== "number") return token;
  return { kind: "bytes", count: HEAD_BYTES + LENGTH_BYTES + token };
}

/** Whether the numbers `from` bytes after the start can be those of a packet: only what is cheap to see. */
export function packetHeadFits(
  queue: ByteQueue,
  from: number,
  maxDataBytes: number,
): boolean | "more" {
  if (queue.length - from < HEAD_BYTES + LENGTH_BYTES) return "more";
  const type = queue.intAt(from);
  if (packetTypeName(type) === undefined) return false;
  const length = queue.intAt(from + HEAD_BYTES);
  const [least, most] = dataBytes.get(type) ?? [-1, -1];
  return length >= least && length <= Math.min(most, maxDataBytes);
}

/** A length or count, null counting as 0, or why there is none. */
function lengthAt(queue: Peekable, at: number, most: number, what: string): number | Extent {
  if (queue.length < at + LENGTH_BYTES) return { kind: "more" };
  const length = queue.intAt(at);
  if (length < -1 || length > most) {
    return { kind: "lost", reason: `${what} of length ${length} is not within -1 to ${most}` };
  }
  return Math.max(length, 0);
}

/** How much data each type has at least and at most; -1 is null. */
const dataBytes: ReadonlyMap<number, readonly [least: number, most: number]> = new Map([
  [PacketType.REQUEST, [16, Infinity]],
  [PacketType.PROPOSAL, [32, Infinity]],
  [PacketType.ACK, [-1, 0]],
  [PacketType.COMMIT, [-1, 0]],
  [PacketType.PING, [-1, 12 * 65_536]],
  [PacketType.REVALIDATE, [9, 12]],
  [PacketType.SYNC, [-1, 0]],
  [PacketType.INFORM, [32, Infinity]],
  [PacketType.COMMITANDACTIVATE, [8, 8]],
  [PacketType.NEWLEADER, [-1, 65_536]],
  [PacketType.FOLLOWERINFO, [8, 20]],
  [PacketType.UPTODATE, [-1, 0]],
  [PacketType.DIFF, [-1, 0]],
  [PacketType.TRUNC, [-1, 0]],
  [PacketType.SNAP, [-1, 0]],
  [PacketType.OBSERVERINFO, [8, 20]],
  [PacketType.LEADERINFO, [4, 5]],
  [PacketType.ACKEPOCH, [4, 4]],
  [PacketType.INFORMANDACTIVATE, [40, Infinity]],
]);

/** The halves of -0xa0dbcafecafe1234 as two's complement. */
const MAGIC = BigInt.asUintN(64, -0xa0dbcafecafe1234n);
const MAGIC_HIGH = Number(BigInt.asIntN(32, MAGIC >> 32n));
const MAGIC_LOW = Number(BigInt.asIntN(32, MAGIC));

/** Far above what any client or exchange has. */
const MAX_IDS = 256;
const MAX_ID_BYTES = 64 * 1024;
const MAX_TOKEN_BYTES = 1 << 20;
