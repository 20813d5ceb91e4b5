/**
 * Writes the transaction log. All txns that wait go to the disk together: one
 * write, one fsync, and only then is anybody told that they are durable. A log
 * that begins becomes durable together with its name, since a log that nobody
 * finds after a power loss holds nothing (ZOOKEEPER-2003).
 */
import {
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  logFileName,
  paddedLogSize,
  TXN_LOG_HEADER_BYTES,
  txnLogRecordBytes,
} from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import type { LoggedTxn } from "../replicated-state.js";
import type { Zxid } from "@jute-ts/zookeeper";
import { carryOut, expectDone, type Steps, syncDirectory } from "./file-steps.js";
import type { SyncedMarkFile } from "./synced-mark-file.js";

export interface LogWriterOptions {
  readonly preAllocSizeBytes: number;
  /** Most txns and bytes between two fsyncs; a txn that is longer goes alone. */
  readonly maxBatchTxns: number;
  readonly maxBatchBytes: number;
}

/** The log that is being written. */
interface OpenLog {
  readonly file: FilePath;
  /** Where the next record goes. */
  position: number;
  /** How long the file is, zeros at its end included. */
  size: number;
}

export class LogWriter {
  private readonly options: LogWriterOptions;
  private readonly mark: SyncedMarkFile;
  private readonly onDurable: (zxid: Zxid) => void;
  private readonly nowMs: () => number;
  private open: OpenLog | undefined;
  /** What became durable since the mark was written. */
  private unmarked: { readonly name: string; readonly bytes: number } | undefined;
  private markDueFromMs = -Infinity;

  constructor(
    options: LogWriterOptions,
    mark: SyncedMarkFile,
    onDurable: (zxid: Zxid) => void,
    nowMs: () => number,
  ) {
    this.options = options;
    this.mark = mark;
    this.onDurable = onDurable;
    this.nowMs = nowMs;
  }

  /** When the mark is to be written; undefined: it says what there is. */
  get markDueMs(): number | undefined {
    return this.unmarked === undefined ? undefined : this.markDueFromMs;
  }

  /** The next txn begins a new log: what was written so far is not touched any more. */
  roll(): void {
    this.open = undefined;
    // The log that begins next takes the mark, and a log that is cut must not be said to be longer.
    this.unmarked = undefined;
  }

  /** Writes what waits, batch by batch, until nothing waits. More may be added meanwhile. */
  *writeAll(waiting: LoggedTxn[]): Steps<void> {
    while (waiting.length > 0) yield* this.writeBatch(waiting);
  }

  /**
   * Takes a batch off what waits and makes it durable. Bursts come txn by txn, so
   * the first is on its way alone; what has come while it was written goes along,
   * or each burst would cost a second fsync.
   */
  private *writeBatch(waiting: LoggedTxn[]): Steps<void> {
    const [first] = waiting;
    if (first === undefined) return;
    const isNew = this.open === undefined;
    const log = this.open ?? (yield* this.begin(first.zxid));
    const batch = { txns: 0, bytes: 0, last: first.zxid };
    for (;;) {
      const more = waiting.splice(0, this.countFitting(waiting, batch));
      if (more.length === 0) break;
      if (this.extend(log, more)) {
        yield* carryOut({ kind: "truncate", file: log.file, size: log.size });
      }
      const records = encodeTxnLogRecords(more.map((txn) => txn.bytes));
      const isFirst = isNew && batch.txns === 0;
      const bytes = isFirst ? withHeader(records) : records;
      const offset = isFirst ? 0 : log.position;
      expectDone(yield { kind: "write", file: log.file, offset, bytes });
      log.position += records.length;
      batch.txns += more.length;
      batch.bytes += bytesOf(more);
      batch.last = more.at(-1)?.zxid ?? batch.last;
      // Since a snapshot has begun, further txns belong into the next log.
      if (this.open !== log) break;
    }
    expectDone(yield { kind: "sync", file: log.file });
    if (isNew) yield* syncDirectory(log.file.directory);
    this.onDurable(batch.last);
    this.unmarked = { name: log.file.name, bytes: log.position };
    if (this.nowMs() >= this.markDueFromMs) yield* this.writeMark();
  }

  /**
   * Says how much is durable. Not after each batch: where they are short, that would be a good
   * part of the work. What the mark does not say yet passes for torn if it rots.
   */
  *writeMark(): Steps<void> {
    const { unmarked } = this;
    if (unmarked === undefined) return;
    this.unmarked = undefined;
    this.markDueFromMs = this.nowMs() + MARK_INTERVAL_MS;
    yield* this.mark.advance(unmarked.name, unmarked.bytes);
  }

  /** How many of those that wait fit into the batch: at least one into an empty one. */
  private countFitting(
    waiting: readonly LoggedTxn[],
    batch: { readonly txns: number; readonly bytes: number },
  ): number {
    const { maxBatchTxns, maxBatchBytes } = this.options;
    let { txns, bytes } = batch;
    for (const txn of waiting) {
      bytes += txnLogRecordBytes(txn.bytes);
      if (txns > 0 && (bytes > maxBatchBytes || txns >= maxBatchTxns)) break;
      txns++;
    }
    return txns - batch.txns;
  }

  /** Begins a log, which is named after its first txn. */
  private *begin(first: Zxid): Steps<OpenLog> {
    const file: FilePath = { directory: "log", name: logFileName(first) };
    yield* this.mark.begin(file.name);
    yield* carryOut({ kind: "create", file });
    this.open = { file, position: TXN_LOG_HEADER_BYTES, size: TXN_LOG_HEADER_BYTES };
    return this.open;
  }

  /** Allocates space in advance, in Java's steps, so that most fsyncs need not write the file's size. Whether the file must grow. */
  private extend(log: OpenLog, batch: readonly LoggedTxn[]): boolean {
    const { size } = log;
    let { position } = log;
    for (const txn of batch) {
      log.size = paddedLogSize(position, log.size, this.options.preAllocSizeBytes);
      position += txnLogRecordBytes(txn.bytes);
    }
    return log.size > size;
  }
}

/** How long the mark may lag. */
const MARK_INTERVAL_MS = 20;

function bytesOf(txns: readonly LoggedTxn[]): number {
  return txns.reduce((sum, { bytes }) => sum + txnLogRecordBytes(bytes), 0);
}

function withHeader(records: Uint8Array): Uint8Array {
  const header = encodeTxnLogHeader();
  const bytes = new Uint8Array(header.length + records.length);
  bytes.set(header);
  bytes.set(records, header.length);
  return bytes;
}
