/**
 * How everything in this folder is timed: candidates that do the same work run
 * in short batches, in a new random order each round, and only ratios of one
 * round are compared. A machine that slows down for a second then slows down
 * every candidate, and the median over the rounds drops the rounds in which it
 * did not. Absolute times are reported for orientation only.
 */
export interface Candidate {
  readonly name: string;
  /** Does the work `iterations` times. Must keep its results alive. */
  readonly run: (iterations: number) => void;
}

export interface TimingOptions {
  readonly rounds: number;
  /** How long one batch should take, in milliseconds. */
  readonly batchMs: number;
  /** How long each candidate runs before anything is timed, in milliseconds. */
  readonly warmMs: number;
}

/** The samples of one candidate, in nanoseconds per operation: one for each round. */
export type Samples = ReadonlyMap<string, readonly number[]>;

export function timeInterleaved(candidates: readonly Candidate[], options: TimingOptions): Samples {
  const batches = candidates.map((candidate) => ({
    candidate,
    iterations: calibrate(candidate, options.batchMs, options.warmMs),
    samples: [] as number[],
  }));
  for (let round = 0; round < options.rounds; round++) {
    for (const batch of shuffled(batches)) {
      const start = process.hrtime.bigint();
      batch.candidate.run(batch.iterations);
      const elapsed = Number(process.hrtime.bigint() - start);
      batch.samples.push(elapsed / batch.iterations);
    }
  }
  return new Map(batches.map((batch) => [batch.candidate.name, batch.samples]));
}

/** Runs the candidate for `warmMs` and returns how many iterations fill `batchMs`. */
export function calibrate(candidate: Candidate, batchMs: number, warmMs: number): number {
  const end = performance.now() + warmMs;
  let iterations = 1;
  for (;;) {
    const start = performance.now();
    candidate.run(iterations);
    const elapsed = performance.now() - start;
    if (performance.now() >= end && elapsed >= batchMs / 2) {
      return Math.max(1, Math.round((iterations * batchMs) / elapsed));
    }
    // Small steps while the code is cold, so that one slow start does not decide the count.
    if (elapsed < batchMs) iterations *= 2;
  }
}

/** The median over the rounds of `numerator / denominator`, both taken from the same round. */
export function medianRatio(numerator: readonly number[], denominator: readonly number[]): number {
  return median(numerator.map((value, round) => value / (denominator[round] ?? NaN)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const swap = result[i] as T;
    result[i] = result[j] as T;
    result[j] = swap;
  }
  return result;
}
