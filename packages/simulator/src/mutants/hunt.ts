/**
 * Hunts mutants with random seeds: runs seed after seed with a bug in the peers
 * until a checker notices. A checker that never caught one is not to be trusted,
 * and neither are worlds that never made one show.
 */
import type { Mutant } from "../runs/mutant.js";
import { type Cast, runSeed } from "../runs/run-seed.js";
import { markdownTable } from "../trace/markdown.js";

/** What came of a hunt. */
export interface Catch {
  readonly mutant: string;
  readonly bug: string;
  /** The first seed that showed the bug; undefined when none did. */
  readonly seed: number | undefined;
  /** How many seeds were tried. */
  readonly tried: number;
  readonly invariant: string | undefined;
  /** Who noticed: a checker, "world" for its own watch, "assertion" for the core's own. */
  readonly checker: string | undefined;
}

/** Runs seeds from 1 on until the mutant is caught, or `maxSeeds` have not shown it. */
export function huntMutant(mutant: Mutant, cast: Cast, maxSeeds: number): Catch {
  const { name, bug } = mutant;
  for (let seed = 1; seed <= maxSeeds; seed++) {
    const { violation } = runSeed(seed, { cast, mutant });
    if (violation === undefined) continue;
    const { invariant, checker } = violation;
    const by = checker === "crash" ? "assertion" : checker;
    return { mutant: name, bug, seed, tried: seed, invariant, checker: by };
  }
  const nothing = { seed: undefined, invariant: undefined, checker: undefined };
  return { mutant: name, bug, tried: maxSeeds, ...nothing };
}

/** What is said around a table of mutants. */
export interface TableTexts {
  readonly introduction: string;
  /** About mistakes that are no mutants. */
  readonly harmless: string;
  readonly checkers: string;
}

/** What all hunts came to, as Markdown. `checkers`: the names of all that judge a run. */
export function describeCatches(
  catches: readonly Catch[],
  checkers: readonly string[],
  maxSeeds: number,
  texts: TableTexts,
): string {
  const found = catches.filter(({ seed }) => seed !== undefined);
  const parts = [
    texts.introduction,
    `${found.length} of ${catches.length} are found, each within ${maxSeeds} seeds.`,
    markdownTable(
      ["mutant", "what is wrong", "first seed", "invariant", "found by"],
      catches.map(({ mutant, bug, seed, tried, invariant, checker }) => [
        mutant,
        bug,
        `${seed ?? (tried === 0 ? "not hunted" : `none of ${tried}`)}`,
        invariant ?? "-",
        checker ?? "-",
      ]),
      2,
    ),
    texts.harmless,
    texts.checkers,
    markdownTable(
      ["checker", "the first to notice"],
      ["assertion", "world", ...checkers].map((checker) => {
        const caught = found.filter((each) => each.checker === checker);
        return [checker, caught.map(({ mutant }) => mutant).join(", ") || "-"];
      }),
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}
