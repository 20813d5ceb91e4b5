/** The txns that a step applied, each with the last txn that the state held before it. */
import type { LoggedTxn } from "@jute-ts/quorum";
import type { Zxid } from "@jute-ts/zookeeper";
import type { Observation } from "../checkers/checker.js";

export interface AppliedTxn {
  readonly previous: Zxid;
  readonly txn: LoggedTxn;
}

/** In the order in which they were applied. A log that was cut in the same step gives the state that the next txn is applied to. */
export function appliedTxns({
  before,
  effects,
}: Extract<Observation, { kind: "step" }>): readonly AppliedTxn[] {
  let applied: AppliedTxn[] | undefined;
  let previous = before.lastProcessedZxid;
  for (const effect of effects) {
    if (effect.kind === "report" && effect.report.kind === "logCut") {
      previous = effect.report.zxid;
    } else if (effect.kind === "applied") {
      applied ??= [];
      applied.push({ previous, txn: effect.txn });
      previous = effect.txn.zxid;
    }
  }
  return applied ?? NONE;
}

const NONE: readonly AppliedTxn[] = [];
