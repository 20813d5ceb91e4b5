/**
 * Hunts mutants with random seeds: runs seed after seed with a bug in the peers
 * until a checker notices. A checker that never caught one is not to be trusted,
 * and neither are worlds that never made one show.
 */
import type { Mutant } from "../mutant.js";
import { type Cast, runSeed } from "../run-seed.js";

/** What came of a hunt. */
export interface Catch {
  readonly mutant: string;
  readonly bug: string;
  /** The first seed that showed the bug; undefined when none did. */
  readonly seed: number | undefined;
  readonly invariant: string | undefined;
  /** Who noticed: a checker, "world" for its own watch, "assertion" for the core's own. */
  readonly checker: string | undefined;
  /** How many seeds were run. */
  readonly seeds: number;
}

/** Runs seeds from 1 on until the mutant is caught, or `maxSeeds` have not shown it. */
export function huntMutant(mutant: Mutant, cast: Cast, maxSeeds: number, first = 1): Catch {
  const { name, bug } = mutant;
  for (let seed = first; seed < first + maxSeeds; seed++) {
    const { violation } = runSeed(seed, { cast, mutant });
    if (violation === undefined) continue;
    const { invariant, checker } = violation;
    const by = checker === "crash" ? "assertion" : checker;
    return { mutant: name, bug, seed, invariant, checker: by, seeds: seed - first + 1 };
  }
  return {
    mutant: name,
    bug,
    seed: undefined,
    invariant: undefined,
    checker: undefined,
    seeds: maxSeeds,
  };
}

/** The table of all hunts, as Markdown. */
export function describeCatches(catches: readonly Catch[], maxSeeds: number): string {
  const found = catches.filter(({ seed }) => seed !== undefined).length;
  const rows = catches.map(
    ({ mutant, bug, seed, invariant, checker }) =>
      `| ${mutant} | ${bug} | ${seed ?? `none of ${maxSeeds}`} | ${invariant ?? "-"} | ${checker ?? "-"} |`,
  );
  return [
    "# Mutants",
    "",
    "Known bugs of ZooKeeper, and mistakes that are easy to make in its protocol, put into the peers of",
    "the simulator (`src/sim/mutants`), and the first random seed that shows each. Written by",
    "`npm run sim:mutants`; `npm run sim -- --mutant NAME --seed N --trace` tells the story.",
    "",
    `${found} of ${catches.length} are found within ${maxSeeds} seeds.`,
    "",
    "| mutant | what is wrong | first seed | invariant | found by |",
    "| --- | --- | --: | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
