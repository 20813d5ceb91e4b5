/**
 * What the storage reports to the peer. Promises to other servers are made only
 * in the handlers of these: each says that something is durable now.
 */
import type { LoggedTxn } from "../replicated-state.js";
import type { Epoch, Zxid } from "@jute-ts/zookeeper";

export type StorageOutcome =
  /** The data directory was read and the state holds what it says. */
  | { readonly kind: "recovered"; readonly history: RecoveredHistory }
  /** The data directory must not be started from. */
  | { readonly kind: "refused"; readonly text: string }
  /** All appended txns up to this one are durable. */
  | { readonly kind: "durable"; readonly zxid: Zxid }
  /** The epoch is durable in its file. */
  | { readonly kind: "acceptedEpochDurable"; readonly epoch: Epoch }
  | { readonly kind: "currentEpochDurable"; readonly epoch: Epoch }
  /** The log ends at this txn, durably, and the state was loaded again from what is left. */
  | { readonly kind: "truncated"; readonly history: RecoveredHistory }
  /** The log does not hold what it was to be cut after: nothing was changed. */
  | { readonly kind: "cannotTruncate"; readonly text: string }
  /** The state's snapshot is durable and older files that contradict it are gone. */
  | { readonly kind: "snapshotInstalled"; readonly zxid: Zxid }
  /** Nothing is under way: everything that was appended is durable. */
  | { readonly kind: "drained"; readonly lastZxid: Zxid }
  /** The state was loaded again from the disk. */
  | { readonly kind: "reloaded"; readonly history: RecoveredHistory }
  /** The disk failed. Nothing is promised any more. */
  | { readonly kind: "failed"; readonly text: string };

export interface RecoveredHistory {
  /** The last txn of the log, or of the snapshot when the log has none after it. */
  readonly lastZxid: Zxid;
  /** False for a server without data that may not vote until it was synchronized (autocreate off). */
  readonly mayVote: boolean;
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  /** The last txns of the log, oldest first, without holes, at most commitLogCount. */
  readonly recentTxns: readonly LoggedTxn[];
  readonly snapshotZxid: Zxid | undefined;
  /** How many log records were replayed. */
  readonly replayed: number;
  /** Bytes of an unfinished tail that were cut off. */
  readonly tornBytes: number;
}
