/** Observations of one kind: their number, extremes, sum, and percentiles. */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

export class Observations {
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;
  #last = -1;
  /** Of the last ones more than of those before. */
  #recent = 0;
  readonly #hasPercentiles: boolean;
  /** Made when it is first needed: it takes some twenty kilobytes. */
  #histogram: RecordableHistogram | undefined;
  /** What the histogram has not been told of: a call for each is dear where there are few requests. */
  #untold: number[] = [];

  /** Without percentiles, those are 0. */
  constructor(hasPercentiles = true) {
    this.#hasPercentiles = hasPercentiles;
  }

  record(value: number): void {
    if (this.#count === 0 || value < this.#min) this.#min = value;
    if (this.#count === 0 || value > this.#max) this.#max = value;
    this.#count++;
    this.#sum += value;
    this.#last = value;
    this.#recent = this.#count === 1 ? value : this.#recent + (value - this.#recent) / RECENT;
    if (!this.#hasPercentiles) return;
    // It counts from 1, and whole numbers only.
    this.#untold.push(Math.min(Math.max(0, Math.round(value)), MOST - 1) + 1);
    if (this.#untold.length >= MOST_UNTOLD) this.#tell();
  }

  #tell(): void {
    this.#histogram ??= createHistogram({ lowest: 1, highest: MOST, figures: 2 });
    for (const value of this.#untold) this.#histogram.record(value);
    this.#untold = [];
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** 0 before the first observation, as all but `last`. */
  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** -1 before the first observation. */
  get last(): number {
    return this.#last;
  }

  /** A mean in which the last observations weigh most; 0 before the first. */
  get recent(): number {
    return this.#recent;
  }

  /** `percent` above 0, up to 100; as a whole number, exact up to 100 and to a hundredth of itself above. */
  percentile(percent: number): number {
    if (this.#untold.length > 0) this.#tell();
    return this.#histogram === undefined ? 0 : this.#histogram.percentile(percent) - 1;
  }
}

/** About how many observations `recent` is the mean of. */
const RECENT = 16;
const MOST_UNTOLD = 64;
/** An hour in milliseconds; what takes longer counts as this long. */
const MOST = 3_600_000;
