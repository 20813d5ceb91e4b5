/** Where the elements of a snapshot end, and where a znode can begin when that is not known. */
import { SNAPSHOT_STREAM_SIGNATURE } from "@jute-ts/persistence";
import type { ByteQueue } from "../byte-queue.js";
import type { Extent } from "../streams/stream.js";

export function digestExtent(queue: ByteQueue): Extent {
  if (queue.length < 12) return MORE;
  if (queue.intAt(8) >= FIRST_BINARY_DIGEST) return fixed(LONG_BYTES + 4 + LONG_BYTES);
  if (queue.length < 16) return MORE;
  const length = queue.intAt(12);
  if (length < -1 || length > LONGEST_TEXT_DIGEST) {
    return lost(`a digest of ${length} characters is none`);
  }
  return fixed(16 + Math.max(length, 0));
}

export function countExtent(count: number, what: string): Extent {
  return count < 0 ? lost(`a count of ${count} ${what} is negative`) : fixed(4);
}

export function aclExtent(queue: ByteQueue): Extent {
  if (queue.length < ACL_HEAD_BYTES) return MORE;
  const count = queue.intAt(LONG_BYTES);
  if (count < -1) return lost(`an access control list of ${count} entries`);
  let at = ACL_HEAD_BYTES;
  for (let entry = 0; entry < count; entry++) {
    at += 4;
    for (let text = 0; text < 2; text++) {
      if (queue.length < at + 4) return MORE;
      const length = queue.intAt(at);
      if (length < -1 || length > MAX_DATA_BYTES) return lost(`an identity of ${length} bytes`);
      at += 4 + Math.max(length, 0);
    }
    if (at > MAX_DATA_BYTES) return lost(`an access control list of more than ${at} bytes`);
  }
  return fixed(at);
}

/** The extent of a znode with its path, or "end" where the end of the znodes stands. */
export function znodeOrEndExtent(queue: ByteQueue): Extent | "end" {
  if (queue.length < 4) return MORE;
  const pathLength = queue.intAt(0);
  if (pathLength === 1) {
    if (queue.length < END_BYTES) return MORE;
    if (queue.byteAt(4) === SLASH) return "end";
  }
  if (pathLength < 0 || pathLength > MAX_PATH_BYTES) {
    return lost(`a path of ${pathLength} bytes is not within 0 to ${MAX_PATH_BYTES}`);
  }
  if (pathLength > 0 && queue.length > 4 && queue.byteAt(4) !== SLASH) {
    return lost("a path does not begin with '/'");
  }
  const dataAt = 4 + pathLength;
  if (queue.length < dataAt + 4) return MORE;
  const dataLength = queue.intAt(dataAt);
  if (dataLength < -1 || dataLength > MAX_DATA_BYTES) {
    return lost(`data of ${dataLength} bytes is not within -1 to ${MAX_DATA_BYTES}`);
  }
  return fixed(dataAt + 4 + Math.max(dataLength, 0) + ZNODE_REST_BYTES);
}

/**
 * Whether a znode can begin here: a path, data, and a stat whose numbers fit each other, or
 * the end of the znodes.
 */
export function plausibleZnode(queue: ByteQueue, from: number): boolean | "more" {
  const left = queue.length - from;
  if (left < END_BYTES) return "more";
  const pathLength = queue.intAt(from);
  if (pathLength < 2 || pathLength > MAX_FOUND_PATH_BYTES) return false;
  if (queue.byteAt(from + 4) !== SLASH) return false;
  const dataAt = from + 4 + pathLength;
  if (queue.length < dataAt + 4) return "more";
  const dataLength = queue.intAt(dataAt);
  if (dataLength < -1 || dataLength > MAX_FOUND_DATA_BYTES) return false;
  for (let at = from + 4; at < dataAt; at++) if (queue.byteAt(at) < 0x20) return false;
  const statAt = dataAt + 4 + Math.max(dataLength, 0) + LONG_BYTES;
  if (queue.length < statAt + STAT_BYTES) return "more";
  const czxid = queue.longAt(statAt);
  const mzxid = queue.longAt(statAt + 8);
  const pzxid = queue.longAt(statAt + 52);
  const ctime = queue.longAt(statAt + 16);
  const mtime = queue.longAt(statAt + 24);
  return (
    czxid >= 0n &&
    mzxid >= czxid &&
    pzxid >= czxid &&
    isTime(ctime) &&
    isTime(mtime) &&
    queue.intAt(statAt + 32) >= -1
  );
}

/** A time between 1970 and the year 4000. */
function isTime(time: bigint): boolean {
  return time >= 0n && time < LATEST_TIME_MS;
}

export function fixed(count: number): Extent {
  return { kind: "bytes", count };
}

function lost(reason: string): Extent {
  return { kind: "lost", reason };
}

export const MORE: Extent = { kind: "more" };
export const LONG_BYTES = 8;
export const HEADER_BYTES = 16;
export const SESSION_BYTES = 12;
const ACL_HEAD_BYTES = 12;
/** The string "/". */
export const END_BYTES = 5;
export const SEAL_BYTES: number = LONG_BYTES + END_BYTES;
export const SIGNATURE_BYTES: number = 4 + SNAPSHOT_STREAM_SIGNATURE.length;
const STAT_BYTES = 60;
/** What follows a znode's data: the number of its list, and its stat. */
const ZNODE_REST_BYTES = LONG_BYTES + STAT_BYTES;
/** A zxid and a seal. */
export const ZXID_SECTION_BYTES: number = LONG_BYTES + SEAL_BYTES;
export const SLASH = 0x2f;
export const FIRST_BINARY_DIGEST = 2;
const LONGEST_TEXT_DIGEST = 17;

/** Far longer than any path, and data that a server with a raised `jute.maxbuffer` may have. */
const MAX_PATH_BYTES = 1 << 20;
const MAX_DATA_BYTES = 64 << 20;

/** After damage, only what is usual is taken for a znode. */
const MAX_FOUND_PATH_BYTES = 4096;
const MAX_FOUND_DATA_BYTES = 2 << 20;
export const ZNODE_LOOK_BYTES: number = MAX_FOUND_PATH_BYTES;
const LATEST_TIME_MS = 64_060_588_800_000n;
