/**
 * The transaction log, as it is read: records until the first thing that is not
 * one, then a verdict on what that is. The verdict matters because the two ways
 * for a log to end badly ask for opposite reactions. A record that a crash tore
 * was never promised to anybody, so the log is cut there and the peer goes on. A
 * record that rotted on the disk may have been promised, so the peer must refuse
 * to start rather than forget it. The bytes alone tell the two apart only where
 * valid records follow; a caller that knows how far the log was synced says so.
 *
 * It knows nothing of files, other logs, or what the txns do.
 */
import { quantity } from "./quantity.js";
import { Adler32 } from "./adler32.js";
import { longAt } from "./big-endian.js";
import { ElementSplitter } from "./element-splitter.js";
import { hexBytes, hexZxid } from "./file-header.js";
import {
  claimedChecksum,
  claimedLength,
  encodeTxnLogHeader,
  RECORD_HEAD_BYTES,
  RECORD_TAIL,
  RECORD_TAIL_BYTES,
  TXN_HEADER_BYTES,
  TXN_LOG_HEADER_BYTES,
  ZXID_OFFSET,
} from "./txn-log.js";
import { LongRecordCheck, TxnLogFlaw } from "./txn-log-flaw.js";
import { TxnRecordSearch } from "./txn-record-search.js";

export interface TxnLogRecord {
  /** Where the record, with its checksum, begins in the file. */
  readonly offset: number;
  /** Where the next one begins: the size of the file when it is cut after this record. */
  readonly endOffset: number;
  readonly zxid: bigint;
  /**
   * The txn (header, record, digest, if any), for `decodeTxn`. Borrowed from the
   * chunk that was pushed: valid as long as that does not change.
   */
  readonly bytes: Uint8Array;
}

/** Why reading stopped. `offset` is the end of what is good: cut there, the log is whole. */
export type TxnLogEnd =
  /** The data ended directly after a record, or after the header. */
  | { readonly kind: "end"; readonly offset: number }
  /** Nothing but zeros follows. */
  | { readonly kind: "padding"; readonly offset: number }
  /** What a crash leaves: something that is no record, and nothing that says it had ever been durable. */
  | {
      readonly kind: "torn";
      readonly offset: number;
      readonly reason: string;
      /** The length that the record there claims, where that is more than is accepted and no valid record follows. */
      readonly claimedTxnBytes?: number | undefined;
    }
  /** Damage to what had been durable, or what no crash leaves. The log must not be cut here. */
  | {
      readonly kind: "rotten";
      readonly offset: number;
      readonly reason: string;
      /** Where the next valid record with a higher zxid begins; undefined if there is none. */
      readonly nextValidOffset: number | undefined;
      /** The length of the txn here when it is whole, and nothing is wrong but that it is longer than `maxTxnBytes`. */
      readonly oversizedTxnBytes?: number;
    };

export interface TxnLogDecoderOptions {
  /** The longest txn that is accepted, in bytes. Default 2097150, as in Java unless `jute.maxbuffer` is set. */
  readonly maxTxnBytes?: number | undefined;
  /**
   * Everything before this offset is known to have been durable: whatever is wrong
   * there is `rotten`. When given, whatever is wrong from there on is `torn`, even
   * if valid records follow. Give it only if nothing was promised that lies after it.
   */
  readonly syncedBytes?: number | undefined;
  /** The zxid that the name of the file claims for its first record, to be held to it. */
  readonly firstZxid?: bigint | undefined;
}

/** These bytes are not a transaction log, or of a version that does not exist. */
export class TxnLogFormatError extends Error {
  override readonly name = "TxnLogFormatError";
  readonly kind: "magic" | "version";
  readonly offset: number;

  constructor(kind: "magic" | "version", offset: number, reason: string) {
    super(`${reason} at byte ${String(offset)} of the log`);
    this.kind = kind;
    this.offset = offset;
  }
}

/**
 * Takes a log in chunks of any size. Holds the bytes of at most one record, and
 * where it searches after a bad one, of at most three.
 */
export class TxnLogDecoder {
  readonly #maxTxnBytes: number;
  readonly #syncedBytes: number | undefined;
  readonly #firstZxid: bigint | undefined;
  readonly #splitter: ElementSplitter;

  #records: TxnLogRecord[] = [];
  /** Where the next element begins: the end of what is good. */
  #offset = 0;
  #lastZxid = NO_ZXID;
  #flaw: TxnLogFlaw | undefined;
  #failure: TxnLogFormatError | undefined;
  #isFinished = false;

  constructor(options?: TxnLogDecoderOptions) {
    this.#maxTxnBytes = options?.maxTxnBytes ?? DEFAULT_MAX_TXN_BYTES;
    this.#syncedBytes = options?.syncedBytes;
    this.#firstZxid = options?.firstZxid;
    this.#splitter = new ElementSplitter({
      sizeAt: (bytes, at, available) => this.#sizeAt(bytes, at, available),
      take: (bytes, at, size) => this.#take(bytes, at, size),
    });
  }

  /**
   * The records that end in this chunk, of which nothing else is kept: it can be written to
   * again when its records are not needed any more. Throws TxnLogFormatError when the bytes are
   * no transaction log, then and at every later call.
   */
  push(chunk: Uint8Array): TxnLogRecord[] {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isFinished) throw new Error("The log has ended: finish() was called.");
    this.#records = [];
    const used = this.#flaw === undefined ? this.#splitter.push(chunk) : 0;
    this.#flaw?.push(chunk.subarray(used));
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** Says that the data has ended, and returns why reading stopped. */
  finish(): TxnLogEnd {
    if (this.#failure !== undefined) throw this.#failure;
    this.#isFinished = true;
    const { rest } = this.#splitter;
    if (this.#flaw === undefined) {
      if (rest.length === 0 && this.#offset > 0) return this.#cleanEnd("end");
      this.#flaw = this.#flawAtEnd(rest);
      this.#flaw.push(rest);
    }
    this.#flaw.search.finish();
    return this.#verdict(this.#flaw);
  }

  /** What a flaw means for whoever owns the log. */
  #verdict(flaw: TxnLogFlaw): TxnLogEnd {
    const offset = this.#offset;
    if (flaw.search.allZero && offset > 0) return this.#cleanEnd("padding");
    const nextValidOffset = flaw.isWholeRecord ? offset : flaw.search.found;
    const { reason } = flaw;
    // A whole record that is merely too long for this reader is nobody's to forget.
    if (flaw.oversizedTxnBytes !== undefined) {
      const { oversizedTxnBytes } = flaw;
      return { kind: "rotten", offset, reason, nextValidOffset, oversizedTxnBytes };
    }
    if (this.#wasDurable(offset)) {
      return {
        kind: "rotten",
        offset,
        reason: `${reason}, and it had been synced`,
        nextValidOffset,
      };
    }
    const isFollowed = nextValidOffset !== undefined && this.#syncedBytes === undefined;
    if (isFollowed) return { kind: "rotten", offset, reason, nextValidOffset };
    const claimedTxnBytes = nextValidOffset === undefined ? flaw.claimedTxnBytes : undefined;
    return claimedTxnBytes === undefined
      ? { kind: "torn", offset, reason }
      : { kind: "torn", offset, reason, claimedTxnBytes };
  }

  /** The records end without a flaw, which is one nevertheless if there had been more. */
  #cleanEnd(kind: "end" | "padding"): TxnLogEnd {
    const offset = this.#offset;
    if (!this.#wasDurable(offset)) return { kind, offset };
    const what = kind === "end" ? "the file ends" : "the records end and zeros begin";
    const reason = `${what} here, but ${String(this.#syncedBytes)} bytes had been synced`;
    return { kind: "rotten", offset, reason, nextValidOffset: undefined };
  }

  #wasDurable(offset: number): boolean {
    return this.#syncedBytes !== undefined && offset < this.#syncedBytes;
  }

  #flawAtEnd(rest: Uint8Array): TxnLogFlaw {
    if (this.#offset > 0) {
      return this.#damaged(`the file ends ${quantity(rest.length, "byte")} into a record`);
    }
    if (rest.length === 0) return this.#damaged("the file is empty");
    return this.#flawInHeader(rest) ?? this.#damaged("the file ends inside its header");
  }

  #sizeAt(bytes: Uint8Array, at: number, available: number): number {
    if (this.#offset === 0) return TXN_LOG_HEADER_BYTES;
    if (available < RECORD_HEAD_BYTES) return RECORD_HEAD_BYTES;
    const length = claimedLength(bytes, at);
    // A length that no record has is a flaw that can be told without the rest.
    const isPossible = length >= TXN_HEADER_BYTES && length <= this.#maxTxnBytes;
    return isPossible ? RECORD_HEAD_BYTES + length + RECORD_TAIL_BYTES : RECORD_HEAD_BYTES;
  }

  #take(bytes: Uint8Array, at: number, size: number): boolean {
    const flaw =
      this.#offset === 0
        ? this.#flawInHeader(bytes.subarray(at, at + size))
        : this.#flawInRecord(bytes, at, at + size);
    if (flaw !== undefined) {
      this.#flaw = flaw;
      flaw.push(bytes.subarray(at, at + size));
      return false;
    }
    if (this.#offset > 0) {
      const txn = bytes.subarray(at + RECORD_HEAD_BYTES, at + size - RECORD_TAIL_BYTES);
      const endOffset = this.#offset + size;
      this.#lastZxid = longAt(bytes, at + RECORD_HEAD_BYTES + ZXID_OFFSET);
      this.#records.push({ offset: this.#offset, endOffset, zxid: this.#lastZxid, bytes: txn });
    }
    this.#offset += size;
    return true;
  }

  /** Throws for a header of something else. One that was only begun is a flaw like any other. */
  #flawInHeader(header: Uint8Array): TxnLogFlaw | undefined {
    const expected = encodeTxnLogHeader();
    // The database id, in the last eight bytes, may be anything.
    const written = header.findIndex((byte, at) => at < 8 && byte !== expected[at]);
    if (written < 0) return undefined;
    if (header.subarray(written).every((byte) => byte === 0)) {
      return this.#damaged("the header was never written to its end");
    }
    this.#failure =
      written < 4
        ? new TxnLogFormatError(
            "magic",
            0,
            `${hexBytes(header.subarray(0, 4))} is not ${hexBytes(expected.subarray(0, 4))} ("ZKLG"), with which every transaction log begins,`,
          )
        : new TxnLogFormatError(
            "version",
            4,
            `${hexBytes(header.subarray(4, 8))} is not ${hexBytes(expected.subarray(4, 8))}, the only version there is,`,
          );
    throw this.#failure;
  }

  #flawInRecord(bytes: Uint8Array, start: number, end: number): TxnLogFlaw | undefined {
    const length = claimedLength(bytes, start);
    const checksum = claimedChecksum(bytes, start);
    if (length > this.#maxTxnBytes) return this.#oversized(length, checksum);
    if (length < TXN_HEADER_BYTES) {
      return this.#damaged(`a length of ${String(length)} is less than any txn has`);
    }
    if (bytes[end - 1] !== RECORD_TAIL) {
      return this.#damaged("a record does not end with 'B'");
    }
    const txn = start + RECORD_HEAD_BYTES;
    if (new Adler32().update(bytes, txn, end - RECORD_TAIL_BYTES).sum !== checksum) {
      return this.#damaged("the checksum of a record is wrong");
    }
    return this.#flawInSequence(longAt(bytes, txn + ZXID_OFFSET));
  }

  #flawInSequence(zxid: bigint): TxnLogFlaw | undefined {
    const isFirst = this.#lastZxid === NO_ZXID;
    if (isFirst && this.#firstZxid !== undefined && zxid !== this.#firstZxid) {
      return this.#misplaced(
        `the first record has zxid ${hexZxid(zxid)}, and the file's name says ${hexZxid(this.#firstZxid)}`,
      );
    }
    if (zxid > this.#lastZxid) return undefined;
    const place = isFirst ? "is the first" : `follows ${hexZxid(this.#lastZxid)}`;
    return this.#misplaced(`a record with zxid ${hexZxid(zxid)} ${place}`);
  }

  #damaged(reason: string): TxnLogFlaw {
    return new TxnLogFlaw("damaged", reason, this.#startSearch());
  }

  #misplaced(reason: string): TxnLogFlaw {
    return new TxnLogFlaw("misplaced", reason, this.#startSearch());
  }

  #oversized(length: number, checksum: number | undefined): TxnLogFlaw {
    const limit = String(this.#maxTxnBytes);
    const reason = `a txn of ${String(length)} bytes is above the limit of ${limit} (raise maxTxnBytes to allow it)`;
    // Without a checksum that can be one, nobody wrote the length either.
    const check = checksum === undefined ? undefined : new LongRecordCheck(checksum, length);
    return new TxnLogFlaw("oversized", reason, this.#startSearch(), check);
  }

  #startSearch(): TxnRecordSearch {
    return new TxnRecordSearch(this.#offset, this.#lastZxid, this.#maxTxnBytes);
  }
}

/** Reads a whole log that is in memory. The records point into `bytes`. */
export function readTxnLog(
  bytes: Uint8Array,
  options?: TxnLogDecoderOptions,
): { readonly records: TxnLogRecord[]; readonly end: TxnLogEnd } {
  const decoder = new TxnLogDecoder(options);
  const records = decoder.push(bytes);
  return { records, end: decoder.finish() };
}

/** What `jute.maxbuffer` amounts to when nobody sets it, for a buffer with the extra that Java allows. */
const DEFAULT_MAX_TXN_BYTES = 2 * 0xfffff;

/** Below every zxid that a record can have. */
const NO_ZXID = -1n;
