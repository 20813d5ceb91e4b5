/** The table of mechanical mutants, as Markdown. */
import { markdownTable } from "../../packages/simulator/src/trace/markdown.js";
import { type MechanicalMutant, nameOf } from "./draw.js";
import type { Fate } from "./kill.js";

export interface Row {
  readonly mutant: MechanicalMutant;
  /** Undefined when it was not tried. */
  readonly fate: Fate | undefined;
}

/** `judged`: what is known of those that live, by their names. */
export function describeFates(
  rows: readonly Row[],
  judged: Readonly<Record<string, string>>,
): string {
  const tried = rows.filter(({ fate }) => fate !== undefined);
  const count = (by: Fate["by"]): number => tried.filter(({ fate }) => fate?.by === by).length;
  const parts = [
    INTRODUCTION,
    `Of ${tried.length} that were drawn, seeds killed ${count("seeds")}, unit tests alone ${count("tests")}, and nothing ${count("nothing")}; ${count("no seed yet")} lived through the first seeds, and more was not tried yet.`,
    markdownTable(
      ["mutant", "killed by", "how"],
      tried.map(({ mutant, fate }) => [
        `\`${nameOf(mutant).replaceAll("|", "\\|")}\``,
        fate?.by ?? "-",
        howOf(nameOf(mutant), fate, judged).replaceAll("|", "\\|"),
      ]),
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

function howOf(
  name: string,
  fate: Fate | undefined,
  judged: Readonly<Record<string, string>>,
): string {
  const verdict = judged[name];
  switch (fate?.by) {
    case "seeds":
      return `seed ${fate.seed}: ${fate.invariant}`;
    case "tests":
      return verdict === undefined ? fate.test : `${fate.test}. For seeds: ${verdict}`;
    default:
      return verdict ?? "-";
  }
}

const INTRODUCTION = `# Mechanical mutants

Small mistakes that a program has made in \`packages/quorum/src\` and \`packages/data-tree/src\`, one at a time,
and what noticed each first: random seeds of the simulator, counted from 1, or else a unit test in the same
folder. Written by \`npm run mutation -- --out packages/simulator/test/mechanical-mutants.md\`, which draws them
with a number and explains its options with \`--help\`.`;
