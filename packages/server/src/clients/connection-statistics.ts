/** What operators see of a connection: how much came and went, and how long answers took. */
import type { ConnectionSessionView, LatencyView } from "../admin/server-view.js";

/** What an answer tells. */
export interface AnsweredRequest {
  readonly opCode: number;
  readonly xid: number;
  readonly zxid: bigint;
  /** When the request was taken, and when it was answered. */
  readonly takenMs: number;
  readonly answeredMs: number;
}

export class ConnectionStatistics {
  received = 0;
  sent = 0;
  #lastOpCode: number | undefined;
  #lastCxid = 0;
  #lastZxid = 0n;
  #lastResponseMs = 0;
  #lastMs = 0;
  #minMs = Infinity;
  #maxMs = 0;
  #totalMs = 0;
  #count = 0;

  onReceived(): void {
    this.received++;
  }

  onSent(): void {
    this.sent++;
  }

  onAnswered({ opCode, xid, zxid, takenMs, answeredMs }: AnsweredRequest): void {
    this.sent++;
    this.#lastOpCode = opCode;
    // Pings and the like have numbers of their own.
    if (xid > 0) this.#lastCxid = xid;
    this.#lastZxid = zxid;
    this.#lastResponseMs = answeredMs;
    const tookMs = answeredMs - takenMs;
    this.#lastMs = tookMs;
    this.#minMs = Math.min(this.#minMs, tookMs);
    this.#maxMs = Math.max(this.#maxMs, tookMs);
    this.#totalMs += tookMs;
    this.#count++;
  }

  /** Packets and latencies are counted from here on. */
  reset(): void {
    this.received = 0;
    this.sent = 0;
    this.#lastOpCode = undefined;
    this.#lastMs = 0;
    this.#minMs = Infinity;
    this.#maxMs = 0;
    this.#totalMs = 0;
    this.#count = 0;
  }

  view(sessionId: bigint, timeoutMs: number): ConnectionSessionView {
    return {
      sessionId,
      timeoutMs,
      lastOpCode: this.#lastOpCode,
      lastCxid: this.#lastCxid,
      lastZxid: this.#lastZxid,
      lastResponseMs: this.#lastResponseMs,
      latency: this.#latency(),
    };
  }

  #latency(): LatencyView {
    return {
      lastMs: this.#lastMs,
      minMs: this.#count === 0 ? 0 : this.#minMs,
      maxMs: this.#maxMs,
      totalMs: this.#totalMs,
      count: this.#count,
    };
  }
}
