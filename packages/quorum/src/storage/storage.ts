/**
 * A server's memory that survives it: the log, the epochs and the snapshots, as
 * the rest of the core sees them. Calls ask for something, outcomes say that it
 * is durable; nothing may be promised to other servers in between.
 *
 * Everything that touches the log passes through one lane, in the order in which
 * it was asked for, so that no logger of a role that has ended writes into the
 * next one's log (ZOOKEEPER-4712).
 */
import type { Effect } from "../effects.js";
import type { FileOperationId, FileResult } from "../file-operations.js";
import type { StorageOptions } from "../peer-options.js";
import type { ReplicatedState, LoggedTxn } from "../replicated-state.js";
import type { Report } from "../report.js";
import { type Epoch, follows, formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type DataDirectory, readDataDirectory } from "./data-directory.js";
import { type EpochFileName, EpochFiles } from "./epoch-files.js";
import { FileLanes } from "./file-lanes.js";
import { DirectoryRefused, type Steps } from "./file-steps.js";
import { HistoryLoader, type LoadedHistory } from "./history-loader.js";
import { LogCut } from "./log-cut.js";
import { LogReader } from "./log-reader.js";
import { LogWriter } from "./log-writer.js";
import { Purge } from "./purge.js";
import { recoveredHistory, Recovery } from "./recovery.js";
import { SnapshotFileWriter } from "./snapshot-file-writer.js";
import { SnapshotInstall } from "./snapshot-install.js";
import { SnapshotWriter } from "./snapshot-writer.js";
import type { RecoveredHistory, StorageOutcome } from "./storage-outcome.js";
import { SyncedMarkFile } from "./synced-mark-file.js";

export interface StorageSetup {
  readonly storage: StorageOptions;
  /** The longest txn that is written today, in bytes. What the log holds is read, however long it is. */
  readonly maxTxnBytes: number;
  /** How many of the log's last txns are remembered when it is read. */
  readonly commitLogCount: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** The clock that never jumps. */
  readonly nowMs: () => number;
}

/**
 * A sequence on the log that is asked for once at a time. While one of those that
 * load the state waits or runs, where the log ends is not known, so nothing may be
 * appended; after an installation txns may queue.
 */
type LogTask = "recover" | "truncate" | "reload" | "install";

export class Storage {
  private readonly state: ReplicatedState;
  private readonly outcome: (outcome: StorageOutcome) => void;
  private readonly lanes: FileLanes;
  private readonly epochs = new EpochFiles();
  private readonly mark = new SyncedMarkFile();
  private readonly loader: HistoryLoader;
  private readonly recovery: Recovery;
  private readonly log: LogWriter;
  private readonly cut: LogCut;
  private readonly install: SnapshotInstall;
  private readonly snapshots: SnapshotWriter;
  /** Txns of the last job in the log's lane, when that is one that writes txns. */
  private waitingTxns: LoggedTxn[] | undefined;
  private task: LogTask | undefined;
  private purgeWaits = false;
  private isDraining = false;
  private appendedZxid: Zxid = NO_TXN;
  private durableZxid: Zxid = NO_TXN;

  /**
   * `state` is filled by `recover`, `truncate` and `reload`, and only read
   * otherwise. `outcome` may call back at once.
   */
  constructor(
    setup: StorageSetup,
    state: ReplicatedState,
    emit: (effect: Effect) => void,
    outcome: (outcome: StorageOutcome) => void,
  ) {
    const { storage, maxTxnBytes, commitLogCount, random, nowMs } = setup;
    const readBytes = storage.readBytes ?? MEBIBYTE;
    const maxBatchBytes = storage.maxBatchBytes ?? MEBIBYTE;
    const report = (report: Report): void => {
      emit({ kind: "report", report });
    };
    const reader = new LogReader({
      maxTxnBytes,
      readBytes,
      // A smaller setting must not make a larger one's torn batch look rotten.
      batchBytes: Math.max(maxBatchBytes, MEBIBYTE, maxTxnBytes),
    });
    const files = new SnapshotFileWriter(
      {
        digestInSnapshots: storage.digestInSnapshots ?? true,
        lastZxidInSnapshots: storage.lastZxidInSnapshots ?? true,
      },
      state,
    );
    this.state = state;
    this.outcome = outcome;
    this.lanes = new FileLanes(
      emit,
      (text) => {
        outcome({ kind: "failed", text });
      },
      () => {
        this.reportDrained();
      },
    );
    this.loader = new HistoryLoader(
      {
        readBytes,
        commitLogCount,
        trustEmptySnapshot: storage.trustEmptySnapshot ?? false,
        comparesDigests: storage.digestInSnapshots ?? true,
      },
      state,
      reader,
      report,
    );
    this.cut = new LogCut(reader, this.mark, report);
    this.install = new SnapshotInstall(files, this.cut, this.mark, report);
    this.recovery = new Recovery(
      { autocreate: storage.autocreate ?? true },
      this.loader,
      this.epochs,
      files,
      this.install,
      this.mark,
    );
    this.log = new LogWriter(
      {
        preAllocSizeBytes: storage.preAllocSizeBytes ?? 64 * MEBIBYTE,
        maxBatchTxns: storage.maxBatchTxns ?? 1_000,
        maxBatchBytes,
      },
      this.mark,
      (zxid) => {
        this.onDurable(zxid);
      },
      nowMs,
    );
    this.snapshots = new SnapshotWriter(
      {
        snapCount: storage.snapCount ?? 100_000,
        purgesOften: storage.purgeIntervalMs === undefined,
        random,
      },
      this.lanes,
      files,
      new Purge(storage.retainSnapshots, report),
      report,
      () => {
        this.log.roll();
      },
    );
  }

  /** As the disk has it: memory follows the file. */
  get acceptedEpoch(): Epoch {
    return this.epochs.acceptedEpoch;
  }

  /** As the disk has it: memory follows the file. */
  get currentEpoch(): Epoch {
    return this.epochs.currentEpoch;
  }

  /** The last txn that was handed to the log, or where a snapshot that replaces it stands. */
  get lastAppendedZxid(): Zxid {
    return this.appendedZxid;
  }

  /** The last txn that a restart would find. */
  get lastDurableZxid(): Zxid {
    return this.durableZxid;
  }

  /** When `onDeadline` is to be called at the latest; undefined while nothing waits for the time. */
  get nextDeadline(): number | undefined {
    // While the log is being written no time is waited for: the mark comes with the batch's end.
    return this.lanes.hasFailed || !this.lanes.isIdle("log") ? undefined : this.log.markDueMs;
  }

  /** Does what is due. */
  onDeadline(nowMs: number): void {
    if (nowMs < (this.nextDeadline ?? Infinity)) return;
    this.lanes.enqueue("log", { steps: () => this.log.writeMark() });
  }

  /** Reads the data directory into the state. Once, before everything else. Outcome: `recovered` or `refused`. */
  recover(): void {
    this.runTask("recover", () => this.recoverySteps());
  }

  /** Adds a txn to the log. Outcome: `durable`, for all that became so together. Its bytes must not change any more. */
  append(txn: LoggedTxn): void {
    if (this.task !== undefined && this.task !== "install") {
      throw new Error(
        `${formatZxid(txn.zxid)} is appended while the log is being read (${this.task})`,
      );
    }
    if (!follows(this.appendedZxid, txn.zxid)) {
      throw new Error(
        `${formatZxid(txn.zxid)} cannot be appended to a log that ends at ${formatZxid(this.appendedZxid)}`,
      );
    }
    this.appendedZxid = txn.zxid;
    if (this.waitingTxns !== undefined) {
      this.waitingTxns.push(txn);
      return;
    }
    const waiting = [txn];
    this.waitingTxns = waiting;
    this.lanes.enqueue("log", { steps: () => this.writeTxns(waiting) });
  }

  /** Outcome: `acceptedEpochDurable`. */
  writeAcceptedEpoch(epoch: Epoch): void {
    this.lanes.enqueue("epoch", { steps: () => this.writeEpoch("acceptedEpoch", epoch) });
  }

  /** Outcome: `currentEpochDurable`. */
  writeCurrentEpoch(epoch: Epoch): void {
    this.lanes.enqueue("epoch", { steps: () => this.writeEpoch("currentEpoch", epoch) });
  }

  /**
   * Cuts the log after `zxid` and loads the state from what is left. Outcome:
   * `truncated`; or `cannotTruncate` when log and snapshots do not lead exactly
   * there: then nothing was changed.
   */
  truncate(zxid: Zxid): void {
    this.snapshots.abandon();
    this.runTask("truncate", () => this.truncationSteps(zxid));
  }

  /**
   * Makes the state, which a leader's snapshot has replaced, this server's own.
   * The state must not change until the outcome, `snapshotInstalled`; what is
   * appended meanwhile is written after it.
   */
  installSnapshot(): void {
    this.snapshots.abandon();
    this.appendedZxid = this.state.lastProcessedZxid;
    this.runTask("install", () => this.installationSteps());
  }

  /** Outcome: `drained`, as soon as everything that was appended is durable and nothing runs. */
  drain(): void {
    this.isDraining = true;
    this.reportDrained();
  }

  /** Loads the state from the disk again. Outcome: `reloaded`. */
  reload(): void {
    this.snapshots.abandon();
    this.runTask("reload", () => this.reloadingSteps());
  }

  /** Whether snapshots may be written: only while the state holds nothing that may be uncommitted. At first they may not. */
  allowSnapshots(allowed: boolean): void {
    this.snapshots.allow(allowed);
  }

  /** A txn was applied to the state. It may be time for a snapshot. */
  onApplied(): void {
    if (this.task === undefined) this.snapshots.onApplied();
  }

  /** Removes snapshots and logs that are too old, as soon as nothing loads or replaces the state. */
  purge(): void {
    if (this.task === undefined) this.snapshots.purge();
    else this.purgeWaits = true;
  }

  /** An operation is done. Ids of others are ignored. */
  onFileDone(id: FileOperationId, result: FileResult): void {
    this.lanes.onFileDone(id, result);
  }

  private runTask(task: LogTask, steps: () => Steps<void>): void {
    if (this.task !== undefined) {
      throw new Error(`${task} was asked for while ${this.task} is under way`);
    }
    this.task = task;
    // What is appended from now on belongs after the task.
    this.waitingTxns = undefined;
    this.lanes.enqueue("log", {
      steps: () => this.endOnRefusal(task, steps()),
      excludesSnapshots: true,
    });
  }

  /** What cannot be read at the start is refused; what could be read before and now cannot is a failure of the disk. */
  private *endOnRefusal(task: LogTask, steps: Steps<void>): Steps<void> {
    try {
      yield* steps;
    } catch (error) {
      if (!(error instanceof DirectoryRefused)) throw error;
      if (task === "recover") this.outcome({ kind: "refused", text: error.message });
      else this.lanes.fail(error.message);
    }
  }

  private *recoverySteps(): Steps<void> {
    const history = yield* this.recovery.recover();
    this.onLoaded(history);
    this.outcome({ kind: "recovered", history });
  }

  private *writeTxns(waiting: LoggedTxn[]): Steps<void> {
    yield* this.log.writeAll(waiting);
    if (this.waitingTxns === waiting) this.waitingTxns = undefined;
  }

  private onDurable(zxid: Zxid): void {
    this.durableZxid = zxid;
    this.snapshots.onDurable(zxid);
    this.outcome({ kind: "durable", zxid });
  }

  private *writeEpoch(name: EpochFileName, epoch: Epoch): Steps<void> {
    yield* this.epochs.write(name, epoch);
    this.outcome({
      kind: name === "acceptedEpoch" ? "acceptedEpochDurable" : "currentEpochDurable",
      epoch,
    });
  }

  private *truncationSteps(zxid: Zxid): Steps<void> {
    // First it is seen whether what is left will do: a TRUNC that fails half way must not pass for one that was done (ZOOKEEPER-3701).
    let directory = yield* readDataDirectory();
    let loaded = yield* this.tryToLoad(directory, zxid);
    if (typeof loaded === "string" || loaded.lastZxid !== zxid) {
      const why =
        typeof loaded === "string" ? loaded : `it ends at ${formatZxid(loaded.lastZxid)} then`;
      this.onLoaded(yield* this.load());
      const text = `the log cannot be cut after ${formatZxid(zxid)}: ${why}`;
      this.outcome({ kind: "cannotTruncate", text });
      return;
    }
    if (loaded.snapshot === undefined) {
      // Without any snapshot the next start would take the history for lost.
      yield* this.recovery.layBeginning(loaded);
      directory = yield* readDataDirectory();
      loaded = yield* this.loader.load(directory, undefined, zxid);
    }
    // Newer ones than what was loaded hold what is cut, or nothing that can be read.
    yield* this.cut.removeSnapshotsBehind(directory, loaded.snapshot?.zxid ?? BEFORE_ALL);
    yield* this.cut.cutLogsBehind(directory, zxid);
    const history = recoveredHistory(loaded, this.epochs, true);
    this.onLoaded(history);
    this.outcome({ kind: "truncated", history });
  }

  /** Loads what there is up to `zxid`, or says why there is nothing to be loaded. */
  private *tryToLoad(directory: DataDirectory, zxid: Zxid): Steps<LoadedHistory | string> {
    try {
      return yield* this.loader.load(directory, undefined, zxid);
    } catch (error) {
      if (!(error instanceof DirectoryRefused)) throw error;
      return error.message;
    }
  }

  private *installationSteps(): Steps<void> {
    const zxid = yield* this.install.install();
    this.log.roll();
    this.endTask();
    this.durableZxid = zxid;
    this.snapshots.countFromHere();
    this.snapshots.noteGood(zxid);
    this.outcome({ kind: "snapshotInstalled", zxid });
  }

  private *reloadingSteps(): Steps<void> {
    const history = yield* this.load();
    this.onLoaded(history);
    this.outcome({ kind: "reloaded", history });
  }

  private *load(): Steps<RecoveredHistory> {
    const loaded = yield* this.loader.load(yield* readDataDirectory(), undefined);
    return recoveredHistory(loaded, this.epochs, true);
  }

  /** The state is what the disk says, and the log goes on in a new file. */
  private onLoaded({ lastZxid, replayed, snapshotZxid }: RecoveredHistory): void {
    this.endTask();
    if (snapshotZxid !== undefined) this.snapshots.noteGood(snapshotZxid);
    this.log.roll();
    this.appendedZxid = lastZxid;
    this.durableZxid = lastZxid;
    this.snapshots.countFromHere();
    this.snapshots.countApplied(replayed);
    this.snapshots.onDurable(lastZxid);
  }

  private endTask(): void {
    this.task = undefined;
    if (!this.purgeWaits) return;
    this.purgeWaits = false;
    this.snapshots.purge();
  }

  private reportDrained(): void {
    if (!this.isDraining || !this.lanes.areIdle || this.lanes.hasFailed) return;
    this.isDraining = false;
    this.outcome({ kind: "drained", lastZxid: this.appendedZxid });
  }
}

const MEBIBYTE = 1 << 20;

/** Before every snapshot, that of the beginning included. */
const BEFORE_ALL: Zxid = -1n;
