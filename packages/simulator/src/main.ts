/**
 * The command line of the simulator: runs seeds on all cores, shows how it goes,
 * and when an invariant is violated, shrinks the run and tells its story.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Mutant } from "./runs/mutant.js";
import { clientPortMutants } from "./mutants/client-port/index.js";
import { mutants } from "./mutants/index.js";
import {
  addResult,
  describeCoverage,
  describeProgress,
  describeShrunk,
  describeViolation,
  missingFrom,
  newTally,
  type Tally,
} from "./runs/seed-summary.js";
import { runSeed, type SeedResult, type Selection } from "./runs/run-seed.js";
import { shrink } from "./runs/shrink.js";
import { castOf, expectedOf, kindOf } from "./runs/run-kind.js";

const USAGE = `usage: npm run sim -- [--seed N | --seeds A..B | --swarm MINUTES] [options]

  --seed N           one run
  --seeds A..B       the runs of these seeds, both included
  --swarm MINUTES    as many runs as fit, from a seed that changes every time
  --trace            with --seed: tell the story of the run
  --client-port N    of a hundred seeds so many have clients that speak ZooKeeper's protocol to
                     client ports; in the others clients ask the peers. 25 by default
  --mutant NAME      put a known bug into the servers
  --faults 1,2|none  with --seed: only these of the planned faults
  --operations a#1   with --seed: only these client operations
  --twice            run each seed twice: both runs must have the same trace
  --jobs N           processes; one a core by default
  --keep-going       do not stop at the first violation
  --shrink N         at most so many runs to shrink a violation; 400 by default, 0 for not at all
  --require-coverage end with 1 when something was never reached that should be
  --format json      one JSON object at the end instead of texts
`;

interface Options {
  readonly first: number;
  readonly last: number;
  readonly untilMs: number;
  readonly trace: boolean;
  readonly mutant: Mutant | undefined;
  readonly clientPortPercent: number;
  readonly selection: Selection | undefined;
  readonly jobs: number;
  readonly keepsGoing: boolean;
  readonly twice: boolean;
  readonly maxShrinkRuns: number;
  readonly requiresCoverage: boolean;
  readonly isJson: boolean;
}

/** What the first process asks of a worker. */
interface Batch {
  readonly first: number;
  readonly last: number;
}

interface BatchResult {
  readonly results: readonly { readonly result: SeedResult; readonly workMs: number }[];
}

class UsageError extends Error {}

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const beganMs = performance.now();
  const tally = newTally();
  if (options.first === options.last) runOne(options, tally);
  else await runMany(options, tally);
  report(options, tally, performance.now() - beganMs);
  const missing = missingFrom(tally.coverage.counts(), expectedOf(options.clientPortPercent));
  const isCovered = !options.requiresCoverage || missing.length === 0;
  return tally.violations.length === 0 && isCovered ? 0 : 1;
}

function runOne(options: Options, tally: Tally): void {
  const beganMs = processorMs();
  const sink = options.trace
    ? (line: string): void => {
        process.stdout.write(`${line}\n`);
      }
    : undefined;
  const { mutant, selection, first, clientPortPercent, twice } = options;
  const cast = castOf(kindOf(first, clientPortPercent));
  const once = runSeed(first, { cast, mutant, selection, sink });
  const result = twice ? compared(once, runSeed(first, { cast, mutant, selection })) : once;
  addResult(tally, result, processorMs() - beganMs);
}

/** Hands out seeds in small batches, so that no core waits long for another at the end. */
async function runMany(options: Options, tally: Tally): Promise<void> {
  const beganMs = performance.now();
  let next = options.first;
  const isOver = (): boolean =>
    next > options.last ||
    performance.now() > options.untilMs ||
    (tally.violations.length > 0 && !options.keepsGoing);
  const progress = setInterval(() => {
    if (!options.isJson) {
      process.stderr.write(`${describeProgress(tally, performance.now() - beganMs)}\n`);
    }
  }, PROGRESS_EVERY_MS);
  const workers = Array.from({ length: options.jobs }, async () => {
    const mutant = options.mutant === undefined ? [] : [options.mutant.name];
    const times = options.twice ? TWICE : ONCE;
    const words = [WORKER, times, `${options.clientPortPercent}`, ...mutant];
    const worker = fork(fileURLToPath(import.meta.url), words, { serialization: "advanced" });
    try {
      while (!isOver()) {
        const batch: Batch = { first: next, last: Math.min(options.last, next + BATCH - 1) };
        next = batch.last + 1;
        for (const { result: sent, workMs } of (await ask(worker, batch)).results) {
          const result = sent.violation === undefined ? sent : withSchedule(sent, options);
          addResult(tally, result, workMs);
          if (result.violation !== undefined && !options.isJson) {
            process.stderr.write(`${describeViolation(result).join("\n")}\n`);
          }
        }
      }
    } finally {
      worker.disconnect();
    }
  });
  try {
    await Promise.all(workers);
  } finally {
    clearInterval(progress);
  }
  tally.violations.sort((one, other) => one.seed - other.seed);
}

/** What a worker cannot send: some faults are functions. The same seed has the same schedule here. */
function withSchedule(sent: SeedResult, { mutant, clientPortPercent }: Options): SeedResult {
  const cast = castOf(kindOf(sent.seed, clientPortPercent));
  const { faults, operations } = runSeed(sent.seed, { cast, mutant });
  return { ...sent, faults, operations };
}

function ask(worker: ChildProcess, batch: Batch): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(
        new Error(`a worker ended with code ${String(code)} in the seeds from ${batch.first}`),
      );
    };
    worker.once("exit", onExit);
    worker.once("message", (answer) => {
      worker.off("exit", onExit);
      resolve(answer as BatchResult);
    });
    worker.send(batch);
  });
}

/** A process that runs what it is told to. Ends when the first process does. */
function work(times: string | undefined, percent: number, mutantName: string | undefined): void {
  const mutant = mutantName === undefined ? undefined : findMutant(mutantName);
  process.on("message", (message) => {
    const { first, last } = message as Batch;
    const results = [];
    for (let seed = first; seed <= last; seed += 1) {
      const beganMs = processorMs();
      const cast = castOf(kindOf(seed, percent));
      const run = (): SeedResult => runSeed(seed, { cast, mutant });
      const result = times === TWICE ? compared(run(), run()) : run();
      const sent = { ...result, faults: [], operations: [] };
      results.push({ result: sent, workMs: processorMs() - beganMs });
    }
    process.send?.({ results } satisfies BatchResult);
  });
}

/** The first of two runs of a seed; a violation when the second was another one. */
function compared(first: SeedResult, second: SeedResult): SeedResult {
  if (first.traceHash === second.traceHash) return first;
  const text = `two runs of the seed differ: ${first.traceHash} and ${second.traceHash}`;
  const violation = { invariant: "Determinism", checker: "world", text, atMs: first.simulatedMs };
  return { ...first, violation };
}

/** Time that this process has had a core: other programs on the machine do not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function report(options: Options, tally: Tally, elapsedMs: number): void {
  if (options.isJson) {
    process.stdout.write(`${JSON.stringify(summary(options, tally, elapsedMs), undefined, 2)}\n`);
    return;
  }
  const isSingle = options.first === options.last;
  const lines = [describeProgress(tally, elapsedMs)];
  if (!isSingle) {
    const expected = expectedOf(options.clientPortPercent);
    lines.push(...describeCoverage(tally.coverage.counts(), expected));
  }
  for (const failing of tally.violations.slice(1)) lines.push("", ...describeViolation(failing));
  const [failing] = tally.violations;
  if (failing !== undefined) lines.push("", ...tellStory(options, failing));
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The violation, its smaller schedule and the end of its story. */
function tellStory(options: Options, failing: SeedResult): string[] {
  const { mutant, maxShrinkRuns, clientPortPercent } = options;
  const kind = kindOf(failing.seed, clientPortPercent);
  const cast = castOf(kind);
  const lines = describeViolation(failing);
  if (maxShrinkRuns === 0 || options.selection !== undefined) return lines;
  const run = (selection: Selection): SeedResult =>
    runSeed(failing.seed, { cast, mutant, selection });
  const shrunk = shrink(failing, run, maxShrinkRuns);
  const story: string[] = [];
  runSeed(failing.seed, {
    cast,
    mutant,
    selection: shrunk.selection,
    sink: (line) => story.push(line),
  });
  const told = story.slice(-STORY_LINES);
  if (told.length < story.length) told.unshift(`(${story.length - told.length} lines before)`);
  const commandOptions = [
    `--client-port ${kind === "quorum" ? 0 : 100}`,
    ...(mutant === undefined ? [] : [`--mutant ${mutant.name}`]),
  ];
  return [...lines, ...describeShrunk(failing, shrunk, commandOptions), "", ...told];
}

function summary({ clientPortPercent }: Options, tally: Tally, elapsedMs: number): object {
  const counts = tally.coverage.counts();
  return {
    seeds: tally.seeds,
    violations: tally.violations.map(({ seed, violation }) => ({ seed, ...violation })),
    seedsPerSecond: (1000 * tally.seeds) / elapsedMs,
    simulatedMs: tally.simulatedMs,
    realMs: elapsedMs,
    workMs: tally.workMs,
    simulatedPerCore: tally.simulatedMs / tally.workMs,
    steps: tally.steps,
    coverage: counts,
    neverHappened: missingFrom(counts, expectedOf(clientPortPercent)),
  };
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      swarm: { type: "string" },
      trace: { type: "boolean", default: false },
      mutant: { type: "string" },
      "client-port": { type: "string" },
      faults: { type: "string" },
      operations: { type: "string" },
      jobs: { type: "string" },
      "keep-going": { type: "boolean", default: false },
      twice: { type: "boolean", default: false },
      shrink: { type: "string" },
      "require-coverage": { type: "boolean", default: false },
      format: { type: "string", default: "text" },
    },
  });
  const which = [values.seed, values.seeds, values.swarm].filter((text) => text !== undefined);
  if (which.length > 1) throw new UsageError("--seed, --seeds and --swarm exclude each other");
  const { first, last, minutes } = readSeeds(values.seed, values.seeds, values.swarm);
  if (values.format !== "text" && values.format !== "json") {
    throw new UsageError(`--format is text or json, not ${values.format}`);
  }
  const selection = readSelection(values.faults, values.operations);
  const mutant = values.mutant === undefined ? undefined : findMutant(values.mutant);
  if ((values.trace || selection !== undefined) && first !== last) {
    throw new UsageError("--trace, --faults and --operations need --seed");
  }
  return {
    first,
    last,
    untilMs: performance.now() + minutes * 60_000,
    trace: values.trace,
    mutant,
    clientPortPercent: readPercent(values["client-port"], mutant),
    selection,
    jobs: readJobs(values.jobs),
    keepsGoing: values["keep-going"],
    twice: values.twice,
    maxShrinkRuns: readCount("--shrink", values.shrink, 400),
    requiresCoverage: values["require-coverage"],
    isJson: values.format === "json",
  };
}

function readSeeds(
  seed: string | undefined,
  seeds: string | undefined,
  swarm: string | undefined,
): { readonly first: number; readonly last: number; readonly minutes: number } {
  if (seed !== undefined) {
    const only = readCount("--seed", seed, 0);
    return { first: only, last: only, minutes: Infinity };
  }
  if (seeds !== undefined) {
    const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(seeds) ?? [];
    if (from === undefined || to === undefined || Number(to) <= Number(from)) {
      throw new UsageError(`--seeds wants two numbers like 1..1000, not ${seeds}`);
    }
    return { first: Number(from), last: Number(to), minutes: Infinity };
  }
  const minutes = Number(swarm ?? "1");
  if (!(minutes > 0)) throw new UsageError(`--swarm wants minutes, not ${String(swarm)}`);
  // Seconds since 1970, with room behind each for as many seeds as anybody can run.
  const first = Math.floor(Date.now() / 1000) * 1_000_000;
  return { first, last: Number.MAX_SAFE_INTEGER, minutes };
}

function readSelection(
  faults: string | undefined,
  operations: string | undefined,
): Selection | undefined {
  if (faults === undefined && operations === undefined) return undefined;
  const items = (text: string | undefined): string[] =>
    text === undefined || text === "none" ? [] : text.split(",");
  return {
    kind: "only",
    faults: new Set(items(faults).map((item) => readCount("--faults", item, 0))),
    operations: new Set(items(operations)),
  };
}

function readJobs(text: string | undefined): number {
  const jobs = readCount("--jobs", text, availableParallelism());
  if (jobs === 0) throw new UsageError("--jobs wants a number from 1 on, not 0");
  return jobs;
}

function readCount(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new UsageError(`${name} wants a number, not ${text}`);
  return Number(text);
}

/** Mutants are of one kind of runs. */
function readPercent(text: string | undefined, mutant: Mutant | undefined): number {
  const usual = mutant === undefined ? 25 : clientPortMutants.includes(mutant) ? 100 : 0;
  const percent = readCount("--client-port", text, usual);
  if (percent > 100) throw new UsageError(`--client-port wants a number up to 100, not ${percent}`);
  return percent;
}

function findMutant(name: string): Mutant {
  const all = [...mutants, ...clientPortMutants];
  const found = all.find((mutant) => mutant.name === name);
  if (found !== undefined) return found;
  const known = all.map((mutant) => mutant.name).join(", ");
  throw new UsageError(`there is no mutant ${name}; there are: ${known}`);
}

/** The first argument of a process that was started by another one. */
const WORKER = "--worker";
const ONCE = "once";
const TWICE = "twice";
const BATCH = 5;
const PROGRESS_EVERY_MS = 5000;
const STORY_LINES = 300;

if (process.argv[2] === WORKER) work(process.argv[3], Number(process.argv[4]), process.argv[5]);
else process.exitCode = await main();
