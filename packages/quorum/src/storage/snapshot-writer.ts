/**
 * Writes a snapshot from time to time, beside running traffic: decides when, and
 * that nothing of it is seen before the log holds what may be in it.
 *
 * A snapshot is only begun while the state holds nothing but what is known to be
 * committed: a snapshot cannot be cut, so an uncommitted txn in it would live for
 * ever on this server alone (ZOOKEEPER-1549).
 */
import type { Report } from "../report.js";
import type { Zxid } from "@jute-ts/zookeeper";
import type { FileLanes } from "./file-lanes.js";
import type { Steps } from "./file-steps.js";
import type { Purge } from "./purge.js";
import type { SnapshotFileWriter, UnpublishedSnapshot } from "./snapshot-file-writer.js";

export interface SnapshotWriterOptions {
  /** A snapshot after half to all of so many txns. */
  readonly snapCount: number;
  /** Whether older snapshots are removed whenever one was written, and not only when that is asked for. */
  readonly purgesOften: boolean;
  /** In [0, 1): servers that began together should not write together. */
  readonly random: () => number;
}

type Progress =
  | { readonly kind: "idle" }
  /** Its body is being written. */
  | { readonly kind: "writing" }
  /** Its file is whole and waits for the log. */
  | { readonly kind: "waiting"; readonly snapshot: UnpublishedSnapshot }
  | { readonly kind: "publishing" };

export class SnapshotWriter {
  private readonly options: SnapshotWriterOptions;
  private readonly lanes: FileLanes;
  private readonly files: SnapshotFileWriter;
  private readonly purger: Purge;
  private readonly report: (report: Report) => void;
  private readonly onBegin: () => void;
  private progress: Progress = { kind: "idle" };
  private isAllowed = false;
  private isWanted = false;
  private applied = 0;
  private threshold: number;
  private durableZxid: Zxid = 0n;

  /** `onBegin` is called when a snapshot begins: the log goes on in a new file. */
  constructor(
    options: SnapshotWriterOptions,
    lanes: FileLanes,
    files: SnapshotFileWriter,
    purge: Purge,
    report: (report: Report) => void,
    onBegin: () => void,
  ) {
    this.options = options;
    this.lanes = lanes;
    this.files = files;
    this.purger = purge;
    this.report = report;
    this.onBegin = onBegin;
    this.threshold = this.drawThreshold();
  }

  /** Whether the state holds nothing that may be uncommitted. When it may, a snapshot that is under way is abandoned. */
  allow(isAllowed: boolean): void {
    this.isAllowed = isAllowed;
    if (!isAllowed) this.abandon();
  }

  /** Counts txns that the next snapshot saves from being replayed. */
  countApplied(count: number): void {
    this.applied += count;
  }

  /** The state and a durable snapshot are the same. */
  countFromHere(): void {
    this.applied = 0;
    this.threshold = this.drawThreshold();
  }

  /** A txn was applied. */
  onApplied(): void {
    this.countApplied(1);
    if (!this.mayBegin() || !this.isDue()) return;
    this.countFromHere();
    this.progress = { kind: "writing" };
    this.isWanted = true;
    this.onBegin();
    this.lanes.enqueue("snapshot", { steps: () => this.write() });
  }

  /** The log is durable up to here. */
  onDurable(zxid: Zxid): void {
    this.durableZxid = zxid;
    this.publishIfCovered();
  }

  /** Removes what is too old. Nothing may be loading or replacing the state meanwhile. */
  purge(): void {
    this.lanes.enqueue("snapshot", { steps: () => this.purger.purge() });
  }

  /** The snapshot of this zxid was loaded, or replaces the state. */
  noteGood(zxid: Zxid): void {
    this.purger.noteGood(zxid);
  }

  private isDue(): boolean {
    return this.applied >= this.threshold;
  }

  private mayBegin(): boolean {
    return this.isAllowed && this.progress.kind === "idle" && this.lanes.isIdle("snapshot");
  }

  /** Between a half and all of snapCount. */
  private drawThreshold(): number {
    const half = Math.max(Math.floor(this.options.snapCount / 2), 1);
    return half + Math.floor(this.options.random() * half);
  }

  /** The body of a snapshot may hold any txn that was applied while it was written: without them in the log it is of no use. */
  private isCovered(snapshot: UnpublishedSnapshot): boolean {
    return this.durableZxid >= snapshot.lastZxid;
  }

  /** What is being written will not be published. */
  abandon(): void {
    this.isWanted = false;
    if (this.progress.kind !== "waiting") return;
    const { file } = this.progress.snapshot;
    this.progress = { kind: "idle" };
    this.lanes.enqueue("snapshot", { steps: () => this.files.abandon(file) });
  }

  private *write(): Steps<void> {
    const snapshot = yield* this.files.write(() => this.isWanted);
    if (snapshot === undefined) {
      this.progress = { kind: "idle" };
    } else {
      this.progress = { kind: "waiting", snapshot };
      if (this.isWanted) this.publishIfCovered();
      else this.abandon();
    }
  }

  private publishIfCovered(): void {
    if (this.progress.kind !== "waiting" || !this.isCovered(this.progress.snapshot)) return;
    const { snapshot } = this.progress;
    this.progress = { kind: "publishing" };
    this.lanes.enqueue("snapshot", { steps: () => this.publish(snapshot) });
  }

  private *publish(snapshot: UnpublishedSnapshot): Steps<void> {
    yield* this.files.publish(snapshot);
    this.report({ kind: "snapshotWritten", zxid: snapshot.zxid, bytes: snapshot.bytes });
    this.purger.noteGood(snapshot.zxid);
    if (this.options.purgesOften) yield* this.purger.purge();
    this.progress = { kind: "idle" };
  }
}
