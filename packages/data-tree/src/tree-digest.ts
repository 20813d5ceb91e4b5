/**
 * The digest that tells whether two servers hold the same tree: the sum of a
 * CRC-32 per znode, so that a change costs one subtraction and one addition. This
 * is Java's version 2, bit for bit, because leaders put the sum into their txns.
 */
import type { StatPersisted } from "@jute-ts/zookeeper";
import { CRC_START, crcOfBytes, crcOfInt, crcOfText, finishedCrc } from "./crc32.js";
import { highOf, lowOf } from "./halves.js";
import { ROOT, SYSTEM_SUBTREE } from "./znode-path.js";

/** The version that a TxnDigest names for this digest. */
export const DIGEST_VERSION = 2;

/**
 * A znode's share: the CRC-32 of its path in UTF-8, its data and its stat. Znodes
 * below /zookeeper count 0, because every server keeps the quota statistics by itself.
 */
export function znodeDigest(path: string, data: Uint8Array | null, stat: StatPersisted): number {
  return shareOf(path, contentCrc(path, data), stat);
}

/** What goes into a znode's share before its stat, which changes more often: kept, it need not be computed again. */
export function contentCrc(path: string, data: Uint8Array | null): number {
  const crc = crcOfText(CRC_START, path === "/" ? ROOT : path);
  return data === null ? crc : crcOfBytes(crc, data);
}

/** The share of a znode with such content. */
export function shareOf(path: string, content: number, stat: StatPersisted): number {
  if (!countsInDigest(path)) return 0;
  let crc = crcOfLong(content, stat.czxid);
  crc = crcOfLong(crc, stat.mzxid);
  crc = crcOfLong(crc, stat.pzxid);
  crc = crcOfLong(crc, stat.ctime);
  crc = crcOfLong(crc, stat.mtime);
  crc = crcOfInt(crc, stat.version);
  crc = crcOfInt(crc, stat.cversion);
  crc = crcOfInt(crc, stat.aversion);
  return finishedCrc(crcOfLong(crc, stat.ephemeralOwner));
}

/** Whether a znode has a share. */
export function countsInDigest(path: string): boolean {
  return !path.startsWith(SYSTEM_SUBTREE);
}

function crcOfLong(crc: number, value: bigint): number {
  return crcOfInt(crcOfInt(crc, highOf(value)), lowOf(value));
}

/** The sum of the shares of all znodes, kept as they change. */
export class DigestSum {
  /** The sum is `#high` times 2^32 plus `#low`, which is below that. Numbers, because each bigint is an allocation. */
  #high = 0;
  #low = 0;
  /** The sum as a long, once somebody has asked for it. */
  #value: bigint | undefined = 0n;

  replace(oldShare: number, newShare: number): void {
    this.#value = undefined;
    const low = this.#low + newShare - oldShare;
    const carry = Math.floor(low / WORD);
    this.#high += carry;
    this.#low = low - carry * WORD;
  }

  clear(): void {
    this.#high = 0;
    this.#low = 0;
    this.#value = 0n;
  }

  /** The sum as the signed long that txns carry. */
  get value(): bigint {
    this.#value ??= BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
    return this.#value;
  }

  /** Whether the sum is this signed long. */
  is(value: bigint): boolean {
    if (highOf(value) !== (this.#high | 0) || lowOf(value) !== (this.#low | 0)) return false;
    this.#value = value;
    return true;
  }
}

const WORD = 2 ** 32;
