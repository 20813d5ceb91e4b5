/**
 * A queue in front of everything else: requests that come while too many are in
 * process wait in it, in order, and some of them in vain.
 */
import { OpCode } from "@jute-ts/zookeeper";

export interface RequestThrottleOptions {
  /** `request_throttle_max_requests`: how many may be in process. 0, the default: any number, so that nothing waits. */
  readonly maxRequests?: number | undefined;
  /** `request_throttle_drop_stale`: whether requests are dropped that have become stale. Default true. */
  readonly dropsStale?: boolean | undefined;
  /** `request_stale_connection_check`: whether the end of its connection makes a request stale. Default true. */
  readonly staleByConnection?: boolean | undefined;
  /** `request_stale_latency_check`: whether a wait longer than its session's timeout makes a request stale. Default false. */
  readonly staleByLatency?: boolean | undefined;
  /** `throttled_op_wait_time`: whoever waits longer gets THROTTLEDOP. 0, the default: nobody. */
  readonly throttledOpWaitMs?: number | undefined;
}

/** What is asked about a request. */
export interface ThrottledRequest {
  readonly opCode: number;
  /** Whether its connection is closed, by either side. */
  readonly isConnectionClosed: boolean;
  readonly sessionTimeoutMs: number;
}

/** What becomes of the request whose turn it is. */
export type ThrottleVerdict =
  | "process"
  /** Answer THROTTLEDOP, and do nothing else. */
  | "refuse"
  /** Do nothing, close its connection, and do nothing of what that sends from then on. */
  | "drop";

export class RequestThrottle<R extends ThrottledRequest> {
  readonly #options: RequestThrottleOptions;
  readonly #maxRequests: number;
  /** Taken from `#first` on; what is before that is gone. */
  #waiting: { readonly request: R; readonly sinceMs: number }[] = [];
  #first = 0;

  constructor(options?: RequestThrottleOptions) {
    this.#options = options ?? {};
    const most = options?.maxRequests ?? 0;
    this.#maxRequests = most > 0 ? most : Infinity;
  }

  /** How many requests wait. */
  get length(): number {
    return this.#waiting.length - this.#first;
  }

  /** Whether a request that comes now has to wait: `add` it. `inProcess`: those that wait not counted. */
  mustWait(inProcess: number): boolean {
    return this.length > 0 || inProcess >= this.#maxRequests;
  }

  add(request: R, nowMs: number): void {
    this.#waiting.push({ request, sinceMs: nowMs });
  }

  /** The request whose turn it is; undefined if there is none, or too many are in process. Ask again after each. */
  next(inProcess: number, nowMs: number): { request: R; verdict: ThrottleVerdict } | undefined {
    const next = this.#waiting[this.#first];
    if (next === undefined || inProcess >= this.#maxRequests) return undefined;
    this.#first++;
    if (this.#first === this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    } else if (this.#first >= 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    const { request, sinceMs } = next;
    return { request, verdict: this.judge(request, nowMs - sinceMs) };
  }

  private judge(request: ThrottledRequest, waitedMs: number): ThrottleVerdict {
    if (this.#options.dropsStale !== false && this.isStale(request, waitedMs)) return "drop";
    const most = this.#options.throttledOpWaitMs ?? 0;
    return most > 0 && waitedMs > most && !NEVER_REFUSED.has(request.opCode) ? "refuse" : "process";
  }

  private isStale(request: ThrottledRequest, waitedMs: number): boolean {
    if (this.#options.staleByConnection !== false && request.isConnectionClosed) return true;
    return this.#options.staleByLatency === true && waitedMs > request.sessionTimeoutMs;
  }
}

const NEVER_REFUSED: ReadonlySet<number> = new Set([
  OpCode.ping,
  OpCode.createSession,
  OpCode.closeSession,
]);
