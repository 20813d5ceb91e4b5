/**
 * Removes snapshots that are too old to be wanted and the logs that only they
 * need, when asked to keep only so many. At least three are kept, as Java does:
 * the newest may turn out unreadable. For the same reason nothing goes that is as
 * new as the newest snapshot that is known to be good, because it was loaded or
 * written by this process: with it this server can start again.
 */
import { isSnapshotCandidate } from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import type { Report } from "../report.js";
import type { Zxid } from "@jute-ts/zookeeper";
import {
  type DataDirectory,
  type LogFile,
  logsBehind,
  readDataDirectory,
  type SnapshotFile,
} from "./data-directory.js";
import { readPiece, removeFiles, type Steps, syncDirectory } from "./file-steps.js";

export class Purge {
  private readonly retain: number | undefined;
  private readonly report: (report: Report) => void;
  private goodZxid: Zxid | undefined;

  /** `retain`: how many snapshots are kept; undefined: all. */
  constructor(retain: number | undefined, report: (report: Report) => void) {
    this.retain = retain === undefined ? undefined : Math.max(retain, LEAST_RETAINED);
    this.report = report;
  }

  /** The snapshot of this zxid is good, and durable. */
  noteGood(zxid: Zxid): void {
    this.goodZxid = zxid;
  }

  /** To be called when the newest snapshot is durable, its name included: nothing older may go before. */
  *purge(): Steps<void> {
    if (this.retain === undefined) return;
    const directory = yield* readDataDirectory();
    const oldest = yield* this.oldestKept(directory, this.retain);
    if (oldest === undefined) return;
    if (this.goodZxid === undefined || oldest.zxid > this.goodZxid) return;
    const logs = this.logsNotNeeded(directory, oldest);
    // The oldest first, as the logs are.
    const snapshots = directory.snapshots
      .filter((snapshot) => snapshot.zxid < oldest.zxid)
      .reverse();
    yield* this.remove(snapshots);
    yield* this.remove(logs);
  }

  /** The oldest of the newest snapshots that were written to their end; undefined when there are fewer. */
  private *oldestKept(
    { snapshots }: DataDirectory,
    retain: number,
  ): Steps<SnapshotFile | undefined> {
    let count = 0;
    for (const snapshot of snapshots) {
      if (yield* this.isWhole(snapshot)) count++;
      if (count === retain) return snapshot;
    }
    return undefined;
  }

  /** Compressed snapshots do not show whether they are whole, so they do not count. */
  private *isWhole(snapshot: SnapshotFile): Steps<boolean> {
    if (snapshot.compression !== "none") return false;
    const start = yield* readPiece(snapshot, 0, 1);
    if (start === undefined || start.size < SEAL_END_BYTES) return false;
    const end = yield* readPiece(snapshot, start.size - SEAL_END_BYTES, SEAL_END_BYTES);
    return end !== undefined && isSnapshotCandidate(end.bytes, end.size);
  }

  private logsNotNeeded({ logs }: DataDirectory, oldest: SnapshotFile): readonly LogFile[] {
    return logs.slice(0, logs.length - logsBehind(logs, oldest.zxid).length);
  }

  private *remove(files: readonly FilePath[]): Steps<void> {
    const [first] = files;
    if (first === undefined) return;
    yield* removeFiles(files);
    yield* syncDirectory(first.directory);
    this.report({ kind: "removedFiles", names: files.map((file) => file.name) });
  }
}

const LEAST_RETAINED = 3;

/** The string "/", with which every snapshot ends. */
const SEAL_END_BYTES = 5;
