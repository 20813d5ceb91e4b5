/**
 * Makes the state that a leader sent this server's own, durably: afterwards the
 * directory holds it and nothing that was there before.
 *
 * The snapshot is written before anything is taken away, so at every moment the
 * directory can be started from: with the old history, or a beginning of it, until
 * the snapshot has its name; with the snapshot from then on. What is older must go
 * too: its log may hold txns that were never committed (ZOOKEEPER-2846). A crash
 * may come before all of it is gone, so a mark stays until then, and the next
 * start finishes the work.
 */
import { snapshotFileName } from "@jute-ts/persistence";
import type { FilePath } from "../file-operations.js";
import type { Report } from "../report.js";
import type { Zxid } from "@jute-ts/zookeeper";
import { type DataDirectory, installingMarkName, readDataDirectory } from "./data-directory.js";
import { carryOut, removeFiles, type Steps, syncDirectory } from "./file-steps.js";
import type { LogCut } from "./log-cut.js";
import type { SnapshotFileWriter } from "./snapshot-file-writer.js";
import type { SyncedMarkFile } from "./synced-mark-file.js";

export class SnapshotInstall {
  private readonly snapshots: SnapshotFileWriter;
  private readonly cut: LogCut;
  private readonly mark: SyncedMarkFile;
  private readonly report: (report: Report) => void;

  constructor(
    snapshots: SnapshotFileWriter,
    cut: LogCut,
    mark: SyncedMarkFile,
    report: (report: Report) => void,
  ) {
    this.snapshots = snapshots;
    this.cut = cut;
    this.mark = mark;
    this.report = report;
  }

  /** Returns the zxid of the snapshot. The state must not change meanwhile. */
  *install(): Steps<Zxid> {
    const directory = yield* readDataDirectory();
    const snapshot = yield* this.snapshots.write(() => true);
    if (snapshot === undefined) throw new Error("a snapshot that all wait for was abandoned");
    const { zxid } = snapshot;
    // A log that goes on after the snapshot would be replayed onto it.
    yield* this.cut.cutLogsBehind(directory, zxid);
    yield* this.markBegin(zxid);
    yield* this.snapshots.publish(snapshot);
    this.report({ kind: "snapshotWritten", zxid, bytes: snapshot.bytes });
    yield* this.removeReplaced(directory, zxid);
    yield* this.markEnd(zxid);
    return zxid;
  }

  /** Finishes what a crash interrupted, as soon as the snapshot had its name; else it was as if nothing had begun. */
  *finishInterrupted(directory: DataDirectory): Steps<void> {
    const { installing } = directory;
    if (installing === undefined) return;
    const name = snapshotFileName(installing);
    if (directory.snapshots.some((snapshot) => snapshot.name === name)) {
      // That the name is seen does not mean that it is durable.
      yield* syncDirectory("data");
      yield* this.removeReplaced(directory, installing);
    }
    yield* this.markEnd(installing);
  }

  private *markBegin(zxid: Zxid): Steps<void> {
    yield* carryOut({ kind: "create", file: markOf(zxid) });
    yield* syncDirectory("data");
  }

  private *markEnd(zxid: Zxid): Steps<void> {
    yield* carryOut({ kind: "remove", file: markOf(zxid) });
    yield* syncDirectory("data");
  }

  /** Removes everything but the snapshot, durably. */
  private *removeReplaced(directory: DataDirectory, zxid: Zxid): Steps<void> {
    yield* this.cut.removeSnapshotsBehind(directory, zxid);
    yield* this.removeLogs(directory, zxid);
    yield* this.removeOlderSnapshots(directory, zxid);
  }

  /** Removes the logs. They end before the snapshot, or were cut where it stands; those that began after it are gone. */
  private *removeLogs({ logs }: DataDirectory, zxid: Zxid): Steps<void> {
    const older = logs.filter((log) => log.zxid <= zxid);
    if (older.length === 0) return;
    yield* this.mark.forget();
    yield* removeFiles(older);
    yield* syncDirectory("log");
    this.reportRemoved(older);
  }

  private *removeOlderSnapshots({ snapshots }: DataDirectory, zxid: Zxid): Steps<void> {
    const replacement = snapshotFileName(zxid);
    const older = snapshots.filter(
      (snapshot) => snapshot.zxid <= zxid && snapshot.name !== replacement,
    );
    if (older.length === 0) return;
    yield* removeFiles(older);
    yield* syncDirectory("data");
    this.reportRemoved(older);
  }

  private reportRemoved(files: readonly FilePath[]): void {
    this.report({ kind: "removedFiles", names: files.map((file) => file.name) });
  }
}

function markOf(zxid: Zxid): FilePath {
  return { directory: "data", name: installingMarkName(snapshotFileName(zxid)) };
}
