/**
 * AtMostOnce: a request is carried out at most once, whatever its client was told;
 * and one that was refused never, because its client was told that nothing was
 * done. A client may use a number again: then so many txns may bear it.
 */
import { formatZxid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { CommittedTxns } from "../model/committed-txns.js";
import type { GhostOperations } from "../model/ghost-operations.js";

export class AtMostOnce implements Checker {
  readonly name = "at-most-once";
  readonly watches = ["changed", "return"] as const;
  readonly #committed: CommittedTxns;
  readonly #operations: GhostOperations;
  /** By session and number: the txns that bear them. */
  readonly #done = new Map<bigint, Map<number, Zxid[]>>();

  constructor(committed: CommittedTxns, operations: GhostOperations) {
    this.#committed = committed;
    this.#operations = operations;
  }

  observe(observation: Observation): void {
    if (observation.kind === "step") {
      for (const { zxid, message } of this.#committed.fresh)
        this.#onDone(message.header.clientId, message.header.cxid, zxid);
    } else if (observation.kind === "return" && observation.answer.kind === "refused") {
      const { request } = observation;
      if (request.kind === "submit") this.#judge(request.change.sessionId, request.change.cxid);
    }
  }

  #onDone(sessionId: bigint, cxid: number, zxid: Zxid): void {
    // Number 0: sessions begin with it, and servers use it for what they ask themselves.
    if (cxid === 0) return;
    const done = this.#done.get(sessionId) ?? new Map<number, Zxid[]>();
    this.#done.set(sessionId, done);
    const zxids = done.get(cxid);
    if (zxids === undefined) done.set(cxid, [zxid]);
    else zxids.push(zxid);
    this.#judge(sessionId, cxid);
  }

  #judge(sessionId: bigint, cxid: number): void {
    const done = this.#done.get(sessionId)?.get(cxid) ?? [];
    if (done.length === 0) return;
    const asked = this.#operations.submitted(sessionId, cxid);
    const refused = asked.filter(({ answer }) => answer?.kind === "refused").length;
    // One that nobody asked for is another checker's business.
    if (done.length <= Math.max(asked.length, 1) - refused) return;
    const times = refused === 0 ? "" : `, and ${refused} refused`;
    throw new InvariantViolation(
      "AtMostOnce",
      `number ${cxid} of session ${sessionId} was asked for ${Math.max(asked.length, 1)} times${times}, but carried out as ${done.map(formatZxid).join(" and ")}`,
    );
  }
}
