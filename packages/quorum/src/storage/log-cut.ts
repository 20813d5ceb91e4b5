/**
 * Cuts the log after a txn: what follows was never committed, or is in a
 * snapshot that replaces it. A crash in between may leave any part of that, but
 * never a hole: the newest goes first, and is gone durably before the next.
 */
import type { FilePath } from "../file-operations.js";
import type { Report } from "../report.js";
import type { Zxid } from "@jute-ts/zookeeper";
import type { DataDirectory, LogFile } from "./data-directory.js";
import { carryOut, removeFiles, type Steps, syncDirectory, syncFile } from "./file-steps.js";
import type { LogReader } from "./log-reader.js";
import type { SyncedMarkFile } from "./synced-mark-file.js";

export class LogCut {
  private readonly reader: LogReader;
  private readonly mark: SyncedMarkFile;
  private readonly report: (report: Report) => void;

  constructor(reader: LogReader, mark: SyncedMarkFile, report: (report: Report) => void) {
    this.reader = reader;
    this.mark = mark;
    this.report = report;
  }

  /** Removes all snapshots that hold more than `zxid`, durably: one of them would bring back what is cut (ZOOKEEPER-1549). */
  *removeSnapshotsBehind({ snapshots }: DataDirectory, zxid: Zxid): Steps<void> {
    const files = snapshots.filter((snapshot) => snapshot.zxid > zxid);
    if (files.length === 0) return;
    yield* removeFiles(files);
    yield* syncDirectory("data");
    this.reportRemoved(files);
  }

  /** Removes all txns after `zxid` from the log, durably. */
  *cutLogsBehind({ logs }: DataDirectory, zxid: Zxid): Steps<void> {
    const later = logs.filter((log) => log.zxid > zxid);
    const last = logs[logs.length - later.length - 1];
    const size = last === undefined ? undefined : yield* this.sizeUpTo(last, zxid);
    if (later.length === 0 && size === undefined) return;
    // Whatever the mark says of these logs will not be true any more.
    yield* this.mark.forget();
    for (const log of later.reverse()) yield* this.removeLog(log);
    if (last !== undefined && size !== undefined) yield* this.shorten(last, size);
    this.reportRemoved(later);
  }

  /** How long the log is with nothing behind `zxid` in it; undefined when it has nothing behind it. */
  private *sizeUpTo(log: LogFile, zxid: Zxid): Steps<number | undefined> {
    let size: number | undefined;
    yield* this.reader.read(log, undefined, (record) => {
      if (record.zxid > zxid) size = record.offset;
      return size === undefined;
    });
    return size;
  }

  private *removeLog(log: LogFile): Steps<void> {
    yield* carryOut({ kind: "remove", file: log });
    yield* syncDirectory(log.directory);
  }

  private *shorten(log: FilePath, size: number): Steps<void> {
    // What stays is promised as durable by the mark, and may have been read from the page cache alone.
    yield* syncFile(log);
    yield* this.mark.beginCut(log.name, size);
    yield* carryOut({ kind: "truncate", file: log, size });
    yield* syncFile(log);
  }

  private reportRemoved(files: readonly FilePath[]): void {
    if (files.length > 0) {
      this.report({ kind: "removedFiles", names: files.map((file) => file.name) });
    }
  }
}
