/**
 * TotalOrder: when one server applies a before b, every server that applies b has
 * applied a before it. All histories that hold a txn are equal up to it, so each
 * txn must be applied to the state that its predecessor left, on every server.
 */
import { formatZxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { appliedTxns } from "../model/applied-txns.js";
import type { GhostHistory } from "../model/ghost-history.js";

export class TotalOrder implements Checker {
  readonly name = "total-order";
  readonly watches = ["applied"] as const;
  readonly #history: GhostHistory;

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    for (const { previous, txn } of appliedTxns(observation)) {
      const expected = this.#history.predecessor(txn.zxid);
      if (this.#history.lastTxn(previous) === expected) continue;
      throw new InvariantViolation(
        "TotalOrder",
        `${observation.sid} applies ${formatZxid(txn.zxid)} after ${formatZxid(previous)}, but elsewhere ${formatZxid(expected)} comes before it`,
      );
    }
  }
}
