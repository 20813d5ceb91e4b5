/** What the command line of the simulator says in the end. */
import { existsSync, writeFileSync } from "node:fs";
import { TraceRecorder } from "../page/trace-recorder.js";
import { castOf, expectedOf, kindOf } from "../runs/run-kind.js";
import { runSeed, type SeedOptions, type SeedResult, type Selection } from "../runs/run-seed.js";
import {
  describeCoverage,
  describeProgress,
  describeShrunk,
  describeViolation,
  missingFrom,
  type Tally,
} from "../runs/seed-summary.js";
import { shrink } from "../runs/shrink.js";
import type { Options } from "./options.js";

/** Prints how it went, and leaves the page of the first violation where it is wanted. */
export function report(options: Options, tally: Tally, elapsedMs: number): void {
  const [failing] = tally.violations;
  const isStoryWanted = !options.isJson || options.html !== undefined;
  const story = failing === undefined || !isStoryWanted ? [] : tellStory(options, failing);
  if (failing === undefined) tellOfNoPage(options);
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
  if (failing !== undefined) lines.push("", ...story);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The violation, its smaller schedule and the end of its story. */
function tellStory(options: Options, failing: SeedResult): string[] {
  const { mutant, maxShrinkRuns, clientPortPercent, html } = options;
  const kind = kindOf(failing.seed, clientPortPercent);
  const cast = castOf(kind);
  const lines = describeViolation(failing);
  if (maxShrinkRuns === 0 || options.selection !== undefined) {
    if (html !== undefined && options.first !== options.last)
      writePage(html, failing, { cast, mutant });
    return lines;
  }
  const run = (selection: Selection): SeedResult =>
    runSeed(failing.seed, { cast, mutant, selection });
  const shrunk = shrink(failing, run, maxShrinkRuns);
  const story: string[] = [];
  const { selection } = shrunk;
  runSeed(failing.seed, { cast, mutant, selection, sink: (line) => story.push(line) });
  if (html !== undefined) writePage(html, failing, { cast, mutant, selection });
  const told = story.slice(-STORY_LINES);
  if (told.length < story.length) told.unshift(`(${story.length - told.length} lines before)`);
  const commandOptions = [
    `--client-port ${kind === "quorum" ? 0 : 100}`,
    ...(mutant === undefined ? [] : [`--mutant ${mutant.name}`]),
  ];
  return [...lines, ...describeShrunk(failing, shrunk, commandOptions), "", ...told];
}

/** Of many seeds only a violation has a page. */
function tellOfNoPage({ html, first, last }: Options): void {
  if (html === undefined || first === last) return;
  const kept = existsSync(html) ? `; ${html} is an older one` : "";
  process.stderr.write(`no violation, so no page is written${kept}\n`);
}

/** Runs a seed once more, for its page. A violation that one run does not show, as of determinism, is on it, too. */
function writePage(file: string, { seed, violation }: SeedResult, options: SeedOptions): void {
  const recorder = new TraceRecorder();
  const result = runSeed(seed, { ...options, sink: recorder.sink });
  writeFileSync(file, recorder.page({ ...result, violation: result.violation ?? violation }));
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

const STORY_LINES = 300;
