/** What the command line tells about many runs. Plain texts; knows no terminal and no worker. */
import { Coverage, type CoverageArea, type CoverageCounts } from "../trace/coverage.js";
import { describePlannedFault } from "../faults/fault-text.js";
import { EXPECTED_COVERAGE } from "./expected-coverage.js";
import type { SeedResult } from "./run-seed.js";
import type { Shrunk } from "./shrink.js";

/** What many runs should reach. */
type Expected = Readonly<Partial<Record<CoverageArea, readonly string[]>>>;

/** Sums over runs. */
export interface Tally {
  seeds: number;
  simulatedMs: number;
  steps: number;
  /** Milliseconds that runs had a core, added up over all processes. */
  workMs: number;
  readonly coverage: Coverage;
  readonly violations: SeedResult[];
}

export function newTally(): Tally {
  return {
    seeds: 0,
    simulatedMs: 0,
    steps: 0,
    workMs: 0,
    coverage: new Coverage(),
    violations: [],
  };
}

export function addResult(tally: Tally, result: SeedResult, workMs: number): void {
  tally.seeds += 1;
  tally.simulatedMs += result.simulatedMs;
  tally.steps += result.steps;
  tally.workMs += workMs;
  tally.coverage.add(result.coverage);
  if (result.violation !== undefined) tally.violations.push(result);
}

/** "1,200 seeds, 56.7 seeds/s, 812 x real time per core, 0 violations" */
export function describeProgress(tally: Tally, elapsedMs: number): string {
  const perSecond = elapsedMs === 0 ? 0 : (1000 * tally.seeds) / elapsedMs;
  const ratio = tally.workMs === 0 ? 0 : tally.simulatedMs / tally.workMs;
  const found = tally.violations.length;
  return (
    `${tally.seeds} seeds, ${perSecond.toFixed(1)} seeds/s, ` +
    `${ratio.toFixed(0)} x real time per core, ${found} violation${found === 1 ? "" : "s"}`
  );
}

/** A table an area, the most frequent first, and a line for what never happened. */
export function describeCoverage(counts: CoverageCounts, expected?: Expected): string[] {
  const lines = Object.entries(counts).flatMap(([area, names]) => {
    const items = Object.entries(names).sort(([, one], [, other]) => other - one);
    return ["", area, ...inColumns(items)];
  });
  lines.push("");
  const missing = missingFrom(counts, expected);
  if (missing.length > 0) lines.push("NEVER HAPPENED", ...missing.map((what) => `  ${what}`));
  return lines;
}

/** Names and their counts, read along the lines. */
function inColumns(items: readonly (readonly [string, number])[]): string[] {
  const nameWidth = Math.max(0, ...items.map(([name]) => name.length));
  const countWidth = Math.max(0, ...items.map(([, times]) => String(times).length));
  const cells = items.map(
    ([name, times]) => `  ${name.padEnd(nameWidth)} ${String(times).padStart(countWidth)}`,
  );
  const perLine = Math.max(1, Math.floor(LINE_WIDTH / (nameWidth + countWidth + 3)));
  return Array.from({ length: Math.ceil(cells.length / perLine) }, (_, line) =>
    cells.slice(line * perLine, (line + 1) * perLine).join(""),
  );
}

const LINE_WIDTH = 110;

/** What runs should reach sooner or later, and these never did. */
export function missingFrom(
  counts: CoverageCounts,
  expected: Expected = EXPECTED_COVERAGE,
): string[] {
  return Object.entries(expected).flatMap(([area, names]) => {
    const seen = counts[area as CoverageArea] ?? {};
    return names.filter((name) => seen[name] === undefined).map((name) => `${area}: ${name}`);
  });
}

export function describeViolation(result: SeedResult): string[] {
  const { violation, seed } = result;
  if (violation === undefined) return [`seed ${seed}: no violation`];
  return [
    `seed ${seed} violates ${violation.invariant} at ${violation.atMs.toFixed(1)} ms ` +
      `(found by: ${violation.checker})`,
    ...violation.text.split("\n").map((line) => `  ${line}`),
  ];
}

/** The smaller schedule, and the command that plays it, with these options. */
export function describeShrunk(
  failing: SeedResult,
  shrunk: Shrunk,
  commandOptions: readonly string[] = [],
): string[] {
  const { selection, result, attempts } = shrunk;
  const faults = failing.faults.filter(({ id }) => selection.faults.has(id));
  const operations = [...selection.operations];
  const options = [
    ...commandOptions,
    `--faults ${list(faults.map(({ id }) => id))}`,
    `--operations ${list(operations)}`,
  ];
  return [
    `shrunk in ${attempts} runs to ${faults.length} of ${failing.faults.length} faults and ` +
      `${operations.length} of ${failing.operations.length} client operations:`,
    ...faults.map((fault) => `  ${describePlannedFault(fault)}`),
    ...describeViolation(result),
    `replay: npm run sim -- --seed ${failing.seed} --trace ${options.join(" ")}`,
  ];
}

function list(items: readonly (string | number)[]): string {
  return items.length === 0 ? "none" : items.join(",");
}
