/**
 * `npm run mutation`: draws mutants of the protocol, of the tree or of what serves clients,
 * mechanical ones, and finds out what kills each: random seeds of the simulator, else the
 * unit tests beside it, else nothing. Writes the table that is checked in, and goes on
 * where it was interrupted: the table's rows are kept beside it as lines of JSON.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { drawMutants, FOLDERS, type MechanicalMutant, nameOf } from "./draw.js";
import { killByTests, killBySeeds, type Fate } from "./kill.js";
import { describeFates, kindOfVerdict, type VerdictKind } from "./table.js";

const USAGE = `usage: npm run mutation -- [options]

  --sample N         how many mutants; 100 by default
  --draw N           which: another number draws others; 1 by default
  --under FOLDER     of the sources below it, as packages/server/src/clients, whose seeds have clients
                     of client ports; may be repeated; of the protocol and the tree by default
  --seeds N          so many random seeds for each, of each kind of worlds that uses it; 60 by default
  --more N           up to which seed those go on that none of these kills; 300 by default
  --results FILE     where results are kept, and looked for; node_modules/.cache/jute-ts/mutation.jsonl by default
  --seeds-only       ask no unit tests about those that live
  --judged FILE      what somebody has found out about survivors: {"FILE:LINE OPERATOR": "why it lives"};
                     one that begins with "equivalent:" or "harmless:" is not tried with more seeds
  --out FILE         where the table goes
`;

interface Options {
  readonly sample: number;
  readonly draw: number;
  /** Where the sources are. */
  readonly under: readonly string[];
  readonly seeds: number;
  readonly more: number;
  readonly seedsOnly: boolean;
  readonly results: string;
  readonly judged: Readonly<Record<string, string>>;
  readonly out: string | undefined;
}

/** Undefined when help is wanted. Throws for what makes no sense. */
function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", default: false },
      sample: { type: "string", default: "100" },
      draw: { type: "string", default: "1" },
      under: { type: "string", multiple: true, default: [...FOLDERS] },
      seeds: { type: "string", default: "60" },
      more: { type: "string", default: "300" },
      "seeds-only": { type: "boolean", default: false },
      results: { type: "string", default: "node_modules/.cache/jute-ts/mutation.jsonl" },
      judged: { type: "string" },
      out: { type: "string" },
    },
  });
  if (values.help) return undefined;
  const numberOf = (name: "sample" | "draw" | "seeds" | "more"): number => {
    if (!/^[1-9]\d*$/.test(values[name]))
      throw new Error(`--${name} wants a number from 1 on, not ${values[name]}`);
    return Number(values[name]);
  };
  for (const folder of values.under)
    if (!existsSync(folder))
      throw new Error(`--under wants a folder of sources, and there is no ${folder}`);
  return {
    under: values.under,
    sample: numberOf("sample"),
    draw: numberOf("draw"),
    seeds: numberOf("seeds"),
    more: numberOf("more"),
    seedsOnly: values["seeds-only"],
    results: values.results,
    judged: values.judged === undefined ? {} : readJudgements(values.judged),
    out: values.out,
  };
}

/** What the first seeds say of a mutant. */
async function firstFateOf(mutant: MechanicalMutant, { seeds }: Options): Promise<Fate> {
  const killed = await killBySeeds(mutant, 1, seeds);
  return killed === undefined ? { by: "no seed yet" } : { by: "seeds", ...killed };
}

/** What more seeds and the unit tests say of one that the first seeds have left. */
async function lastFateOf(
  mutant: MechanicalMutant,
  { seeds, more, seedsOnly }: Options,
): Promise<Fate> {
  const killed = await killBySeeds(mutant, seeds + 1, more);
  if (killed !== undefined) return { by: "seeds", ...killed };
  if (seedsOnly) return { by: "no seed" };
  const test = await killByTests(mutant);
  return test === undefined ? { by: "nothing" } : { by: "tests", test };
}

/** Exits with 2 for a wrong command. */
async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  await writeTable(options);
  return 0;
}

async function writeTable(options: Options): Promise<void> {
  const { sample, draw, under, seeds, more, results, judged, out } = options;
  mkdirSync(dirname(resolve(results)), { recursive: true });
  const mutants = drawMutants(draw, sample, under);
  const first = await fatesOf(mutants, `${results}.first`, (each) => firstFateOf(each, options));
  const left = mutants.map(nameOf).filter((name) => first.get(name)?.by === "no seed yet");
  const isWorthMore = (name: string): boolean => MAY_BE_SEEN.has(kindOfVerdict(judged[name]));
  const open = new Set(left.filter(isWorthMore));
  const worthMore = mutants.filter((mutant) => open.has(nameOf(mutant)));
  const last = await fatesOf(worthMore, `${results}.last`, (each) => lastFateOf(each, options));
  const rows = mutants.map((mutant) => ({ mutant, fate: fateOf(nameOf(mutant), first, last) }));
  if (out === undefined) return;
  writeFileSync(
    resolve(out),
    describeFates(rows, judged, { under, draw, sample, seeds, more, out }),
  );
}

/** Those that are known from before are not tried again. */
async function fatesOf(
  mutants: readonly MechanicalMutant[],
  results: string,
  tryOne: (mutant: MechanicalMutant) => Promise<Fate>,
): Promise<ReadonlyMap<string, Fate>> {
  const fates = readResults(results);
  for (const mutant of mutants) {
    const name = nameOf(mutant);
    if (fates.has(name)) continue;
    const fate = await tryOne(mutant);
    fates.set(name, fate);
    appendFileSync(results, `${JSON.stringify([name, fate])}\n`);
    process.stderr.write(`${name}: ${JSON.stringify(fate)}\n`);
  }
  return fates;
}

function fateOf(
  name: string,
  first: ReadonlyMap<string, Fate>,
  last: ReadonlyMap<string, Fate>,
): Fate | undefined {
  return last.get(name) ?? first.get(name);
}

function readResults(path: string): Map<string, Fate> {
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return new Map(lines.map((line) => JSON.parse(line) as [string, Fate]));
}

function readJudgements(path: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(path, "utf8")) as Readonly<Record<string, string>>;
}

/** Whom more seeds may find. */
const MAY_BE_SEEN: ReadonlySet<VerdictKind> = new Set(["open", "none"]);

process.exitCode = await main();
