/**
 * How a leader brings a learner up to date: a pure decision over what the
 * learner has and what the leader remembers. The table is the protocol's; each
 * row has its own `reason`, which logs show and tests name.
 */
import type { Txn } from "../replicated-state.js";
import type { Zxid } from "../zxid.js";

/** What the leader has. */
export interface SyncSource {
  /** The last committed and applied txn. */
  readonly lastCommittedZxid: Zxid;
  /** The committed txns in memory, oldest first, without holes. May be empty. */
  readonly committedLog: readonly Txn[];
}

export type SyncReason =
  /** The learner has exactly what the leader has. */
  | "equal"
  /** The learner has txns that were never committed. */
  | "learner-ahead"
  /** The learner's last txn is in memory; the later ones follow. */
  | "in-memory"
  /** The learner has only seen the epoch begin; what follows is in memory. */
  | "new-epoch"
  /** The learner has uncommitted txns of an epoch that the leader's memory covers. */
  | "diverged-in-epoch"
  /** The learner has txns of an epoch that went on without them. */
  | "diverged-across-epochs"
  /** The learner's last txn is older than what is in memory. */
  | "too-far-behind";

export type SyncPlan =
  /** Send these txns, each committed. */
  | {
      readonly kind: "DIFF";
      readonly reason: SyncReason;
      readonly zxid: Zxid;
      readonly txns: readonly Txn[];
    }
  /** Cut the learner's log behind `zxid`, then send these. */
  | {
      readonly kind: "TRUNC";
      readonly reason: SyncReason;
      readonly zxid: Zxid;
      readonly txns: readonly Txn[];
    }
  /** Send everything. */
  | { readonly kind: "SNAP"; readonly reason: SyncReason };
