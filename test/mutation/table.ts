/** The table of mechanical mutants, as Markdown. */
import { markdownTable } from "../../packages/simulator/src/trace/markdown.js";
import { type MechanicalMutant, nameOf } from "./draw.js";
import type { Fate } from "./kill.js";

export interface Row {
  readonly mutant: MechanicalMutant;
  /** Undefined when it was not tried. */
  readonly fate: Fate | undefined;
}

/** How the mutants of a table were drawn and tried. */
export interface Lot {
  readonly under: readonly string[];
  readonly draw: number;
  readonly sample: number;
  /** Up to which seed all were tried, and those that lived. */
  readonly seeds: number;
  readonly more: number;
  readonly out: string;
}

/** What is known of one that lives: the same program to its users, no harm to them, something that seeds should see. */
export type VerdictKind = "equivalent" | "harmless" | "open" | "none";

/** What a verdict begins with says what kind it is; any other leaves the mutant open. */
export function kindOfVerdict(verdict: string | undefined): VerdictKind {
  if (verdict === undefined) return "none";
  if (verdict.startsWith("equivalent:")) return "equivalent";
  return verdict.startsWith("harmless:") ? "harmless" : "open";
}

/** `judged`: what is known of those that live, by their names. */
export function describeFates(
  rows: readonly Row[],
  judged: Readonly<Record<string, string>>,
  lot: Lot,
): string {
  const tried = rows.filter(({ fate }) => fate !== undefined);
  const parts = [
    introductionOf(lot),
    summaryOf(tried, judged),
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
      return `${fate.kind === "client-port" ? "client-port " : ""}seed ${fate.seed}: ${fate.invariant}`;
    case "tests":
      return verdict === undefined ? fate.test : `${fate.test}. For seeds: ${verdict}`;
    default:
      return verdict ?? "-";
  }
}

function introductionOf({ under, draw, sample, seeds, more, out }: Lot): string {
  const folders = under.map((folder) => `\`${folder}\``).join(" and ");
  const options = [
    ...under.map((folder) => `--under ${folder}`),
    ...[`--draw ${draw}`, `--sample ${sample}`, `--seeds ${seeds}`, `--more ${more}`],
    `--out ${out}`,
  ];
  return `# Mechanical mutants

Small mistakes that a program has made in ${folders}, one at a time, and what noticed each first: random
seeds of the simulator, counted from 1, up to ${seeds} for all, and up to ${more} for those that lived; or else a unit test in
the same folder, where those were asked. Written by \`npm run mutation -- ${options.join(" ")}\`,
which explains its options with \`--help\`.`;
}

function summaryOf(tried: readonly Row[], judged: Readonly<Record<string, string>>): string {
  const count = (by: Fate["by"]): number => tried.filter(({ fate }) => fate?.by === by).length;
  const alive = tried.filter(({ fate }) => fate?.by !== "seeds");
  const judgedAs = (kind: VerdictKind): number =>
    alive.filter(({ mutant }) => kindOfVerdict(judged[nameOf(mutant)]) === kind).length;
  const killed = count("seeds");
  const visible = tried.length - judgedAs("equivalent") - judgedAs("harmless");
  const percent = visible === 0 ? 100 : (100 * killed) / visible;
  return `Of ${tried.length} that were drawn, seeds killed ${killed}, and unit tests alone ${count("tests")}. Of those that seeds left alive,
${judgedAs("equivalent")} are the same program to everybody who uses it, ${judgedAs("harmless")} do no harm, and ${judgedAs("open") + judgedAs("none")} are open: seeds alone kill ${percent.toFixed(0)} %
of those that can be seen.`;
}
