/**
 * `npm run sim:mutants`: hunts every mutant, or those that are named, and writes
 * the table that is checked in.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { allCheckers } from "../checkers/all-checkers.js";
import type { Mutant } from "../runs/mutant.js";
import { calmSettings } from "../world/settings.js";
import { standardCast } from "../runs/standard-cast.js";
import { type Catch, describeCatches, huntMutant } from "./hunt.js";
import { mutants } from "./index.js";

const USAGE = `usage: npm run sim:mutants -- [options] [MUTANT...]

  --seeds N          at most so many for each mutant; 20000 by default
  --jobs N           mutants that are hunted at the same time, each in a process; 1 by default
  --out FILE         where the table goes
  --format json      one JSON array at the end instead of texts
`;

interface Options {
  readonly maxSeeds: number;
  readonly jobs: number;
  readonly wanted: readonly Mutant[];
  readonly out: string | undefined;
  readonly isJson: boolean;
}

/** Exits with 0 when all are found, with 1 when some are not, and with 2 for a wrong command. */
async function main(): Promise<number> {
  const arguments_ = process.argv.slice(2);
  if (arguments_.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions(arguments_);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const { maxSeeds, out, isJson } = options;
  const catches = await huntAll(options);
  const found = catches.filter(({ seed }) => seed !== undefined).length;
  process.stdout.write(
    isJson ? `${JSON.stringify(catches)}\n` : `${found} of ${catches.length} found\n`,
  );
  if (out !== undefined) {
    const checkers = allCheckers(calmSettings(3)).map(({ name }) => name);
    const judges = checkers.filter((name) => !name.startsWith("ghost-"));
    writeFileSync(resolve(out), describeCatches(catches, judges, maxSeeds));
  }
  return found === catches.length ? 0 : 1;
}

function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seeds: { type: "string", default: "20000" },
      jobs: { type: "string", default: "1" },
      out: { type: "string" },
      format: { type: "string", default: "text" },
    },
  });
  const unknown = positionals.find((name) => mutants.every((mutant) => mutant.name !== name));
  if (unknown !== undefined) {
    const known = mutants.map(({ name }) => name).join(", ");
    throw new Error(`there is no mutant ${unknown}; there are: ${known}`);
  }
  for (const name of ["seeds", "jobs"] as const) {
    if (!/^[1-9]\d*$/.test(values[name])) {
      throw new Error(`--${name} wants a number from 1 on, not ${values[name]}`);
    }
  }
  if (values.format !== "text" && values.format !== "json") {
    throw new Error(`--format is text or json, not ${values.format}`);
  }
  return {
    maxSeeds: Number(values.seeds),
    jobs: Number(values.jobs),
    wanted: mutants.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    out: values.out,
    isJson: values.format === "json",
  };
}

async function huntAll({ wanted, jobs, maxSeeds }: Options): Promise<readonly Catch[]> {
  const catches: Catch[] = [];
  const waiting = [...wanted.entries()];
  const hunter = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, mutant] = next;
      const begin = performance.now();
      const caught = jobs > 1 ? await huntElsewhere(mutant, maxSeeds) : hunt(mutant, maxSeeds);
      catches[at] = caught;
      tell(caught, performance.now() - begin, maxSeeds);
    }
  };
  await Promise.all(Array.from({ length: Math.max(jobs, 1) }, hunter));
  return catches;
}

function hunt(mutant: Mutant, maxSeeds: number): Catch {
  return huntMutant(mutant, standardCast, maxSeeds);
}

/** Another process of this program hunts one mutant, and says what came of it. */
async function huntElsewhere({ name }: Mutant, maxSeeds: number): Promise<Catch> {
  const words = [fileURLToPath(import.meta.url), name, "--seeds", `${maxSeeds}`];
  const args = [...words, "--format", "json"];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: unknown) => {
    // A mutant that is not found ends its process with 1, and is told of all the same.
    if (hasCode(error) && error.code === 1 && error.stdout !== "") return error;
    throw error;
  });
  const [caught] = JSON.parse(stdout) as readonly Catch[];
  if (caught === undefined) throw new Error(`no word of ${name}`);
  return caught;
}

function hasCode(error: unknown): error is { readonly code: unknown; readonly stdout: string } {
  return error instanceof Error && "code" in error && "stdout" in error;
}

function tell(
  { mutant, seed, invariant, checker }: Catch,
  durationMs: number,
  maxSeeds: number,
): void {
  const seconds = (durationMs / 1000).toFixed(1);
  const what =
    seed === undefined
      ? `NOT FOUND in ${maxSeeds} seeds`
      : `seed ${seed}: ${invariant ?? ""} (${checker ?? ""})`;
  process.stderr.write(`${mutant.padEnd(30)} ${seconds.padStart(7)} s  ${what}\n`);
}

process.exitCode = await main();
