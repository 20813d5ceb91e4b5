/** Processes that run seeds, one a core: they are asked for a few at a time, and end with the process that asks. */
import { type ChildProcess, fork } from "node:child_process";
import { castOf, kindOf } from "../runs/run-kind.js";
import { runSeed, type SeedResult } from "../runs/run-seed.js";
import { findMutant, type Options } from "./options.js";

export interface WorkedSeed {
  /** Without its schedule: some faults are functions, which cannot be sent. */
  readonly result: SeedResult;
  /** Milliseconds of a core. */
  readonly workMs: number;
}

/**
 * How V8 works in a process that runs seeds. By itself it takes more threads to collect garbage,
 * which pays where cores are idle; here each core has a process that it would disturb. A run
 * leaves behind little of the 20 MB that it makes, so the longer V8 waits, the less it copies.
 *
 * Optimizing costs much where so much code runs for so short a time: a quarter of all in the first hundred
 * seeds. So under V8 11, which is Node 20's, each function is compiled plainly at once, and optimized
 * when it has run for more than twice as long as by default. Later versions do not take both options.
 */
export const V8_OPTIONS: readonly string[] = [
  "--single-threaded-gc",
  "--min-semi-space-size=32",
  "--max-semi-space-size=32",
  ...(process.versions.v8.startsWith("11.")
    ? ["--always-sparkplug", "--interrupt-budget=150000"]
    : []),
];

interface Answer {
  readonly results: readonly WorkedSeed[];
}

/** What of the command line is for those that run seeds. */
export type WorkerOptions = Pick<Options, "mutant" | "twice" | "clientPortPercent">;

/** A process ended that was to run seeds, as where there is no memory left: one of them may be to blame. */
export class WorkerEnded extends Error {
  override readonly name = "WorkerEnded";

  constructor(how: string, seeds: readonly number[]) {
    super(
      `A process ended by ${how} while it ran the seeds ${seeds.join(", ")}. Run them one by one to see which of them it was.`,
    );
  }
}

export class SeedWorker {
  readonly #process: ChildProcess;

  /** `entry`: the file that was started, which calls `work` when its arguments say so. */
  constructor(entry: string, { mutant, twice, clientPortPercent }: WorkerOptions) {
    const names = mutant === undefined ? [] : [mutant.name];
    const execArgv = [...process.execArgv, ...V8_OPTIONS];
    const words = [WORKER, twice ? TWICE : ONCE, `${clientPortPercent}`, ...names];
    this.#process = fork(entry, words, { serialization: "advanced", execArgv });
  }

  /** Runs these seeds. Rejects with WorkerEnded when the process ends instead. */
  run(seeds: readonly number[]): Promise<readonly WorkedSeed[]> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null): void => {
        reject(new WorkerEnded(signal ?? `code ${code}`, seeds));
      };
      this.#process.once("exit", onExit);
      this.#process.once("message", (answer) => {
        this.#process.off("exit", onExit);
        resolve((answer as Answer).results);
      });
      this.#process.send(seeds);
    });
  }

  /** Whatever it is at. */
  end(): void {
    this.#process.kill();
  }
}

/** Whether a process with these arguments is to work for another one. */
export function isWorker([first]: readonly string[]): boolean {
  return first === WORKER;
}

/** Does what the first process asks for, until that ends. */
export function work([, times, percent, mutantName]: readonly string[]): void {
  const mutant = mutantName === undefined ? undefined : findMutant(mutantName);
  process.on("message", (message) => {
    const results = (message as readonly number[]).map((seed) => {
      const beganMs = processorMs();
      const cast = castOf(kindOf(seed, Number(percent)));
      const run = (): SeedResult => runSeed(seed, { cast, mutant });
      const result = times === TWICE ? compared(run(), run()) : run();
      const sent = { ...result, faults: [], operations: [] };
      return { result: sent, workMs: processorMs() - beganMs };
    });
    process.send?.({ results } satisfies Answer);
  });
}

/** The first of two runs of a seed; a violation when the second was another one. */
export function compared(first: SeedResult, second: SeedResult): SeedResult {
  if (first.traceHash === second.traceHash) return first;
  const text = `two runs of the seed differ: ${first.traceHash} and ${second.traceHash}`;
  const violation = { invariant: "Determinism", checker: "world", text, atMs: first.simulatedMs };
  return { ...first, violation };
}

/** Time that this process has had a core: other programs on the machine do not count. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The first argument of a process that was started by another one. */
const WORKER = "--worker";
const ONCE = "once";
const TWICE = "twice";
