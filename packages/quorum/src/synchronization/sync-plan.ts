/**
 * How a leader brings a learner up to date: a pure decision over what the
 * learner has and what the leader remembers. The table is the protocol's; each
 * row has its own `reason`, which logs show and tests name.
 */
import { sizeOfCommitted } from "../packet-size.js";
import type { LoggedTxn } from "../replicated-state.js";
import { counterOf, epochOf, type Zxid } from "@jute-ts/zookeeper";

/** What the leader has. */
export interface SyncSource {
  /** The last committed and applied txn. */
  readonly lastZxid: Zxid;
  /** The committed txns in memory, oldest first, without holes. May be empty. */
  readonly committedLog: readonly LoggedTxn[];
  /** The most bytes of packets with txns that may be sent at once. A snapshot goes piece by piece. No limit when undefined. */
  readonly maxBytes?: number;
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
  | "too-far-behind"
  /** What the learner lacks is in memory, but too long to be sent at once. */
  | "too-much";

export type SyncPlan =
  /** Send these txns, each committed. */
  | {
      readonly kind: "DIFF";
      readonly reason: SyncReason;
      readonly zxid: Zxid;
      readonly txns: readonly LoggedTxn[];
    }
  /** Cut the learner's log after `zxid`, then send these. */
  | {
      readonly kind: "TRUNC";
      readonly reason: SyncReason;
      readonly zxid: Zxid;
      readonly txns: readonly LoggedTxn[];
    }
  /** Send everything. */
  | { readonly kind: "SNAP"; readonly reason: SyncReason };

/**
 * Decides how a learner whose last txn is `peer` gets what `source` has. The
 * leader's history must be complete: every committed txn is in it.
 */
export function planSync(peer: Zxid, source: SyncSource): SyncPlan {
  const plan = choosePlan(peer, source);
  if (plan.kind === "SNAP") return plan;
  const isShort = sizeOfCommitted(plan.txns) <= (source.maxBytes ?? Infinity);
  return isShort ? plan : { kind: "SNAP", reason: "too-much" };
}

function choosePlan(peer: Zxid, source: SyncSource): SyncPlan {
  const { lastZxid: last, committedLog: log } = source;
  const first = log[0];
  const min = first === undefined ? last : first.zxid;
  const max = log.at(-1)?.zxid ?? last;
  if (peer === last) return diff("equal", []);
  // Where an epoch begins there is no txn, so such a zxid says nothing about txns of its own.
  const onlyEpochBegun = counterOf(peer) === 0;
  if (peer > max && !onlyEpochBegun) return trunc("learner-ahead", max, []);
  if (peer < min || peer > max) return { kind: "SNAP", reason: "too-far-behind" };
  return planFromMemory(peer, log, max, onlyEpochBegun);

  function diff(reason: SyncReason, txns: readonly LoggedTxn[]): SyncPlan {
    return { kind: "DIFF", reason, zxid: max, txns };
  }
}

/** The learner's last txn lies within what is in memory. */
function planFromMemory(
  peer: Zxid,
  log: readonly LoggedTxn[],
  max: Zxid,
  onlyEpochBegun: boolean,
): SyncPlan {
  // The first txn that is not older than the learner's last.
  const index = log.findIndex(({ zxid }) => zxid >= peer);
  const next = log[index];
  if (next === undefined) return { kind: "DIFF", reason: "new-epoch", zxid: max, txns: [] };
  if (next.zxid === peer) {
    return { kind: "DIFF", reason: "in-memory", zxid: max, txns: log.slice(index + 1) };
  }
  if (onlyEpochBegun) {
    return { kind: "DIFF", reason: "new-epoch", zxid: max, txns: log.slice(index) };
  }
  // The learner has a txn where the leader has none. Cutting is for txns of the same leadership only:
  // across leaderships it is not known what else the learner has that the leader has not.
  const previous = log[index - 1];
  if (previous === undefined || epochOf(next.zxid) !== epochOf(peer)) {
    return { kind: "SNAP", reason: "diverged-across-epochs" };
  }
  return trunc("diverged-in-epoch", previous.zxid, log.slice(index));
}

function trunc(reason: SyncReason, zxid: Zxid, txns: readonly LoggedTxn[]): SyncPlan {
  return { kind: "TRUNC", reason, zxid, txns };
}
