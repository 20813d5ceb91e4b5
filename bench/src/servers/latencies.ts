/** What is kept of many latencies: the figures that the tables show. */

/** Of one run against one server. Times in milliseconds. */
export interface LoadFigures {
  /** Requests that were answered within the time that counts. */
  readonly count: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** `latencies` in milliseconds, in any order; they are sorted in place. */
export function loadFigures(latencies: Float64Array, seconds: number): LoadFigures {
  latencies.sort();
  return {
    count: latencies.length,
    perSecond: latencies.length / seconds,
    p50: percentile(latencies, 50),
    p90: percentile(latencies, 90),
    p99: percentile(latencies, 99),
    max: percentile(latencies, 100),
  };
}

/** The smallest value that at least `percent` percent of all are not above: the nearest rank. NaN of nothing. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? NaN;
}

/** Numbers without an end known in advance, kept without a box for each. */
export class Series {
  #values = new Float64Array(4096);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  values(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
