/**
 * The first place of a log that is not a valid record in its place, and what is
 * learnt from the bytes after it.
 */
import { Adler32 } from "./adler32.js";
import { RECORD_HEAD_BYTES, RECORD_TAIL } from "./txn-log.js";
import type { TxnRecordSearch } from "./txn-record-search.js";

/**
 * What is wrong:
 * - `damaged`: no record. What a crash leaves looks like this, and so does rot.
 * - `misplaced`: a whole record that cannot stand here. No crash leaves that.
 * - `oversized`: longer than the reader accepts; whether it is a record at all shows when its end has come.
 */
type FlawKind = "damaged" | "misplaced" | "oversized";

export class TxnLogFlaw {
  readonly kind: FlawKind;
  readonly reason: string;
  readonly search: TxnRecordSearch;
  readonly #longRecord: LongRecordCheck | undefined;

  constructor(
    kind: FlawKind,
    reason: string,
    search: TxnRecordSearch,
    longRecord?: LongRecordCheck,
  ) {
    this.kind = kind;
    this.reason = reason;
    this.search = search;
    this.#longRecord = longRecord;
  }

  /** Takes the bytes from the flaw on, as far as they come. */
  push(chunk: Uint8Array): void {
    this.search.push(chunk);
    this.#longRecord?.push(chunk);
  }

  /** The length of a txn that is whole and too long; undefined for every other flaw. */
  get oversizedTxnBytes(): number | undefined {
    return this.#longRecord?.isWhole === true ? this.#longRecord.txnBytes : undefined;
  }

  /** The length that a record claims which is too long to be held; undefined for other flaws. */
  get claimedTxnBytes(): number | undefined {
    return this.#longRecord?.txnBytes;
  }

  /** Whether the flaw itself is a whole record, so that somebody must have written it. */
  get isWholeRecord(): boolean {
    return this.kind === "misplaced" || this.#longRecord?.isWhole === true;
  }
}

/** Checks a record that is too long to be held, as it passes. */
export class LongRecordCheck {
  readonly txnBytes: number;
  readonly #checksum: number;
  readonly #adler = new Adler32();
  #headLeft = RECORD_HEAD_BYTES;
  #txnLeft: number;
  #isWhole = false;
  #isOver = false;

  /** `checksum` and `length` are what the record claims of its txn. */
  constructor(checksum: number, length: number) {
    this.#checksum = checksum;
    this.txnBytes = length;
    this.#txnLeft = length;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  push(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const start = Math.min(this.#headLeft, chunk.length);
    this.#headLeft -= start;
    const txn = chunk.subarray(start, start + this.#txnLeft);
    this.#adler.update(txn);
    this.#txnLeft -= txn.length;
    const tail = chunk[start + txn.length];
    if (this.#headLeft === 0 && this.#txnLeft === 0 && tail !== undefined) {
      this.#isWhole = tail === RECORD_TAIL && this.#adler.sum === this.#checksum;
      this.#isOver = true;
    }
  }
}
