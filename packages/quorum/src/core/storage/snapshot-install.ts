/**
 * Makes the state that a leader sent this server's own, durably: afterwards the
 * directory holds it and nothing that was there before.
 *
 * The snapshot is written before anything is taken away, so at every moment the
 * directory can be started from: with the old history, or a beginning of it, until
 * the snapshot has its name; with the snapshot from then on. What is older must go
 * too: its log may hold txns that were never committed (ZOOKEEPER-2846).
 */
import type { FilePath } from "../file-operations.js";
import type { Report } from "../report.js";
import type { Zxid } from "../zxid.js";
import { type DataDirectory, readDataDirectory } from "./data-directory.js";
import { carryOut, removeFiles, type Steps, syncDirectory } from "./file-steps.js";
import type { LogCut } from "./log-cut.js";
import type { SnapshotFileWriter } from "./snapshot-file-writer.js";
import type { SyncedMarkFile } from "./synced-mark-file.js";

export class SnapshotInstall {
  readonly #snapshots: SnapshotFileWriter;
  readonly #cut: LogCut;
  readonly #mark: SyncedMarkFile;
  readonly #report: (report: Report) => void;

  constructor(
    snapshots: SnapshotFileWriter,
    cut: LogCut,
    mark: SyncedMarkFile,
    report: (report: Report) => void,
  ) {
    this.#snapshots = snapshots;
    this.#cut = cut;
    this.#mark = mark;
    this.#report = report;
  }

  /** Returns the zxid of the snapshot. The state must not change meanwhile. */
  *install(): Steps<Zxid> {
    const directory = yield* readDataDirectory();
    const snapshot = yield* this.#snapshots.write(() => true);
    if (snapshot === undefined)
      throw new Error("a snapshot that everybody waits for was abandoned");
    const { zxid } = snapshot;
    // A log that goes on behind the snapshot would be replayed onto it.
    yield* this.#cut.cutLogsBehind(directory, zxid);
    yield* this.#snapshots.publish(snapshot);
    this.#report({ kind: "snapshotWritten", zxid, bytes: snapshot.bytes });
    yield* this.#cut.removeSnapshotsBehind(directory, zxid);
    yield* this.removeOlderLogs(directory, zxid);
    yield* this.removeOlderSnapshots(directory, zxid);
    return zxid;
  }

  *removeOlderLogs({ logs }: DataDirectory, zxid: Zxid): Steps<void> {
    const older = logs.filter((log) => log.zxid <= zxid);
    if (older.length === 0) return;
    yield* this.#mark.forget();
    for (const log of older) yield* carryOut({ kind: "remove", file: log });
    yield* syncDirectory("log");
    this.#reportRemoved(older);
  }

  *removeOlderSnapshots({ snapshots }: DataDirectory, zxid: Zxid): Steps<void> {
    const older = snapshots.filter((snapshot) => isReplaced(snapshot, zxid));
    if (older.length === 0) return;
    yield* removeFiles(older);
    yield* syncDirectory("data");
    this.#reportRemoved(older);
  }

  #reportRemoved(files: readonly FilePath[]): void {
    this.#report({ kind: "removedFiles", names: files.map((file) => file.name) });
  }
}

/** Older, or of the same zxid under another name: compressed. A plain one of the same zxid has been replaced by the new one. */
function isReplaced(
  snapshot: { readonly zxid: Zxid; readonly compression: string },
  zxid: Zxid,
): boolean {
  return snapshot.zxid < zxid || (snapshot.zxid === zxid && snapshot.compression !== "none");
}
