/**
 * ClientLimits: a server has no more requests of clients in process than it may, begins
 * no more sessions in a while than its bucket of tokens allows, writes no more for one
 * client at a time than it may, and has no more bytes of large requests. Counted from
 * outside, and by the world's time, than which no server's clock is much faster.
 */
import type { Sid } from "@jute-ts/zookeeper";
import {
  type Checker,
  type ClientLoad,
  InvariantViolation,
  type Observation,
  type WorldView,
} from "../../checkers/checker.js";
import type { ClientLimits as Limits } from "../../world/settings.js";

/** The tokens that a server may have at the most. */
interface Bucket {
  tokens: number;
  filledMs: number;
}

export class ClientLimits implements Checker {
  readonly name = "client-limits";
  readonly watches = ["settled", "restart"] as const;
  readonly #limits: Limits;
  readonly #clockDrift: number;
  readonly #buckets = new Map<Sid, Bucket>();

  /** `clockDrift`: how much faster than the world's a clock may run; 0.01 is 1 %. */
  constructor(limits: Limits, clockDrift: number) {
    this.#limits = limits;
    this.#clockDrift = clockDrift;
  }

  observe(observation: Observation, { nowMs }: WorldView): void {
    if (observation.kind === "restart") this.#buckets.delete(observation.sid);
    if (observation.kind !== "settled") return;
    const { sid, inProcess, begun } = observation;
    const { throttledRequests } = this.#limits;
    if (inProcess > throttledRequests)
      throw violation(
        `server ${sid} has ${inProcess} requests in process, of ${throttledRequests} that it may have`,
      );
    this.#judgeBytes(observation);
    if (begun > 0) this.#judgeBegun(sid, begun, nowMs);
  }

  #judgeBytes({ sid, unsentBytes, unansweredLengths }: ClientLoad & { readonly sid: Sid }): void {
    // An answer may be added as long as there is less.
    if (unsentBytes >= this.#limits.unsentBytes)
      throw violation(
        `server ${sid} adds an answer to ${unsentBytes} bytes, and may only below ${this.#limits.unsentBytes}`,
      );
    const { thresholdBytes, maxBytes } = this.#limits.largeRequests;
    if (thresholdBytes <= 0) return;
    const large = unansweredLengths.filter((length) => length > thresholdBytes);
    const bytes = large.reduce((sum, length) => sum + length, 0);
    if (bytes > maxBytes)
      throw violation(`server ${sid} has large requests of ${bytes} bytes, of ${maxBytes}`);
  }

  #judgeBegun(sid: Sid, begun: number, nowMs: number): void {
    const { connections } = this.#limits;
    if (connections === undefined) return;
    const { tokens, fillTimeMs } = connections;
    // Servers count whole tokens: beside a full bucket the next one may have nearly come.
    const most = tokens + 1;
    const before = this.#buckets.get(sid) ?? { tokens: most, filledMs: nowMs };
    const come = ((nowMs - before.filledMs) * (1 + this.#clockDrift)) / fillTimeMs;
    const left = Math.min(most, before.tokens + come) - begun;
    // Less than nothing is what rounding makes of nothing.
    if (left < -1e-6)
      throw violation(`server ${sid} lets more clients connect than it has tokens for`);
    this.#buckets.set(sid, { tokens: left, filledMs: nowMs });
  }
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("ClientLimits", text);
}
