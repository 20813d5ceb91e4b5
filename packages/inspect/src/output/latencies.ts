/** Times by their size: exact in number, sum and maximum, and within 5 % in between. */
export class Latencies {
  readonly #classes = new Map<number, number>();
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  add(ms: number): void {
    this.#count++;
    this.#max = Math.max(this.#max, ms);
    const size = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / WIDTH);
    this.#classes.set(size, (this.#classes.get(size) ?? 0) + 1);
  }

  /** The time that this share, 0 to 1, did not exceed. */
  quantile(share: number): number {
    let left = Math.ceil(share * this.#count);
    for (const [size, count] of [...this.#classes].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Math.min(this.#max, LEAST_MS * Math.exp(size * WIDTH));
    }
    return this.#max;
  }
}

/** A microsecond, and how much wider a class is than the one before. */
const LEAST_MS = 0.001;
const WIDTH: number = Math.log(1.05);
