/**
 * The command line of the simulator: runs seeds on all cores, shows how it goes,
 * and when an invariant is violated, shrinks the run and tells its story.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Corpus } from "./command/corpus.js";
import { type Options, readOptions, USAGE } from "./command/options.js";
import { report } from "./command/report.js";
import {
  compared,
  isWorker,
  processorMs,
  SeedWorker,
  WorkerEnded,
  work,
  type WorkedSeed,
} from "./command/workers.js";
import { TraceRecorder } from "./page/trace-recorder.js";
import { castOf, expectedOf, kindOf } from "./runs/run-kind.js";
import { runSeed, type SeedResult } from "./runs/run-seed.js";
import {
  addResult,
  describeProgress,
  describeViolation,
  missingFrom,
  newTally,
  type Tally,
} from "./runs/seed-summary.js";
import type { TraceSink } from "./trace/trace.js";

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: Options;
  let corpus: Corpus | undefined;
  try {
    options = readOptions();
    corpus = options.corpus === undefined ? undefined : new Corpus(options.corpus);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const beganMs = performance.now();
  const tally = newTally();
  let ended: WorkerEnded | undefined;
  try {
    if (options.first === options.last) runOne(options, tally);
    else ended = await runMany(options, tally, corpus);
    report(options, tally, performance.now() - beganMs);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (ended !== undefined) {
    process.stderr.write(`${ended.message}\n`);
    return 1;
  }
  const missing = missingFrom(tally.coverage.counts(), expectedOf(options.clientPortPercent));
  const isCovered = !options.requiresCoverage || missing.length === 0;
  return tally.violations.length === 0 && isCovered ? 0 : 1;
}

function runOne(options: Options, tally: Tally): void {
  const beganMs = processorMs();
  const { mutant, selection, first, clientPortPercent, twice, trace, html } = options;
  const cast = castOf(kindOf(first, clientPortPercent));
  const recorder = new TraceRecorder();
  const sink: TraceSink = (line, topic, happening) => {
    if (trace) process.stdout.write(`${line}\n`);
    if (html !== undefined) recorder.sink(line, topic, happening);
  };
  const isTold = trace || html !== undefined;
  const once = runSeed(first, { cast, mutant, selection, sink: isTold ? sink : undefined });
  const result = twice ? compared(once, runSeed(first, { cast, mutant, selection })) : once;
  if (html !== undefined) writeFileSync(html, recorder.page(result));
  addResult(tally, result, processorMs() - beganMs);
}

/**
 * Hands out seeds in small batches, so that no core waits long for another at the end. Stops when a process ends
 * that runs some, and returns that: what was found until then is told all the same.
 */
async function runMany(
  options: Options,
  tally: Tally,
  corpus: Corpus | undefined,
): Promise<WorkerEnded | undefined> {
  const beganMs = performance.now();
  const { clientPortPercent, isJson } = options;
  const isOver = (): boolean =>
    performance.now() > options.untilMs || (tally.violations.length > 0 && !options.keepsGoing);
  // Where other seeds speak to client ports than when one was found, it is another run.
  const known = (corpus?.seeds ?? [])
    .filter(({ seed, kind }) => kindOf(seed, clientPortPercent) === kind)
    .map(({ seed }) => seed);
  const batches = batchesOf(known, options);
  const progress = setInterval(() => {
    if (!isJson) {
      process.stderr.write(`${describeProgress(tally, performance.now() - beganMs)}\n`);
    }
  }, PROGRESS_EVERY_MS);
  const take = ({ result: sent, workMs }: WorkedSeed): void => {
    const result = sent.violation === undefined ? sent : withSchedule(sent, options);
    addResult(tally, result, workMs);
    corpus?.add({ seed: sent.seed, kind: kindOf(sent.seed, clientPortPercent) }, sent.coverage);
    if (result.violation !== undefined && !isJson)
      process.stderr.write(`${describeViolation(result).join("\n")}\n`);
  };
  const runBatches = async (worker: SeedWorker): Promise<void> => {
    // However short the time is, something runs: nothing is found where nothing ran.
    for (let isFirst = true; isFirst || !isOver(); isFirst = false) {
      const next = batches.next();
      if (next.done === true) break;
      for (const worked of await worker.run(next.value)) take(worked);
    }
  };
  const workers = Array.from(
    { length: options.jobs },
    () => new SeedWorker(fileURLToPath(import.meta.url), options),
  );
  let ended: WorkerEnded | undefined;
  try {
    await Promise.all(workers.map(runBatches));
  } catch (error) {
    if (!(error instanceof WorkerEnded)) throw error;
    ended = error;
  } finally {
    clearInterval(progress);
    for (const worker of workers) worker.end();
  }
  tally.violations.sort((one, other) => one.seed - other.seed);
  if (corpus !== undefined)
    process.stderr.write(`the corpus has ${corpus.tidy()} seeds: ${String(options.corpus)}\n`);
  return ended;
}

/** These seeds first, then those that were asked for, a few at a time. */
function* batchesOf(known: readonly number[], { first, last }: Options): Generator<number[]> {
  for (let at = 0; at < known.length; at += BATCH) yield known.slice(at, at + BATCH);
  for (let seed = first; seed <= last; seed += BATCH) {
    const count = Math.min(BATCH, last - seed + 1);
    yield Array.from({ length: count }, (_, at) => seed + at);
  }
}

/** What a worker cannot send: some faults are functions. The same seed has the same schedule here. */
function withSchedule(sent: SeedResult, { mutant, clientPortPercent }: Options): SeedResult {
  const cast = castOf(kindOf(sent.seed, clientPortPercent));
  const { faults, operations } = runSeed(sent.seed, { cast, mutant });
  return { ...sent, faults, operations };
}

const BATCH = 5;
const PROGRESS_EVERY_MS = 5000;

// A reader that has seen enough, such as `head`, is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

if (isWorker(process.argv.slice(2))) work(process.argv.slice(2));
else process.exitCode = await main();
