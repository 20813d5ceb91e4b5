/**
 * `npm run mutation`: draws mutants of the protocol and of the tree, mechanical ones, and
 * finds out what kills each: random seeds of the simulator, else the unit tests
 * beside it, else nothing. Writes the table that is checked in, and goes on
 * where it was interrupted: the table's rows are kept beside it as lines of JSON.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { drawMutants, type MechanicalMutant, nameOf } from "./draw.js";
import { killByTests, killBySeeds, type Fate } from "./kill.js";
import { describeFates } from "./table.js";

const USAGE = `usage: npm run mutation -- [options]

  --sample N         how many mutants; 100 by default
  --draw N           which: another number draws others; 1 by default
  --under FOLDER     of the sources below it, as packages/server/src/clients, whose seeds have clients
                     of client ports; of the protocol and the tree by default
  --seeds N          so many random seeds for each; 60 by default
  --more N           up to which seed those go on that none of these kills; 300 by default
  --results FILE     where results are kept, and looked for; node_modules/.cache/jute-ts/mutation.jsonl by default
  --judged FILE      what somebody has found out about survivors: {"FILE:LINE OPERATOR": "why it lives"}
  --out FILE         where the table goes
`;

interface Options {
  readonly sample: number;
  readonly draw: number;
  /** Where the sources are; undefined for the protocol and the tree. */
  readonly under: string | undefined;
  readonly seeds: number;
  readonly more: number;
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
      under: { type: "string" },
      seeds: { type: "string", default: "60" },
      more: { type: "string", default: "300" },
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
  if (values.under !== undefined && !existsSync(values.under))
    throw new Error(`--under wants a folder of sources, and there is no ${values.under}`);
  return {
    under: values.under,
    sample: numberOf("sample"),
    draw: numberOf("draw"),
    seeds: numberOf("seeds"),
    more: numberOf("more"),
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
async function lastFateOf(mutant: MechanicalMutant, { seeds, more }: Options): Promise<Fate> {
  const killed = await killBySeeds(mutant, seeds + 1, more);
  if (killed !== undefined) return { by: "seeds", ...killed };
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
  const { sample, draw, under, results, judged, out } = options;
  mkdirSync(dirname(resolve(results)), { recursive: true });
  const mutants = drawMutants(draw, sample, under === undefined ? undefined : [under]);
  const first = await fatesOf(mutants, `${results}.first`, (each) => firstFateOf(each, options));
  const left = mutants.filter((mutant) => first.get(nameOf(mutant))?.by === "no seed yet");
  const last = await fatesOf(left, `${results}.last`, (each) => lastFateOf(each, options));
  const rows = mutants.map((mutant) => ({ mutant, fate: fateOf(nameOf(mutant), first, last) }));
  if (out !== undefined) writeFileSync(resolve(out), describeFates(rows, judged));
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

process.exitCode = await main();
