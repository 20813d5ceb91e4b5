/**
 * A transaction log: a header, records, and zeros that were allocated in advance. A
 * record whose checksum is wrong is shown with what it holds; where not even its end
 * can be found, the next record is the next place whose checksum is right.
 */
import { quantity } from "../quantity.js";
import { Adler32 } from "@jute-ts/persistence";
import { FileHeader } from "@jute-ts/zookeeper";
import type { ByteQueue } from "../byte-queue.js";
import { FieldTrace } from "../field-trace.js";
import { Item, type Layout, plainLayout } from "../item.js";
import { hexLong } from "../meanings.js";
import { LogReading, LogTxn } from "../quick/log-txn.js";
import { intAt, longAt } from "../quick/wire-cursor.js";
import { layTxn } from "../messages/txn-layout.js";
import type { Extent, SearchBudget, StreamFormat } from "../streams/stream.js";

export interface LogFormatOptions {
  /** The longest txn that is believed, in bytes. Default 16 MiB. */
  readonly maxTxnBytes?: number | undefined;
}

export class LogFormat implements StreamFormat {
  readonly endsWhole = true;
  readonly #maxTxnBytes: number;
  #isHeader = true;
  #headers = 0;
  /** Of the record whose extent was told last. */
  #checksum = 0;
  #isPadding = false;
  #paddingOffset = 0;
  #paddingBytes = 0;
  #lastZxid = -1n;
  readonly #reading = new LogReading(laySoundRecord);

  constructor(options: LogFormatOptions = {}) {
    this.#maxTxnBytes = options.maxTxnBytes ?? DEFAULT_MAX_TXN_BYTES;
  }

  /** That of the last record in order. */
  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  /** Whether what comes next, if it is whole and sound, is a record for `quick`. */
  get isAtRecord(): boolean {
    return !this.#isHeader && !this.#isPadding && this.#paddingBytes === 0;
  }

  /** Goes on as after sound records of which this was the last. The next must be a record. */
  continueAfter(lastZxid: bigint): void {
    this.#isHeader = false;
    this.#lastZxid = lastZxid;
  }

  extent(queue: ByteQueue, isEnd: boolean): Extent {
    if (queue.length >= 4 && queue.intAt(0) === LOG_MAGIC) this.#isHeader = true;
    if (this.#isHeader) return { kind: "bytes", count: HEADER_BYTES };
    const padding = this.#paddingExtent(queue, isEnd);
    if (padding !== undefined) return padding;
    if (this.#paddingBytes > 0) return lost("a server stops reading at the zeros before this");
    if (queue.length < HEAD_BYTES) return MORE;
    const txnBytes = queue.intAt(8);
    if (!this.#isTxnSize(txnBytes)) {
      const limits = `${TXN_HEADER_BYTES} to ${this.#maxTxnBytes}`;
      return lost(`a txn of ${quantity(txnBytes, "byte")} is not within ${limits}`);
    }
    const count = HEAD_BYTES + txnBytes + 1;
    return queue.length < count
      ? { kind: "bytes", count }
      : this.#recordExtent(queue, count, isEnd);
  }

  lay(bytes: Uint8Array, offset: number): Item[] {
    if (this.#isHeader) {
      this.#isHeader = false;
      // Each log begins its own order.
      this.#lastZxid = -1n;
      return [...this.#takePadding(), layHeader(bytes, offset, this.#headers++ > 0)];
    }
    if (this.#isPadding) {
      if (this.#paddingBytes === 0) this.#paddingOffset = offset;
      this.#paddingBytes += bytes.length;
      return [];
    }
    return [this.#layRecord(bytes, offset)];
  }

  /** A record that lies whole in these bytes, with the right checksum, after the one before. */
  quick(bytes: Uint8Array, start: number, end: number, offset: number): Item | undefined {
    if (!this.isAtRecord) return undefined;
    const endOfRecord = this.endOfRecord(bytes, start, end);
    if (endOfRecord < 0) return undefined;
    const zxid = zxidOfRecord(bytes, start);
    if (zxid <= this.#lastZxid) return undefined;
    const { sum } = new Adler32().update(bytes, start + HEAD_BYTES, endOfRecord - 1);
    if (sum !== intAt(bytes, start + 4) >>> 0) return undefined;
    this.#lastZxid = zxid;
    const txn = new LogTxn(this.#reading, bytes, start, endOfRecord, offset);
    return new Item(txn, txn);
  }

  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more" {
    if (queue.length - from < HEAD_BYTES) return "more";
    if (queue.intAt(from) === LOG_MAGIC) return queue.intAt(from + 4) === LOG_VERSION;
    const txnBytes = queue.intAt(from + 8);
    if (txnBytes < TXN_HEADER_BYTES || txnBytes > MOST_FOUND_BYTES) return false;
    if (queue.intAt(from) !== 0) return false;
    const count = HEAD_BYTES + txnBytes + 1;
    if (queue.length - from < count) return "more";
    if (queue.byteAt(from + count - 1) !== TAIL) return false;
    if (queue.longAt(from + HEAD_BYTES + ZXID_AT) <= this.#lastZxid) return false;
    if (!budget.spend(txnBytes)) return false;
    const txn = queue.peek(txnBytes, from + HEAD_BYTES);
    return new Adler32().update(txn).sum === queue.intAt(from + 4) >>> 0;
  }

  onLost(): Item[] {
    this.#isHeader = false;
    this.#isPadding = false;
    return this.#takePadding();
  }

  finish(offset: number): Item[] {
    if (this.#headers > 0) return this.#takePadding();
    const facts = { kind: "fault", name: "fault", offset, length: 0 } as const;
    const reason = "the log ends where its header should follow";
    return [new Item(facts, plainLayout(facts, "", "the log is empty", [{ offset, reason }]))];
  }

  /** Where the record that begins at `start` ends, by its length; -1 for none that lies whole before `end`. */
  endOfRecord(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < HEAD_BYTES || intAt(bytes, start) !== 0) return -1;
    const txnBytes = intAt(bytes, start + 8);
    const endOfTxn = start + HEAD_BYTES + txnBytes;
    const isWhole = this.#isTxnSize(txnBytes) && endOfTxn < end && bytes[endOfTxn] === TAIL;
    return isWhole ? endOfTxn + 1 : -1;
  }

  #isTxnSize(bytes: number): boolean {
    return bytes >= TXN_HEADER_BYTES && bytes <= this.#maxTxnBytes;
  }

  /** Of a record that is here as a whole, if its length is right. A wrong checksum puts that in question. */
  #recordExtent(queue: ByteQueue, count: number, isEnd: boolean): Extent {
    if (queue.byteAt(count - 1) !== TAIL) return lost("a record does not end with 'B'");
    this.#checksum = new Adler32().update(queue.peek(count - HEAD_BYTES - 1, HEAD_BYTES)).sum;
    const isRight = queue.intAt(0) === 0 && queue.intAt(4) >>> 0 === this.#checksum;
    if (isRight || (isEnd && queue.length - count < HEAD_BYTES)) return { kind: "bytes", count };
    if (queue.length - count < HEAD_BYTES) return MORE;
    return this.#canFollow(queue, count)
      ? { kind: "bytes", count }
      : lost("the checksum of a record is wrong, and what follows it is no other");
  }

  /** Whether a record, padding or another log can begin here. */
  #canFollow(queue: ByteQueue, at: number): boolean {
    const first = queue.intAt(at);
    if (first === LOG_MAGIC) return true;
    const size = queue.intAt(at + 8);
    return first === 0 && (this.#isTxnSize(size) || (size === 0 && queue.intAt(at + 4) === 0));
  }

  /** A record begins with zeros, too, so the last few before anything else are not counted. */
  #paddingExtent(queue: ByteQueue, isEnd: boolean): Extent | undefined {
    // Of a record the last byte of the length is seldom zero, and then its checksum is not.
    if (!this.#isPadding && queue.length >= HEAD_BYTES && queue.byteAt(HEAD_BYTES - 1) !== 0) {
      return undefined;
    }
    const zeros = zerosIn(queue);
    this.#isPadding = true;
    if (isEnd && zeros === queue.length) return { kind: "bytes", count: zeros };
    if (zeros >= HEAD_BYTES) return { kind: "bytes", count: zeros - (HEAD_BYTES - 1) };
    if (zeros === queue.length) return MORE;
    if (this.#paddingBytes > 0 && queue.byteAt(zeros) === LOG_MAGIC >>> 24) {
      // Another log begins with no zeros, so all of these are padding.
      if (queue.length < zeros + 4 && !isEnd) return MORE;
      if (queue.length >= zeros + 4 && queue.intAt(zeros) === LOG_MAGIC) {
        return { kind: "bytes", count: zeros };
      }
    }
    this.#isPadding = false;
    return undefined;
  }

  #takePadding(): Item[] {
    const length = this.#paddingBytes;
    if (length === 0) return [];
    const offset = this.#paddingOffset;
    this.#paddingBytes = 0;
    const facts = { kind: "padding", name: "padding", offset, length } as const;
    return [new Item(facts, plainLayout(facts, "padding", quantity(length, "zero")))];
  }

  #layRecord(bytes: Uint8Array, offset: number): Item {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const checksum = this.#checksum;
    const isRight = view.getInt32(0) === 0 && view.getInt32(4) >>> 0 === checksum;
    const zxid = view.getBigInt64(HEAD_BYTES + ZXID_AT);
    const last = this.#lastZxid;
    const isInOrder = zxid > last;
    if (isRight && isInOrder) this.#lastZxid = zxid;
    const txn = new LogTxn(this.#reading, bytes, 0, bytes.length, offset);
    if (isRight && isInOrder) return new Item(txn, txn);
    return new Item(txn, () => layRecord(bytes, offset, checksum, isInOrder ? undefined : last));
  }
}

/** Of the record that begins here. */
export function zxidOfRecord(bytes: Uint8Array, start: number): bigint {
  return longAt(bytes, start + HEAD_BYTES + ZXID_AT);
}

function laySoundRecord(bytes: Uint8Array, offset: number): Layout {
  return layRecord(bytes, offset, intAt(bytes, 4) >>> 0, undefined);
}

/** `checksum` is that of the txn, whatever the record says. */
function layRecord(
  bytes: Uint8Array,
  offset: number,
  checksum: number,
  /** Set where the zxid does not come after it. */
  lastZxid: bigint | undefined,
): Layout {
  const trace = new FieldTrace(bytes, offset);
  const found = trace.long("checksum", (value) =>
    value === BigInt(checksum) ? "right" : `the txn has ${checksum}`,
  );
  trace.int("length", () => "bytes");
  const content = new FieldTrace(bytes.subarray(HEAD_BYTES, bytes.length - 1), trace.offset);
  const { paths, innerOps, detail, json } = layTxn(content);
  content.finish();
  const faults = [...content.faults];
  if (found !== BigInt(checksum)) {
    const reason = `the checksum of the record is ${found ?? 0n}, and its txn has ${checksum}`;
    faults.unshift({ offset, path: "checksum", reason });
  }
  if (lastZxid !== undefined) {
    const reason = `the record does not come after that of ${hexLong(lastZxid)}`;
    faults.push({ offset: offset + HEAD_BYTES + ZXID_AT, path: "header.zxid", reason });
  }
  const tail = { path: "tail", offset: offset + bytes.length - 1, length: 1, value: TAIL };
  return {
    fields: [...trace.fields, ...content.fields, { ...tail, meaning: "'B'" }],
    faults,
    paths,
    innerOps,
    detail,
    json,
  };
}

/** `isAnother`: it is not the first of the source. */
function layHeader(bytes: Uint8Array, offset: number, isAnother: boolean): Item {
  const trace = new FieldTrace(bytes, offset);
  const header = trace.record(FileHeader, "");
  if (header !== undefined && header.magic !== LOG_MAGIC) {
    trace.fail("a transaction log begins with 5a4b4c47, which is ZKLG", { path: "magic", offset });
  }
  trace.finish();
  if (isAnother) trace.fail("another log begins here: a server would not read on", { offset });
  const facts = { kind: "fileHeader", name: "log", offset, length: bytes.length, bytes } as const;
  return new Item(facts, {
    fields: trace.fields,
    faults: trace.faults,
    paths: [],
    detail: `transaction log version=${header?.version ?? "?"}`,
    json: { header: header?.toJSON() ?? null },
  });
}

/** How many zeros the queue begins with. */
function zerosIn(queue: ByteQueue): number {
  const bytes = queue.peek(queue.length);
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  return zeros;
}

function lost(reason: string): Extent {
  return { kind: "lost", reason };
}

const MORE: Extent = { kind: "more" };
const DEFAULT_MAX_TXN_BYTES: number = 16 << 20;
const HEADER_BYTES = 16;

/** The checksum and the length. */
const HEAD_BYTES = 12;
const TAIL = 0x42;

/** The zxid's place in a TxnHeader, and the size of it. */
const ZXID_AT = 12;
const TXN_HEADER_BYTES = 32;

/** "ZKLG" */
const LOG_MAGIC = 0x5a4b4c47;
const LOG_VERSION = 2;

/** After damage, only what a server without a raised limit may have written is taken for a record. */
const MOST_FOUND_BYTES: number = 2 << 20;
