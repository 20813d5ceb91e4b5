/** How much memory large requests may take together, from the first byte to the answer. */

export interface LargeRequestLimits {
  /** `largeRequestThreshold`: requests longer than this, in bytes, are large. -1, the default, and 0: none is. */
  readonly thresholdBytes?: number | undefined;
  /** `largeRequestMaxBytes`: what all large requests have together at most. Default 104857600. */
  readonly maxBytes?: number | undefined;
}

export class LargeRequests {
  readonly #thresholdBytes: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(limits?: LargeRequestLimits) {
    this.#thresholdBytes = limits?.thresholdBytes ?? -1;
    this.#maxBytes = limits?.maxBytes ?? 100 * 1024 * 1024;
  }

  /** What those have that are not finished. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a request of this length. False, and it is not counted, if it is large and does not fit: its connection must be closed. */
  begin(lengthBytes: number): boolean {
    if (!this.isLarge(lengthBytes)) return true;
    if (this.#bytes + lengthBytes > this.#maxBytes) return false;
    this.#bytes += lengthBytes;
    return true;
  }

  /** A request that `begin` has counted is answered, or gone with its connection. */
  finish(lengthBytes: number): void {
    if (this.isLarge(lengthBytes)) this.#bytes -= lengthBytes;
  }

  /** Whether a request of this length counts. */
  isLarge(lengthBytes: number): boolean {
    return this.#thresholdBytes > 0 && lengthBytes > this.#thresholdBytes;
  }
}
