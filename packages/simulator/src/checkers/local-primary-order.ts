/**
 * LocalPrimaryOrder: for all pairs of txns of one leader that a server applies,
 * the one that the leader proposed first is applied first, and neither is applied
 * twice. (The published formula asks for one such pair only, which may be a txn
 * and itself.) Each life of a server's state is judged from where it was loaded.
 */
import { epochOf, formatZxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { appliedTxns } from "../model/applied-txns.js";

export class LocalPrimaryOrder implements Checker {
  readonly name = "local-primary-order";
  readonly watches = ["applied"] as const;

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    for (const { previous, txn } of appliedTxns(observation)) {
      // Applied zxids rise step by step, so comparing neighbours compares all pairs.
      if (epochOf(previous) !== epochOf(txn.zxid) || previous < txn.zxid) continue;
      throw new InvariantViolation(
        "LocalPrimaryOrder",
        `${observation.sid} applies ${formatZxid(txn.zxid)} after ${formatZxid(previous)} of the same leader`,
      );
    }
  }
}
