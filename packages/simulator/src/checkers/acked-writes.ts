/**
 * AckedWrites: what a client was told is done stays done. The txn of an answer is committed
 * when the answer arrives, carries the client's own session and number, and is
 * part of every member's history in the end.
 */
import { formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { CommittedTxns } from "../model/committed-txns.js";
import type { GhostHistory } from "../model/ghost-history.js";

export class AckedWrites implements Checker {
  readonly name = "acked-writes";
  readonly watches = ["return"] as const;
  readonly #history: GhostHistory;
  readonly #committed: CommittedTxns;
  #lastAcked: Zxid = NO_TXN;

  constructor(history: GhostHistory, committed: CommittedTxns) {
    this.#history = history;
    this.#committed = committed;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "return" || observation.answer.kind !== "applied") return;
    const { request, answer, operation } = observation;
    if (request.kind !== "submit") return;
    const { zxid } = answer.txn;
    const committed = this.#committed.at(zxid);
    if (committed === undefined) {
      const text = `operation ${operation} is answered with ${formatZxid(zxid)}, which is not committed`;
      throw new InvariantViolation("AckedWrites", text);
    }
    const { clientId, cxid } = committed.message.header;
    const { sessionId, cxid: asked } = request.change;
    if (clientId !== sessionId || cxid !== asked) {
      throw new InvariantViolation(
        "AckedWrites",
        `operation ${operation} of session ${sessionId}, number ${asked}, is answered with the txn of session ${clientId}, number ${cxid}`,
      );
    }
    if (zxid > this.#lastAcked) this.#lastAcked = zxid;
  }

  atEnd(world: WorldView): void {
    for (const { sid, state } of world.peers.values()) {
      if (state === undefined) continue;
      // Acknowledged txns are all committed, so whoever has the last has all.
      if (this.#history.contains(state.lastProcessedZxid, this.#lastAcked)) continue;
      throw new InvariantViolation(
        "AckedWrites",
        `${sid} ends at ${formatZxid(state.lastProcessedZxid)}, without ${formatZxid(this.#lastAcked)}, which a client was told of`,
      );
    }
  }
}
