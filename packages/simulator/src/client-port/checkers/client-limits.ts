/**
 * ClientLimits: a server has no more requests of clients in process than it may, begins
 * no more sessions in a while than its bucket of tokens allows, and refuses none that it has
 * tokens for, but by chance; writes no more for one client at a time than it may, lets no
 * more wait for one that does not read, and has no more bytes of large requests. Counted
 * from outside, and by the world's time, than which no server's clock is much faster or slower.
 */
import type { Sid } from "@jute-ts/zookeeper";
import {
  type BegunSessions,
  type Checker,
  type ClientLoad,
  InvariantViolation,
  type Observation,
  type Watch,
  type WorldView,
} from "../../checkers/checker.js";
import type { ClientLimits as Limits, ConnectionTokens } from "../../world/settings.js";

/** The tokens that a server may have at the most, and those that it has at the least. */
interface Bucket {
  most: number;
  least: number;
  filledMs: number;
  /** Whether somebody was refused since it was judged, and how many may have cost something without having begun anything. */
  hasRefused: boolean;
  lost: number;
}

export class ClientLimits implements Checker {
  readonly name = "client-limits";
  readonly watches: readonly Watch[] = ["settled", "restart", "connection"];
  readonly #limits: Limits;
  readonly #clockDrift: number;
  readonly #buckets = new Map<Sid, Bucket>();

  /** `clockDrift`: how much faster or slower than the world's a clock may run; 0.01 is 1 %. */
  constructor(limits: Limits, clockDrift: number) {
    this.#limits = limits;
    this.#clockDrift = clockDrift;
  }

  observe(observation: Observation, { nowMs, peers }: WorldView): void {
    if (observation.kind === "restart") this.#buckets.delete(observation.sid);
    if (observation.kind === "connection") this.#onConnection(observation, nowMs);
    if (observation.kind !== "settled") return;
    const { sid, inProcess, begun } = observation;
    const { throttledRequests, connections } = this.#limits;
    if (inProcess > throttledRequests)
      throw violation(
        `server ${sid} has ${inProcess} requests in process, of ${throttledRequests} that it may have`,
      );
    const { maxCongestedBytes = Infinity } = peers.get(sid)?.clientRules ?? {};
    if (observation.congestedBytes > maxCongestedBytes)
      throw violation(
        `server ${sid} lets ${observation.congestedBytes} bytes wait for a client that does not read, of ${maxCongestedBytes}`,
      );
    this.#judgeBytes(observation);
    if (connections !== undefined) this.#judgeBegun(sid, begun, connections, nowMs);
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

  /** Who was let in and is gone before anything came of it has cost something. */
  #onConnection(
    { sid, change, closing }: Extract<Observation, { kind: "connection" }>,
    nowMs: number,
  ): void {
    const { connections } = this.#limits;
    if (connections === undefined || (change !== "closed" && change !== "ended")) return;
    const bucket = this.#bucketOf(sid, connections, nowMs);
    if (closing?.reason === "connection throttle") bucket.hasRefused = true;
    else if (closing?.reason !== "not serving") bucket.lost += 1;
  }

  #bucketOf(sid: Sid, { tokens }: ConnectionTokens, nowMs: number): Bucket {
    let bucket = this.#buckets.get(sid);
    if (bucket === undefined) {
      // Servers count whole tokens: beside a full bucket the next one may have nearly come.
      const full = { most: tokens + 1, least: tokens };
      bucket = { ...full, filledMs: nowMs, hasRefused: false, lost: 0 };
      this.#buckets.set(sid, bucket);
    }
    return bucket;
  }

  #judgeBegun(
    sid: Sid,
    { global, renewed, here }: BegunSessions,
    connections: ConnectionTokens,
    nowMs: number,
  ): void {
    const { tokens, fillTimeMs, weights = ONE_EACH, blue } = connections;
    const bucket = this.#bucketOf(sid, connections, nowMs);
    const { most, least, filledMs, hasRefused, lost } = bucket;
    const heaviest = Math.max(weights.local, weights.global, weights.renewed);
    const known = global * weights.global + renewed * weights.renewed;
    const leastCost = known + here * Math.min(weights.local, weights.renewed);
    const mostCost = known + here * Math.max(weights.local, weights.renewed) + lost * heaviest;
    const passed = (nowMs - filledMs) / fillTimeMs;
    const left = Math.min(tokens + 1, most + passed * (1 + this.#clockDrift)) - leastCost;
    // Less than nothing is what rounding makes of nothing.
    if (left < -1e-6)
      throw violation(`server ${sid} lets more clients connect than it has tokens for`);
    // What has come since the last time may have come after the refusal.
    const atRefusal = Math.max(0, least - mostCost);
    if (hasRefused && blue === undefined && atRefusal >= heaviest + 1)
      throw violation(
        `server ${sid} refuses to let a client connect, and has ${atRefusal.toFixed(1)} tokens`,
      );
    bucket.most = left;
    bucket.least = Math.min(tokens, atRefusal + passed * (1 - this.#clockDrift));
    bucket.filledMs = nowMs;
    bucket.hasRefused = false;
    bucket.lost = 0;
  }
}

const ONE_EACH = { local: 1, global: 1, renewed: 1 };

function violation(text: string): InvariantViolation {
  return new InvariantViolation("ClientLimits", text);
}
