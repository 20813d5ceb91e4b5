/** The clocks of one machine: a monotonic one that may run fast, slow or not at all, and a wall clock that jumps. */
import type { Clock, QuorumEvent } from "@jute-ts/quorum";
import type { EventQueue } from "./event-queue.js";
import type { PeerEvent } from "./peer-event.js";

export class ProcessClock {
  readonly #queue: EventQueue;
  readonly #rate: number;
  #offsetMs = 0;
  #standsSinceMs: number | undefined;
  #wallOffsetMs = 1_600_000_000_000;

  /** `rate`: 1.01 for one that is 1 % fast. */
  constructor(queue: EventQueue, rate: number) {
    this.#queue = queue;
    this.#rate = rate;
  }

  /** By the monotonic clock. */
  get localMs(): number {
    return (this.#queue.nowMs - this.#offsetMs) * this.#rate;
  }

  /** Milliseconds since 1970, as this machine believes. */
  get wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#queue.nowMs);
  }

  /** When it is what time by the monotonic clock, in the world's time, unless it stands still meanwhile. */
  worldMs(localMs: number): number {
    return localMs / this.#rate + this.#offsetMs;
  }

  now(): Clock {
    return { nowMs: this.localMs, wallMs: this.wallMs };
  }

  /** The monotonic clock stands still, as when the whole machine sleeps. */
  stop(): void {
    this.#standsSinceMs = this.#queue.nowMs;
  }

  /** Harmless when it does not stand still. */
  goOn(): void {
    if (this.#standsSinceMs === undefined) return;
    this.#offsetMs += this.#queue.nowMs - this.#standsSinceMs;
    this.#standsSinceMs = undefined;
  }

  /** The process has ended: its successor's clock runs, from where this one stopped. */
  forget(): void {
    this.#standsSinceMs = undefined;
  }

  jumpWallClock(deltaMs: number): void {
    this.#wallOffsetMs += deltaMs;
  }
}

/** Adds the peer's clocks. All but rare kinds are spelled out, which V8 compiles to much faster code than a spread. */
export function stamp(event: PeerEvent, nowMs: number, wallMs: number): QuorumEvent {
  switch (event.kind) {
    case "received":
      return { kind: "received", connection: event.connection, bytes: event.bytes, nowMs, wallMs };
    case "drained":
      return { kind: "drained", connection: event.connection, nowMs, wallMs };
    case "fileDone":
      return { kind: "fileDone", id: event.id, result: event.result, nowMs, wallMs };
    case "notified":
      return { kind: "notified", from: event.from, bytes: event.bytes, nowMs, wallMs };
    case "deadline":
      return { kind: "deadline", nowMs, wallMs };
    case "electionLinkUp":
      return { kind: "electionLinkUp", to: event.to, nowMs, wallMs };
    case "submit": {
      const { request, change, isLocalSession } = event;
      return { kind: "submit", request, change, isLocalSession, nowMs, wallMs };
    }
    case "touch": {
      const { sessionId, timeoutMs } = event;
      return { kind: "touch", sessionId, timeoutMs, nowMs, wallMs };
    }
    default:
      return { ...event, nowMs, wallMs };
  }
}
