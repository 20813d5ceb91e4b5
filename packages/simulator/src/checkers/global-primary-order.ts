/** GlobalPrimaryOrder: txns of an earlier epoch are applied before those of a later one. */
import { epochOf, formatZxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { appliedTxns } from "../model/applied-txns.js";

export class GlobalPrimaryOrder implements Checker {
  readonly name = "global-primary-order";
  readonly watches = ["applied"] as const;

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    for (const { previous, txn } of appliedTxns(observation)) {
      if (epochOf(previous) <= epochOf(txn.zxid)) continue;
      throw new InvariantViolation(
        "GlobalPrimaryOrder",
        `${observation.sid} applies ${formatZxid(txn.zxid)} after ${formatZxid(previous)} of a later epoch`,
      );
    }
  }
}
