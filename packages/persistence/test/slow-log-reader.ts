/**
 * The slow, obvious twin of TxnLogDecoder: the whole log in memory, every checksum
 * computed byte by byte, every offset behind a bad record tried.
 */
import type { TxnLogEnd } from "../src/index.js";

export interface SlowReading {
  readonly zxids: readonly bigint[];
  readonly end: { readonly kind: TxnLogEnd["kind"] | "format error"; readonly offset: number };
  readonly nextValidOffset: number | undefined;
}

/** Reads a log that begins with its header or with nothing. Knows nothing of what was synced. */
export function readSlowly(bytes: Uint8Array, maxTxnBytes: number): SlowReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const zxids: bigint[] = [];
  let offset = 0;

  const done = (kind: SlowReading["end"]["kind"], nextValidOffset?: number): SlowReading => ({
    zxids,
    end: { kind, offset },
    nextValidOffset,
  });
  const behindFlaw = (): SlowReading => {
    for (let at = offset; at < bytes.length; at++) {
      const zxid = recordAt(at)?.zxid;
      if (zxid !== undefined && zxid > (zxids.at(-1) ?? -1n)) return done("rotten", at);
    }
    return done("torn");
  };
  const recordAt = (at: number): { zxid: bigint; end: number } | undefined => {
    if (at + 12 > bytes.length) return undefined;
    const length = view.getInt32(at + 8);
    const end = at + 12 + length;
    if (length < 32 || end >= bytes.length || bytes[end] !== 0x42) return undefined;
    if (view.getBigInt64(at) !== slowAdler32(bytes.subarray(at + 12, end))) return undefined;
    return { zxid: view.getBigInt64(at + 24), end: end + 1 };
  };

  const magic = [0x5a, 0x4b, 0x4c, 0x47, 0, 0, 0, 2];
  const wrong = magic.findIndex((byte, at) => at < bytes.length && bytes[at] !== byte);
  if (wrong >= 0 && bytes.subarray(wrong, 16).some((byte) => byte !== 0))
    return done("format error");
  if (wrong >= 0 || bytes.length < 16) return behindFlaw();
  offset = 16;
  for (;;) {
    if (offset === bytes.length) return done("end");
    if (bytes.subarray(offset).every((byte) => byte === 0)) return done("padding");
    const record = recordAt(offset);
    const isTooLong = record !== undefined && record.end - offset - 13 > maxTxnBytes;
    const isInPlace = record !== undefined && record.zxid > (zxids.at(-1) ?? -1n);
    if (isTooLong || (record !== undefined && !isInPlace)) return done("rotten", offset);
    if (record === undefined) return behindFlaw();
    zxids.push(record.zxid);
    offset = record.end;
  }
}

export function slowAdler32(bytes: Uint8Array): bigint {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return BigInt(b * 65_536 + a);
}
