/**
 * What a server holds: the state, the last txns that made it, and which of them
 * are known to be committed. Every txn that is applied passes through here, so
 * the list of recent txns never has a hole (ZOOKEEPER-4925).
 */
import type { Effect } from "./effects.js";
import type { ReplicatedState, LoggedTxn, TxnResult } from "./replicated-state.js";
import type { RecoveredHistory } from "./storage/storage-outcome.js";
import { follows, type Zxid } from "@jute-ts/zookeeper";

export class History {
  readonly state: ReplicatedState;
  private readonly limit: number;
  private readonly emit: (effect: Effect) => void;
  private recent: LoggedTxn[] = [];
  /** How many at the front of `recent` are forgotten; they are removed in bulk. */
  private forgotten = 0;
  private newestZxid: Zxid = 0n;
  private committedZxid: Zxid = 0n;
  private onDisk = true;

  /** `limit`: how many recent txns are kept. */
  constructor(state: ReplicatedState, limit: number, emit: (effect: Effect) => void) {
    this.state = state;
    this.limit = limit;
    this.emit = emit;
  }

  /** The last txn that the state holds, committed or not, or where the snapshot stands. */
  get lastZxid(): Zxid {
    return this.newestZxid;
  }

  /** The last txn that is known to be committed. After a start nothing is, until a leader says so. */
  get lastCommittedZxid(): Zxid {
    return this.committedZxid;
  }

  /** The last txns, oldest first, without holes. A copy. */
  recentTxns(): readonly LoggedTxn[] {
    return this.recent.slice(this.forgotten);
  }

  /** Whether a restart would find what the state holds. Not so while a leader's snapshot is only in memory. */
  get isOnDisk(): boolean {
    return this.onDisk;
  }

  /** A snapshot begins to replace the state. Whatever interrupts that, the state must be loaded from the disk again. */
  beginReplacing(): void {
    this.onDisk = false;
  }

  /** The snapshot that replaced the state is on disk. */
  endReplacing(): void {
    this.onDisk = true;
  }

  /** The state was loaded from the disk. */
  reset(history: RecoveredHistory): void {
    this.recent = history.recentTxns.slice(-this.limit);
    this.forgotten = 0;
    this.newestZxid = history.lastZxid;
    this.onDisk = true;
  }

  /** The state was replaced by a snapshot that was committed up to here. */
  resetToSnapshot(zxid: Zxid): void {
    this.recent = [];
    this.forgotten = 0;
    this.newestZxid = zxid;
  }

  /** Everything up to here is committed. */
  commitUpTo(zxid: Zxid): void {
    if (zxid > this.committedZxid) this.committedZxid = zxid;
  }

  /** Applies the next txn. */
  apply(txn: LoggedTxn): TxnResult {
    if (!follows(this.newestZxid, txn.zxid)) {
      throw new Error(`txn ${txn.zxid} cannot be applied after ${this.newestZxid}`);
    }
    const result = this.state.apply(txn);
    this.newestZxid = txn.zxid;
    this.remember(txn);
    const committed = txn.zxid <= this.committedZxid;
    this.emit({ kind: "applied", txn, result, committed });
    this.compareDigests(txn.zxid, result);
    return result;
  }

  private remember(txn: LoggedTxn): void {
    this.recent.push(txn);
    if (this.recent.length - this.forgotten > this.limit) this.forgotten++;
    if (this.forgotten > this.limit) {
      this.recent.splice(0, this.forgotten);
      this.forgotten = 0;
    }
  }

  private compareDigests(zxid: Zxid, { expectedDigest: expected }: TxnResult): void {
    if (expected === undefined) return;
    const actual = this.state.digest();
    if (actual === expected) return;
    this.emit({ kind: "report", report: { kind: "digestMismatch", zxid, expected, actual } });
  }
}
