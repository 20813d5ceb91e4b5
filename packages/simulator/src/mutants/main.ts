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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** At most so many for each mutant. */
    seeds: { type: "string", default: "20000" },
    /** So many mutants are hunted at the same time, each in its own process. */
    jobs: { type: "string", default: "1" },
    /** Where the table goes, from the current directory. */
    out: { type: "string" },
    format: { type: "string", default: "text" },
  },
});

const maxSeeds = Number(values.seeds);
const jobs = Number(values.jobs);
const wanted = mutants.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

async function huntAll(): Promise<readonly Catch[]> {
  const catches: Catch[] = [];
  const waiting = [...wanted.entries()];
  const hunter = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, mutant] = next;
      const begin = performance.now();
      const caught = jobs > 1 ? await huntElsewhere(mutant) : hunt(mutant);
      catches[at] = caught;
      tell(caught, performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: Math.max(jobs, 1) }, hunter));
  return catches;
}

function hunt(mutant: Mutant): Catch {
  return huntMutant(mutant, standardCast, maxSeeds);
}

/** Another process of this program hunts one mutant, and says what came of it. */
async function huntElsewhere({ name }: Mutant): Promise<Catch> {
  const words = [fileURLToPath(import.meta.url), name, "--seeds", `${maxSeeds}`];
  const { stdout } = await promisify(execFile)(process.execPath, [...words, "--format", "json"]);
  const [caught] = JSON.parse(stdout) as readonly Catch[];
  if (caught === undefined) throw new Error(`no word of ${name}`);
  return caught;
}

function tell({ mutant, seed, invariant, checker }: Catch, durationMs: number): void {
  const seconds = (durationMs / 1000).toFixed(1);
  const what =
    seed === undefined
      ? `NOT FOUND in ${maxSeeds} seeds`
      : `seed ${seed}: ${invariant ?? ""} (${checker ?? ""})`;
  process.stderr.write(`${mutant.padEnd(30)} ${seconds.padStart(7)} s  ${what}\n`);
}

const catches = await huntAll();
if (values.format === "json") {
  process.stdout.write(`${JSON.stringify(catches)}\n`);
} else {
  const found = catches.filter(({ seed }) => seed !== undefined).length;
  process.stdout.write(`${found} of ${catches.length} found\n`);
}
if (values.out !== undefined) {
  const checkers = allCheckers(calmSettings(3)).map(({ name }) => name);
  const judges = checkers.filter((name) => !name.startsWith("ghost-"));
  writeFileSync(resolve(values.out), describeCatches(catches, judges, maxSeeds));
}
