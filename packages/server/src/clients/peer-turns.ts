/**
 * In which order events reach a peer with clients beside it: one after the other,
 * and what clients ask for because of one after those that are waiting already.
 */
import type { UntimedEvent } from "@jute-ts/quorum";

export class PeerTurns {
  readonly #queue: UntimedEvent[] = [];
  readonly #handle: (event: UntimedEvent) => void;
  readonly #takeQuorumRequests: () => readonly UntimedEvent[];
  #isHandling = false;

  /** `handle`: has the peer take a step, and its effects carried out. `takeQuorumRequests`: called after each. */
  constructor(
    handle: (event: UntimedEvent) => void,
    takeQuorumRequests: () => readonly UntimedEvent[],
  ) {
    this.#handle = handle;
    this.#takeQuorumRequests = takeQuorumRequests;
  }

  /** Whether `run` is at work, and will handle whatever is added. */
  get isHandling(): boolean {
    return this.#isHandling;
  }

  /** Events that will be handled by `run`. */
  add(events: readonly UntimedEvent[]): void {
    for (const event of events) this.#queue.push(event);
  }

  /** Handles all there is. Not to be called while it does so already. */
  run(): void {
    this.#isHandling = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#handle(next);
        const requests = this.#takeQuorumRequests();
        if (requests.length > 0) this.add(requests);
      }
    } finally {
      this.#isHandling = false;
    }
  }
}
