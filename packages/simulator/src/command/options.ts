/** What the command line of the simulator understands. */
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { clientPortMutants } from "../mutants/client-port/index.js";
import { mutants } from "../mutants/index.js";
import type { Mutant } from "../runs/mutant.js";
import type { Selection } from "../runs/run-seed.js";

export const USAGE = `usage: npm run sim -- [--seed N | --seeds A..B | --swarm MINUTES] [options]

  --seed N           one run
  --seeds A..B       the runs of these seeds, both included
  --swarm MINUTES    as many runs as fit: the corpus, then new seeds, others every time
  --corpus FILE      with --swarm: the seeds that reached what none before them did, used first
                     and added to; node_modules/.cache/jute-ts/corpus.jsonl by default
  --trace            with --seed: tell the story of the run
  --html FILE        write a page that shows the run of --seed, or of the first violation, shrunk
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
  --output json      one JSON object at the end instead of texts
`;

/** What the command line asks for. */
export interface Options {
  readonly first: number;
  readonly last: number;
  readonly untilMs: number;
  /** Where the corpus is; undefined when none is wanted. */
  readonly corpus: string | undefined;
  readonly trace: boolean;
  /** Where the page goes. */
  readonly html: string | undefined;
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

/** What was asked for makes no sense, as the message says. */
class UsageError extends Error {}

/** Throws a `UsageError` for what makes no sense. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      swarm: { type: "string" },
      corpus: { type: "string" },
      trace: { type: "boolean", default: false },
      html: { type: "string" },
      mutant: { type: "string" },
      "client-port": { type: "string" },
      faults: { type: "string" },
      operations: { type: "string" },
      jobs: { type: "string" },
      "keep-going": { type: "boolean", default: false },
      twice: { type: "boolean", default: false },
      shrink: { type: "string" },
      "require-coverage": { type: "boolean", default: false },
      output: { type: "string", default: "text" },
    },
  });
  const which = [values.seed, values.seeds, values.swarm].filter((text) => text !== undefined);
  if (which.length > 1) throw new UsageError("--seed, --seeds and --swarm exclude each other");
  const { first, last, minutes } = readSeeds(values.seed, values.seeds, values.swarm);
  if (values.output !== "text" && values.output !== "json") {
    throw new UsageError(`--output is text or json, not ${values.output}`);
  }
  if (values.trace && values.output === "json")
    throw new UsageError("--trace tells the story as text, and --output json is one JSON object");
  const selection = readSelection(values.faults, values.operations);
  const mutant = values.mutant === undefined ? undefined : findMutant(values.mutant);
  if ((values.trace || selection !== undefined) && first !== last) {
    throw new UsageError("--trace, --faults and --operations need --seed");
  }
  const isSwarm = values.seed === undefined && values.seeds === undefined;
  if (values.corpus !== undefined && (!isSwarm || mutant !== undefined))
    throw new UsageError("--corpus needs --swarm, and servers without a mutant");
  const { html } = values;
  const corpus = isSwarm && mutant === undefined ? (values.corpus ?? CORPUS) : undefined;
  return {
    first,
    last,
    untilMs: performance.now() + minutes * 60_000,
    corpus: corpus === undefined ? undefined : orUsage("--corpus", () => corpusAt(corpus)),
    trace: values.trace,
    html: html === undefined ? undefined : orUsage("--html", () => writable(html)),
    mutant,
    clientPortPercent: readPercent(values["client-port"], mutant),
    selection,
    jobs: readJobs(values.jobs),
    keepsGoing: values["keep-going"],
    twice: values.twice,
    maxShrinkRuns: readCount("--shrink", values.shrink, 400),
    requiresCoverage: values["require-coverage"],
    isJson: values.output === "json",
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
    const [first, last] = [readCount("--seeds", from, 0), readCount("--seeds", to, 0)];
    return { first, last, minutes: Infinity };
  }
  const minutes = Number(swarm ?? "1");
  if (!(minutes > 0)) throw new UsageError(`--swarm wants minutes, not ${String(swarm)}`);
  // Seconds since 1970, with room after each for as many seeds as anybody can run.
  const first = Math.floor(Date.now() / 1000) * 1_000_000;
  return { first, last: Number.MAX_SAFE_INTEGER, minutes };
}

/** The path, where a file can be made: a run is not for nothing. What is there stays, and no empty file is left. */
function writable(file: string): string {
  const isThere = existsSync(file);
  closeSync(openSync(file, "a"));
  if (!isThere) rmSync(file);
  return file;
}

function corpusAt(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  return writable(file);
}

/** What `action` returns; a `UsageError` that names the option when it throws. */
function orUsage<T>(option: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
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
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new UsageError(`${name} wants a number up to ${Number.MAX_SAFE_INTEGER}, not ${text}`);
  return count;
}

/** Mutants are of one kind of runs. */
function readPercent(text: string | undefined, mutant: Mutant | undefined): number {
  const usual = mutant === undefined ? 25 : clientPortMutants.includes(mutant) ? 100 : 0;
  const percent = readCount("--client-port", text, usual);
  if (percent > 100) throw new UsageError(`--client-port wants a number up to 100, not ${percent}`);
  return percent;
}

/** The known bug of this name. Throws a `UsageError` that names them all when there is none. */
export function findMutant(name: string): Mutant {
  const all = [...mutants, ...clientPortMutants];
  const found = all.find((mutant) => mutant.name === name);
  if (found !== undefined) return found;
  const known = all.map((mutant) => mutant.name).join(", ");
  throw new UsageError(`there is no mutant ${name}; there are: ${known}`);
}

const CORPUS = "node_modules/.cache/jute-ts/corpus.jsonl";
