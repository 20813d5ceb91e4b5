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
import { carryOut, type Steps, syncDirectory, syncFile } from "./file-steps.js";
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
  private open: OpenLog | undefined;

  constructor(options: LogWriterOptions, mark: SyncedMarkFile, onDurable: (zxid: Zxid) => void) {
    this.options = options;
    this.mark = mark;
    this.onDurable = onDurable;
  }

  /** The next txn begins a new log: what was written so far is not touched any more. */
  roll(): void {
    this.open = undefined;
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
      yield* this.extend(log, more);
      yield* this.writeRecords(log, more, isNew && batch.txns === 0);
      batch.txns += more.length;
      batch.bytes += bytesOf(more);
      batch.last = more.at(-1)?.zxid ?? batch.last;
      // Since a snapshot has begun, further txns belong into the next log.
      if (this.open !== log) break;
    }
    yield* this.makeDurable(log, isNew);
    this.onDurable(batch.last);
    yield* this.mark.advance(log.file.name, log.position);
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

  /** Allocates space in advance, in Java's steps, so that most fsyncs need not write the file's size. */
  private *extend(log: OpenLog, batch: readonly LoggedTxn[]): Steps<void> {
    const { size } = log;
    let { position } = log;
    for (const txn of batch) {
      log.size = paddedLogSize(position, log.size, this.options.preAllocSizeBytes);
      position += txnLogRecordBytes(txn.bytes);
    }
    if (log.size > size) yield* carryOut({ kind: "truncate", file: log.file, size: log.size });
  }

  private *writeRecords(log: OpenLog, batch: readonly LoggedTxn[], isNew: boolean): Steps<void> {
    const records = encodeTxnLogRecords(batch.map((txn) => txn.bytes));
    const bytes = isNew ? withHeader(records) : records;
    const offset = isNew ? 0 : log.position;
    yield* carryOut({ kind: "write", file: log.file, offset, bytes });
    log.position += records.length;
  }

  private *makeDurable(log: OpenLog, isNew: boolean): Steps<void> {
    yield* syncFile(log.file);
    if (isNew) yield* syncDirectory(log.file.directory);
  }
}

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
