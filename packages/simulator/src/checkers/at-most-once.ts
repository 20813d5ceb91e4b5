/**
 * AtMostOnce: a request is carried out at most once, whatever its client was told; and
 * one that was refused never, because its client was told that nothing was done.
 */
import { formatZxid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { CommittedTxns } from "../model/committed-txns.js";

export class AtMostOnce implements Checker {
  readonly name = "at-most-once";
  readonly watches = ["changed", "return"] as const;
  readonly #committed: CommittedTxns;
  /** By session and number. */
  readonly #done = new Map<bigint, Map<number, Zxid>>();
  readonly #refused = new Map<bigint, Set<number>>();

  constructor(committed: CommittedTxns) {
    this.#committed = committed;
  }

  observe(observation: Observation): void {
    if (observation.kind === "step") {
      for (const { zxid, message } of this.#committed.fresh)
        this.#onDone(message.header.clientId, message.header.cxid, zxid);
    } else if (observation.kind === "return" && observation.answer.kind === "refused") {
      const { request } = observation;
      if (request.kind === "submit") this.#onRefused(request.change.sessionId, request.change.cxid);
    }
  }

  #onDone(sessionId: bigint, cxid: number, zxid: Zxid): void {
    // Number 0: sessions begin with it, and servers use it for what they ask themselves.
    if (cxid === 0) return;
    const done = this.#done.get(sessionId) ?? new Map<number, Zxid>();
    const first = done.get(cxid);
    if (first !== undefined) {
      throw new InvariantViolation(
        "AtMostOnce",
        `number ${cxid} of session ${sessionId} is carried out as ${formatZxid(first)} and again as ${formatZxid(zxid)}`,
      );
    }
    this.#done.set(sessionId, done.set(cxid, zxid));
    if (this.#refused.get(sessionId)?.has(cxid) === true) throw wasRefused(sessionId, cxid, zxid);
  }

  #onRefused(sessionId: bigint, cxid: number): void {
    if (cxid === 0) return;
    const zxid = this.#done.get(sessionId)?.get(cxid);
    if (zxid !== undefined) throw wasRefused(sessionId, cxid, zxid);
    const refused = this.#refused.get(sessionId) ?? new Set<number>();
    this.#refused.set(sessionId, refused.add(cxid));
  }
}

function wasRefused(sessionId: bigint, cxid: number, zxid: Zxid): InvariantViolation {
  return new InvariantViolation(
    "AtMostOnce",
    `number ${cxid} of session ${sessionId} was refused, but carried out as ${formatZxid(zxid)}`,
  );
}
