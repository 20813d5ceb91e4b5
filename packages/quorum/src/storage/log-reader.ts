/**
 * Reads one log and judges its end. A tail that a crash tore was promised to
 * nobody and may be cut off; a record that rotted may have been promised, so a
 * server that forgot it could help to lose it (the two must be told apart, or
 * safety and availability are both at risk).
 */
import {
  type SyncedMark,
  TxnLogDecoder,
  type TxnLogEnd,
  TxnLogFormatError,
  type TxnLogRecord,
} from "@jute-ts/persistence";
import type { LogFile } from "./data-directory.js";
import { DirectoryRefused, readInPieces, type Steps } from "./file-steps.js";
import { lengthWithoutZeros } from "./length-without-zeros.js";

export interface LogReaderOptions {
  readonly maxTxnBytes: number;
  /** Bytes of one read. */
  readonly readBytes: number;
  /** The most bytes that the writer of these logs writes between two fsyncs. */
  readonly batchBytes: number;
}

/** Where the good part of a log ends. */
export interface LogEnd {
  /** The size of the file when it is cut after the last good record. */
  readonly offset: number;
  /** Bytes of a torn tail, up to the last that is not zero; 0 when the log ends well. */
  readonly tornBytes: number;
  readonly hasRecords: boolean;
}

/** How far a log has been read, in however many passes. */
interface Progress {
  maxTxnBytes: number;
  /** The end of the last record that was handed on. */
  takenUpTo: number;
  /** After the last byte that is not zero. */
  endOfData: number;
  /** Bytes of the longest record that was handed on. */
  longestRecord: number;
}

export class LogReader {
  private readonly options: LogReaderOptions;

  constructor(options: LogReaderOptions) {
    this.options = options;
  }

  /**
   * Hands on the records of a log until `take` returns false; then the rest is
   * not judged, and the result undefined. The bytes of a record are borrowed for
   * the call. `mark`: what is known to be durable; only given for the last log,
   * which alone may end in a torn batch. Throws DirectoryRefused for rot.
   *
   * The leader of the time, or this server's own settings of then, may have allowed
   * longer txns than are allowed now. They are a part of the history all the same.
   */
  *read(
    log: LogFile,
    mark: SyncedMark | undefined,
    take: (record: TxnLogRecord) => boolean,
  ): Steps<LogEnd | undefined> {
    const { maxTxnBytes, batchBytes } = this.options;
    const progress: Progress = {
      // What fits in a batch must be known for a record wherever it lies, or what comes before it might pass for torn.
      maxTxnBytes: Math.max(maxTxnBytes, batchBytes),
      takenUpTo: 0,
      endOfData: 0,
      longestRecord: 0,
    };
    const known = mark?.file === log.name ? mark : undefined;
    for (;;) {
      const end = yield* this.pass(log, known?.bytes, progress, take);
      if (end === undefined) return undefined;
      if (end.kind === "rotten" && end.oversizedTxnBytes !== undefined) {
        progress.maxTxnBytes = Math.max(2 * progress.maxTxnBytes, end.oversizedTxnBytes);
        continue;
      }
      const offset = this.judge(log, end, progress, known?.isCut ?? false);
      const tornBytes = Math.max(progress.endOfData - offset, 0);
      return { offset, tornBytes, hasRecords: progress.takenUpTo > 0 };
    }
  }

  /**
   * Reads the log from its front, and hands on what was not handed on before. What
   * the log holds was accepted under the limit of its time, so no setting of today
   * may refuse it; but only for a txn that has proved to be whole is the limit
   * raised, or a rotten length could ask for any amount of memory.
   */
  private *pass(
    log: LogFile,
    syncedBytes: number | undefined,
    progress: Progress,
    take: (record: TxnLogRecord) => boolean,
  ): Steps<TxnLogEnd | undefined> {
    const { maxTxnBytes } = progress;
    const decoder = new TxnLogDecoder({ maxTxnBytes, syncedBytes, firstZxid: log.zxid });
    const seen = { isStopped: false };
    yield* readInPieces(log, this.options.readBytes, (bytes, offset) => {
      for (const record of understood(log, () => decoder.push(bytes))) {
        if (record.offset < progress.takenUpTo) continue;
        seen.isStopped = !take(record);
        if (seen.isStopped) return false;
        progress.takenUpTo = record.endOffset;
        progress.longestRecord = Math.max(progress.longestRecord, record.endOffset - record.offset);
      }
      const length = lengthWithoutZeros(bytes);
      if (length > 0) progress.endOfData = offset + length;
      return true;
    });
    // A file too short for a header shows only at its end that it is no log.
    return seen.isStopped ? undefined : understood(log, () => decoder.finish());
  }

  /**
   * Where the good part ends. Throws DirectoryRefused when what is behind it must not
   * be cut off. Of a log that was being cut already, any length of it may be.
   */
  private judge(
    log: LogFile,
    end: TxnLogEnd,
    { endOfData, longestRecord }: Progress,
    isCut: boolean,
  ): number {
    switch (end.kind) {
      case "end":
      case "padding":
        return end.offset;
      case "torn":
        if (
          !isCut &&
          !this.fitsOneBatch(endOfData - end.offset, Math.max(longestRecord, tornRecord(end)))
        ) {
          throw rotten(log, end.offset, `${end.reason}, and more follows than one write has`);
        }
        return end.offset;
      case "rotten":
        throw rotten(log, end.offset, end.reason);
    }
  }

  /**
   * A batch becomes durable before the next is written, so a crash can tear no
   * more than one. The mark may be older than the last fsync: what lies after
   * it by more than that was promised. A txn that is longer went alone; that there
   * are such txns in the log shows that its writer allowed them.
   */
  private fitsOneBatch(bytes: number, longestRecord: number): boolean {
    return bytes <= Math.max(this.options.batchBytes, longestRecord);
  }
}

/** How long the record would be that a crash tore, where it is longer than is allowed now. */
function tornRecord({ claimedTxnBytes }: TxnLogEnd & { readonly kind: "torn" }): number {
  return claimedTxnBytes === undefined ? 0 : claimedTxnBytes + RECORD_EXTRA_BYTES;
}

/** What the decoder makes of the log. Throws DirectoryRefused for what is none. */
function understood<T>(log: LogFile, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof TxnLogFormatError)) throw error;
    throw new DirectoryRefused(
      `${log.name} is no transaction log: ${error.message}; move it away if it does not belong here`,
    );
  }
}

function rotten(log: LogFile, offset: number, reason: string): DirectoryRefused {
  return new DirectoryRefused(
    `${log.name} is damaged at byte ${offset}: ${reason}. Txns that were promised to others may be lost; ` +
      `restore the file, or empty this data directory while a quorum of the others is whole, and the server gets everything from them. ` +
      `If another program cut this log on purpose, remove the file "synced" in version-2 of dataDir`,
  );
}

/** What a record has around its txn: checksum, length, and the byte at its end. */
const RECORD_EXTRA_BYTES = 13;
