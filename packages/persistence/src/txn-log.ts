/**
 * The transaction log, as it is written: a header, then records one after the
 * other, then zeros up to the size that was allocated in advance. A record is a
 * long with the checksum of the txn, an int with its length, the txn (header,
 * record, digest, if any), and the byte `B`. The checksum covers the txn alone.
 */
import { Adler32 } from "./adler32.js";
import { intAt, putInt } from "./big-endian.js";
import { encodeFileHeader, FILE_HEADER_BYTES, TXN_LOG_MAGIC } from "./file-header.js";

/** The bytes before the first record. */
export const TXN_LOG_HEADER_BYTES: number = FILE_HEADER_BYTES;

/** What a log begins with, byte for byte as Java writes it. */
export function encodeTxnLogHeader(): Uint8Array {
  return encodeFileHeader(TXN_LOG_MAGIC, 0n);
}

/** How many bytes of the log this txn takes. */
export function txnLogRecordBytes(txn: Uint8Array): number {
  return RECORD_HEAD_BYTES + txn.length + RECORD_TAIL_BYTES;
}

/**
 * The records of these txns, one after the other, in one allocation. The txns
 * are copied as they are: what a leader sent is what the log holds. Throws
 * RangeError for bytes too short to be a txn, which no reader would accept.
 */
export function encodeTxnLogRecords(txns: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const txn of txns) {
    if (txn.length < TXN_HEADER_BYTES) {
      throw new RangeError(
        `a txn begins with a header of ${String(TXN_HEADER_BYTES)} bytes, and this one has ${String(txn.length)}`,
      );
    }
    size += txnLogRecordBytes(txn);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const txn of txns) {
    // The upper half of the checksum's long is zero, as the memory is.
    putInt(bytes, at + 4, new Adler32().update(txn).sum);
    putInt(bytes, at + 8, txn.length);
    bytes.set(txn, at + RECORD_HEAD_BYTES);
    at += txnLogRecordBytes(txn);
    bytes[at - 1] = RECORD_TAIL;
  }
  return bytes;
}

/**
 * How long a log should be before a record is written at `position`: longer by
 * `preAllocBytes` when less than 4 KiB would be left, else as long as it is. A
 * file that has grown beyond what was allocated gets a multiple of
 * `preAllocBytes`. Nothing is allocated in advance when that is 0. The same sizes
 * as in Java, so that files can be compared.
 */
export function paddedLogSize(
  position: number,
  currentSize: number,
  preAllocBytes: number,
): number {
  if (preAllocBytes <= 0 || position + PADDING_MARGIN < currentSize) {
    return currentSize;
  }
  if (position <= currentSize) {
    return currentSize + preAllocBytes;
  }
  const size = position + preAllocBytes;
  return size - (size % preAllocBytes);
}

/** The checksum and the length in front of a txn. */
export const RECORD_HEAD_BYTES = 12;

/** The byte after a txn, by which Java tells a record that was written to its end. */
export const RECORD_TAIL = 0x42;
export const RECORD_TAIL_BYTES = 1;

/** A TxnHeader: session, cxid, zxid, time and type. */
export const TXN_HEADER_BYTES = 32;

/** Where a txn's zxid is: after its session and its cxid. */
export const ZXID_OFFSET = 12;

/** The length that the record at `at` claims. Its first 12 bytes must be there. */
export function claimedLength(bytes: Uint8Array, at: number): number {
  return intAt(bytes, at + 8);
}

/** The checksum that the record at `at` claims, and whether its long is one that a checksum fits in. */
export function claimedChecksum(bytes: Uint8Array, at: number): number | undefined {
  return intAt(bytes, at) === 0 ? intAt(bytes, at + 4) >>> 0 : undefined;
}

const PADDING_MARGIN = 4096;
