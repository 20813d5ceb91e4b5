/**
 * Walks over the committed txns as they come to be committed, each decoded once
 * for all checkers of clients' promises. Judges nothing.
 */
import { decodeTxn, type TxnMessage, type Zxid } from "@jute-ts/zookeeper";
import type { Checker, Observation } from "../checkers/checker.js";
import type { GhostHistory } from "./ghost-history.js";

export interface CommittedTxn {
  readonly zxid: Zxid;
  readonly message: TxnMessage;
}

export class CommittedTxns implements Checker {
  readonly name = "ghost-committed-txns";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;
  readonly #decoded = new Map<Zxid, CommittedTxn>();
  #taken = 0;
  #fresh: CommittedTxn[] = [];

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  /** What came to be committed with the last observation, oldest first. */
  get fresh(): readonly CommittedTxn[] {
    return this.#fresh;
  }

  /** A committed txn; undefined when there is none with this zxid. */
  at(zxid: Zxid): CommittedTxn | undefined {
    return this.#decoded.get(zxid);
  }

  observe(observation: Observation): void {
    if (this.#fresh.length > 0) this.#fresh = [];
    if (observation.kind !== "step") return;
    const { order } = this.#history;
    for (; this.#taken < order.length; this.#taken++) {
      const zxid = order[this.#taken];
      const txn = zxid === undefined ? undefined : this.#history.txn(zxid);
      if (txn === undefined) continue;
      const committed = { zxid: txn.zxid, message: decodeTxn(txn.bytes) };
      this.#decoded.set(txn.zxid, committed);
      this.#fresh.push(committed);
    }
  }
}
