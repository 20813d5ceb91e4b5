/**
 * The digest that tells whether two servers hold the same tree: the sum of a
 * CRC-32 per znode, so that a change costs one subtraction and one addition. This
 * is Java's version 2, bit for bit, because leaders put the sum into their txns.
 */
import type { StatPersisted } from "@jute-ts/zookeeper";
import { ROOT, SYSTEM_SUBTREE } from "./znode-path.js";

/** The version that a TxnDigest names for this digest. */
export const DIGEST_VERSION = 2;

/**
 * A znode's share: the CRC-32 of its path in UTF-8, its data and its stat. Znodes
 * below /zookeeper count 0, because every server keeps the quota statistics by itself.
 */
export function znodeDigest(path: string, data: Uint8Array | null, stat: StatPersisted): number {
  if (path.startsWith(SYSTEM_SUBTREE)) return 0;
  let crc = crcOfText(-1, path === "/" ? ROOT : path);
  if (data !== null) crc = crcOfBytes(crc, data);
  return ~crcOfBytes(crc, statBytes(stat)) >>> 0;
}

/** The sum of the shares of all znodes, kept as they change. */
export class DigestSum {
  #sum = 0n;

  replace(oldShare: number, newShare: number): void {
    if (oldShare !== newShare) this.#sum += BigInt(newShare - oldShare);
  }

  clear(): void {
    this.#sum = 0n;
  }

  /** The sum as the signed long that txns carry. */
  get value(): bigint {
    return BigInt.asIntN(64, this.#sum);
  }
}

function statBytes(stat: StatPersisted): Uint8Array {
  scratchView.setBigInt64(0, stat.czxid);
  scratchView.setBigInt64(8, stat.mzxid);
  scratchView.setBigInt64(16, stat.pzxid);
  scratchView.setBigInt64(24, stat.ctime);
  scratchView.setBigInt64(32, stat.mtime);
  scratchView.setInt32(40, stat.version);
  scratchView.setInt32(44, stat.cversion);
  scratchView.setInt32(48, stat.aversion);
  scratchView.setBigInt64(52, stat.ephemeralOwner);
  return scratch;
}

function crcOfBytes(crc: number, bytes: Uint8Array): number {
  for (const byte of bytes) crc = crcOfByte(crc, byte);
  return crc;
}

/** Encodes while it goes. A lone surrogate counts as "?", which is what Java encodes it to. */
function crcOfText(crc: number, text: string): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      crc = crcOfByte(crc, unit);
    } else {
      const point = text.codePointAt(at) as number;
      if (point > 0xffff) at++;
      crc = crcOfCodePoint(crc, point);
    }
  }
  return crc;
}

function crcOfCodePoint(crc: number, point: number): number {
  if (point >= 0xd800 && point <= 0xdfff) return crcOfByte(crc, QUESTION_MARK);
  if (point < 0x800) {
    crc = crcOfByte(crc, 0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      crc = crcOfByte(crc, 0xe0 | (point >> 12));
    } else {
      crc = crcOfByte(crc, 0xf0 | (point >> 18));
      crc = crcOfByte(crc, 0x80 | ((point >> 12) & 0x3f));
    }
    crc = crcOfByte(crc, 0x80 | ((point >> 6) & 0x3f));
  }
  return crcOfByte(crc, 0x80 | (point & 0x3f));
}

function crcOfByte(crc: number, byte: number): number {
  return (crcTable[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
}

/** The usual table of CRC-32, for the reflected polynomial 0xedb88320. */
const crcTable: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

const QUESTION_MARK = 0x3f;

/** The stat of the znode at hand. Nothing keeps it from one call to the next. */
const scratch = new Uint8Array(60);
const scratchView = new DataView(scratch.buffer);
