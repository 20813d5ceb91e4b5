/**
 * The files of a data directory, written here by hand and not by the servers' code: as `FileTxnLog`,
 * `FileSnap`, `SnapStream` and `QuorumPeer` of Apache ZooKeeper write them; and the mark `synced`, which is this
 * project's own, as its description says.
 */
import { adler32, ascii, int, joined, long } from "../model/plain-bytes.js";

/** "ZKLG", version 2, and the id of a database, which nobody reads. */
export function logHeader(): Uint8Array {
  return joined(ascii("ZKLG"), int(2), long(0n));
}

/** The checksum, the length, the txn, and its end. */
export function logRecord(txn: Uint8Array): Uint8Array {
  return joined(long(BigInt(adler32(txn))), int(txn.length), txn, ascii("B"));
}

/** What follows the body of a snapshot, each with a seal: nothing, a digest, the last zxid, or both. */
export interface Trailer {
  readonly digest?: { readonly zxid: bigint; readonly value: bigint; readonly version: number };
  readonly lastZxid?: bigint;
}

export function snapshotFile(body: Uint8Array, { digest, lastZxid }: Trailer): Uint8Array {
  let file = sealed(joined(ascii("ZKSN"), int(2), long(-1n), body));
  if (digest !== undefined) {
    const { zxid, version, value } = digest;
    const text = value.toString(16);
    // Before version 2 it was a text of hexadecimal digits.
    const shown = version < 2 ? joined(int(text.length), ascii(text)) : long(value);
    file = sealed(joined(file, long(zxid), int(version), shown));
  }
  return lastZxid === undefined ? file : sealed(joined(file, long(lastZxid)));
}

/** With the checksum of all of it, and "/". */
function sealed(bytes: Uint8Array): Uint8Array {
  return joined(bytes, long(BigInt(adler32(bytes))), int(1), ascii("/"));
}

/** A file in the framing that snappy has in Java: a header, then blocks of so many bytes, each after its length. */
export function inSnappy(bytes: Uint8Array, blockBytes: number): Uint8Array {
  const parts = [joined(Uint8Array.of(0x82), ascii("SNAPPY"), Uint8Array.of(0), int(1), int(1))];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = snappyBlock(bytes.subarray(at, at + blockBytes));
    parts.push(int(block.length), block);
  }
  return joined(...parts);
}

/** How long it is, in groups of seven bits, then literals, and copies of what came before. */
function snappyBlock(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const out = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  let literal: number[] = [];
  const endLiteral = (): void => {
    const last = literal.length - 1;
    if (last >= 256) out.push(61 << 2, last & 0xff, last >> 8);
    else if (last >= 60) out.push(60 << 2, last);
    else if (last >= 0) out.push(last << 2);
    out.push(...literal);
    literal = [];
  };
  for (let at = 0; at < length;) {
    const { distance, size } = longestCopy(bytes, at);
    if (size < 4) {
      literal.push(bytes[at] ?? 0);
      at += 1;
      continue;
    }
    endLiteral();
    if (size < 12 && distance < 2048)
      out.push(1 | ((size - 4) << 2) | ((distance >> 8) << 5), distance & 0xff);
    else if (size % 2 === 0) out.push(2 | ((size - 1) << 2), distance & 0xff, distance >> 8);
    else out.push(3 | ((size - 1) << 2), distance & 0xff, distance >> 8, 0, 0);
    at += size;
  }
  endLiteral();
  return Uint8Array.from(out);
}

/** The nearest of the longest ones, up to 64 bytes, which may reach into what it makes. */
function longestCopy(bytes: Uint8Array, at: number): { distance: number; size: number } {
  let longest = { distance: 0, size: 0 };
  for (let distance = 1; distance <= at; distance += 1) {
    let size = 0;
    while (
      size < 64 &&
      at + size < bytes.length &&
      bytes[at + size] === bytes[at + size - distance]
    )
      size += 1;
    if (size > longest.size) longest = { distance, size };
  }
  return longest;
}

/** The file `synced`: two places, each with room for 64 bytes. */
export function syncedFile(...marks: readonly (Uint8Array | undefined)[]): Uint8Array {
  const file = new Uint8Array(64 * marks.length);
  for (const [place, mark] of marks.entries()) file.set(mark ?? [], 64 * place);
  return file;
}

/** A log, how much of it is durable, and whether it is being cut there. */
export function syncedMark(log: string, bytes: number, isCut = false): Uint8Array {
  const text = `${log} ${bytes}${isCut ? " cut" : ""}`;
  return ascii(`${text} ${adler32(ascii(text)).toString(16).padStart(8, "0")}\n`);
}
