/**
 * From what a process left on the disk, however it ended, to a state that this
 * server may vote with: loads it, repairs what a crash leaves, refuses what a
 * crash cannot leave, and makes durable whatever the vote will rest on.
 */
import type { SyncedMark } from "@jute-ts/persistence";
import { type Epoch, epochOf, follows, formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type DataDirectory, readDataDirectory } from "./data-directory.js";
import type { EpochFiles } from "./epoch-files.js";
import {
  carryOut,
  DirectoryRefused,
  removeFiles,
  type Steps,
  syncDirectory,
  syncFile,
} from "./file-steps.js";
import type { HistoryLoader, LoadedHistory } from "./history-loader.js";
import { requireInPlace } from "./misplaced-files.js";
import type { SnapshotFileWriter } from "./snapshot-file-writer.js";
import type { SnapshotInstall } from "./snapshot-install.js";
import type { RecoveredHistory } from "./storage-outcome.js";
import type { SyncedMarkFile } from "./synced-mark-file.js";

export interface RecoveryOptions {
  /** Whether an empty directory may become a new server that votes. */
  readonly autocreate: boolean;
}

export class Recovery {
  private readonly options: RecoveryOptions;
  private readonly loader: HistoryLoader;
  private readonly epochs: EpochFiles;
  private readonly snapshots: SnapshotFileWriter;
  private readonly install: SnapshotInstall;
  private readonly mark: SyncedMarkFile;

  constructor(
    options: RecoveryOptions,
    loader: HistoryLoader,
    epochs: EpochFiles,
    snapshots: SnapshotFileWriter,
    install: SnapshotInstall,
    mark: SyncedMarkFile,
  ) {
    this.options = options;
    this.loader = loader;
    this.epochs = epochs;
    this.snapshots = snapshots;
    this.install = install;
    this.mark = mark;
  }

  /** Throws DirectoryRefused when the directory must not be started from. */
  *recover(): Steps<RecoveredHistory> {
    const directory = yield* this.finishInstallation();
    const mark: SyncedMark | undefined = yield* this.mark.read(directory);
    const loaded = yield* this.loadWithSnapshot(directory, mark);
    const mayVote = yield* this.initializeIfEmpty(directory);
    yield* removeFiles(directory.initialize);
    yield* this.mark.removeStray(directory);
    yield* this.cutTornTail(loaded);
    yield* this.makeDurable(loaded);
    yield* this.recoverEpochs(directory, loaded.lastZxid);
    return recoveredHistory(loaded, this.epochs, mayVote);
  }

  /** What a crash interrupted when a leader's snapshot was replacing everything else. */
  private *finishInstallation(): Steps<DataDirectory> {
    const directory = yield* readDataDirectory();
    requireInPlace(directory);
    this.mark.find(directory);
    if (directory.installing === undefined) return directory;
    yield* this.install.finishInterrupted(directory);
    return yield* readDataDirectory();
  }

  /**
   * Loads the history. Logs without a snapshot, which an administrator trusts, begin
   * with an empty state: a snapshot of that is laid under them, or the next start
   * would not trust them any more. It cannot be one of the state that they lead to,
   * because their end may never have been committed. Leftovers go before, as one of
   * them may have the name under which that snapshot is written.
   */
  private *loadWithSnapshot(
    directory: DataDirectory,
    mark: SyncedMark | undefined,
  ): Steps<LoadedHistory> {
    const loaded = yield* this.loader.load(directory, mark);
    yield* removeFiles(directory.leftovers);
    if (loaded.snapshot !== undefined || directory.logs.length === 0) return loaded;
    yield* this.layBeginning(loaded);
    return yield* this.loader.load(yield* readDataDirectory(), mark);
  }

  /** A snapshot of the empty state with which a history begins. The state is empty afterwards. */
  *layBeginning({ firstZxid }: LoadedHistory): Steps<void> {
    yield* this.snapshots.publish(yield* this.snapshots.writeBeginning(before(firstZxid)));
  }

  /** A first snapshot makes an empty directory a server's. Returns whether this server may vote. */
  private *initializeIfEmpty(directory: DataDirectory): Steps<boolean> {
    if (directory.snapshots.length > 0 || directory.logs.length > 0) return true;
    yield* this.requireNeverServed(directory);
    if (!this.mayInitialize(directory)) return false;
    yield* this.snapshots.publish(yield* this.snapshots.writeBeginning(NO_TXN));
    return true;
  }

  /** A server that has followed a leader had a snapshot at least. */
  private *requireNeverServed({ listing }: DataDirectory): Steps<void> {
    if (!listing.data.includes("currentEpoch")) return;
    const current = yield* this.epochs.read("currentEpoch");
    if (current === undefined || current === 0) return;
    throw new DirectoryRefused(
      `this server has followed a leader in epoch ${current}, but there is neither a snapshot nor a log: ` +
        `have they been lost, or does dataDir name another directory than before? Restore them; ` +
        `or remove currentEpoch and acceptedEpoch too while a quorum of the others is whole, and the server gets everything from them`,
    );
  }

  /** An empty directory may be one that was lost: then votes of this server could lose what it had promised. */
  private mayInitialize(directory: DataDirectory): boolean {
    return this.options.autocreate || directory.initialize.length > 0;
  }

  /** What a crash left behind the last whole record was promised to nobody. A log of which nothing is left goes (ZOOKEEPER-2332). */
  private *cutTornTail({ logs, end }: LoadedHistory): Steps<void> {
    const log = logs.at(-1);
    if (log === undefined || end === undefined) return;
    if (!end.hasRecords) {
      yield* removeFiles([log]);
    } else if (end.tornBytes > 0) {
      yield* carryOut({ kind: "truncate", file: log, size: end.offset });
    }
  }

  /** A killed process leaves bytes that only the page cache has, and Java leaves snapshots there: a vote must not rest on them. */
  private *makeDurable({ snapshot, logs, end }: LoadedHistory): Steps<void> {
    if (snapshot !== undefined) yield* syncFile(snapshot);
    const kept = end?.hasRecords === false ? logs.slice(0, -1) : logs;
    for (const log of kept) yield* syncFile(log);
    yield* syncDirectory("data");
    yield* syncDirectory("log");
  }

  /** The accepted epoch first, so that at no moment the current one is ahead of it. */
  private *recoverEpochs({ strayEpochs }: DataDirectory, lastZxid: Zxid): Steps<void> {
    const lastEpoch = epochOf(lastZxid);
    const accepted = yield* this.epochs.read("acceptedEpoch");
    const current = yield* this.epochs.read("currentEpoch");
    if (strayEpochs.includes("acceptedEpoch")) {
      yield* this.epochs.requireNewest("acceptedEpoch", accepted);
    }
    if (strayEpochs.includes("currentEpoch")) {
      yield* this.epochs.requireNewest("currentEpoch", current);
    }
    if (accepted === undefined) yield* this.epochs.write("acceptedEpoch", lastEpoch);
    this.requireAccepted(accepted ?? lastEpoch, current ?? lastEpoch, lastZxid);
    if (this.currentEpochIsBehind(current, lastEpoch)) {
      yield* this.epochs.write("currentEpoch", lastEpoch);
    }
  }

  private requireAccepted(accepted: Epoch, current: Epoch, lastZxid: Zxid): void {
    if (accepted >= current && accepted >= epochOf(lastZxid)) return;
    throw new DirectoryRefused(
      `acceptedEpoch is ${accepted}, but currentEpoch is ${current} and the last txn is ${formatZxid(lastZxid)}: ` +
        `files of different times are mixed. Restore the newest of each, or empty this data directory while a quorum of the others is whole`,
    );
  }

  /**
   * Txns and snapshots become durable before the epoch's file, so a crash can
   * leave a log that is already in an accepted epoch of which the file knows
   * nothing (Java refuses to start then, unless it finds currentEpoch.tmp,
   * ZOOKEEPER-4269). Who has a txn of an epoch has the whole history that the
   * epoch began with, because both are logged in order: so the file can follow.
   */
  private currentEpochIsBehind(current: Epoch | undefined, lastEpoch: Epoch): boolean {
    return current === undefined || current < lastEpoch;
  }
}

/** Where an empty state stands that this txn, the first of all logs, may follow. */
function before(first: Zxid | undefined): Zxid {
  return first === undefined || follows(NO_TXN, first) ? NO_TXN : first - 1n;
}

/** What the peer is told of a history that was loaded. */
export function recoveredHistory(
  loaded: LoadedHistory,
  { acceptedEpoch, currentEpoch }: EpochFiles,
  mayVote: boolean,
): RecoveredHistory {
  return {
    lastZxid: loaded.lastZxid,
    mayVote,
    acceptedEpoch,
    currentEpoch,
    recentTxns: loaded.recentTxns,
    snapshotZxid: loaded.snapshot?.zxid,
    replayed: loaded.replayed,
    tornBytes: loaded.end?.tornBytes ?? 0,
  };
}
