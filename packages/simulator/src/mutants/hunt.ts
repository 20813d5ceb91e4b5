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

/** What all hunts came to, as Markdown. `checkers`: the names of all that judge a run. */
export function describeCatches(
  catches: readonly Catch[],
  checkers: readonly string[],
  maxSeeds: number,
): string {
  const found = catches.filter(({ seed }) => seed !== undefined);
  const parts = [
    INTRODUCTION,
    `${found.length} of ${catches.length} are found, each within ${maxSeeds} seeds.`,
    markdownTable(
      ["mutant", "what is wrong", "first seed", "invariant", "found by"],
      catches.map(({ mutant, bug, seed, tried, invariant, checker }) => [
        mutant,
        bug,
        `${seed ?? `none of ${tried}`}`,
        invariant ?? "-",
        checker ?? "-",
      ]),
      2,
    ),
    HARMLESS,
    CHECKERS,
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

const INTRODUCTION = `# Mutants

Known bugs of ZooKeeper, and mistakes that are easy to make in its protocol, put into the peers of
the simulator (\`src/mutants\`), and the first random seed that shows each, counted from 1.
Written by \`npm run sim:mutants -- --out packages/simulator/test/mutants.md\`;
\`npm run sim -- --mutant NAME --seed N --trace\` tells the story.`;

const HARMLESS = `Two more mistakes are no mutants, because they do no harm, or next to none, on their own:

- _A COMMIT applies the next proposal, whichever it names._ A leader commits in the order in which it
  proposed, and proposals and commits of one leadership come on one connection, which keeps their order: so
  a COMMIT always names the next. A leader that breaks this is caught (commit-consistent).
- _TRUNC cuts the log and leaves snapshots that hold what was cut._ It takes a snapshot of what was
  never committed. A peer writes none of its own while its state may hold that; a leader that fails
  before its epoch is established may have sent one, but none of the TRUNCs of 300 seeds met it. This
  is the second half of ZOOKEEPER-1549, which the table has together with the first.`;

const CHECKERS = `Who was the first to notice which mutant. A run ends with its first violation, so this is less than
what a checker could notice. Those that were never the first are shown histories made by hand that
they must refuse, as all checkers are, in \`src/checkers/refusals.test.ts\`.`;
