/**
 * How everything in this folder is timed: candidates that do the same work run
 * in short batches, in a new random order each round, and only ratios of one
 * round are compared. A machine that slows down for a second then slows down
 * every candidate, and the median over the rounds drops the rounds in which it
 * did not. Absolute times are reported for orientation only.
 */
export interface Candidate {
  readonly name: string;
  /**
   * Does the work `iterations` times and keeps its results alive. A candidate that runs in
   * another process returns the nanoseconds that it took there; others return nothing.
   */
  readonly run: (iterations: number) => unknown;
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

export async function timeInterleaved(
  candidates: readonly Candidate[],
  options: TimingOptions,
): Promise<Samples> {
  const batches: { candidate: Candidate; iterations: number; samples: number[] }[] = [];
  for (const candidate of shuffled(candidates)) {
    const iterations = await calibrate(candidate, options.batchMs, options.warmMs);
    batches.push({ candidate, iterations, samples: [] });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { candidate, iterations, samples } of shuffled(batches)) {
      samples.push((await timeBatch(candidate, iterations)) / iterations);
    }
  }
  const samplesOf = new Map(batches.map((batch) => [batch.candidate.name, batch.samples]));
  return new Map(candidates.map(({ name }) => [name, samplesOf.get(name) ?? []]));
}

/** Runs the candidate for `warmMs` and returns how many iterations fill `batchMs`. */
export async function calibrate(
  candidate: Candidate,
  batchMs: number,
  warmMs: number,
): Promise<number> {
  const end = performance.now() + warmMs;
  const batchNs = batchMs * 1e6;
  let iterations = 1;
  for (;;) {
    // The shortest of three: the machine may have been elsewhere during one of them, and a count
    // that is far too small would time a cold call instead of a batch.
    const times: number[] = [];
    for (let i = 0; i < 3; i++) times.push(await timeBatch(candidate, iterations));
    const fitting = Math.max(
      1,
      Math.round((iterations * batchNs) / Math.max(1, Math.min(...times))),
    );
    if (performance.now() >= end && fitting < iterations * 2) return fitting;
    // Small steps while the code is cold.
    iterations = Math.min(fitting, iterations * 4);
  }
}

async function timeBatch(candidate: Candidate, iterations: number): Promise<number> {
  const start = performance.now();
  const remote = candidate.run(iterations);
  const elapsed = (performance.now() - start) * 1e6;
  return remote instanceof Promise ? (remote as Promise<number>) : elapsed;
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
