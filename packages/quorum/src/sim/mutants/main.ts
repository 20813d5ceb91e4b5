/**
 * `npm run sim:mutants`: hunts every mutant, or those that are named, and writes
 * the table that is checked in.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { standardCast } from "../standard-cast.js";
import { type Catch, describeCatches, huntMutant } from "./hunt.js";
import { mutants } from "./index.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "20000" },
    out: { type: "string" },
    format: { type: "string", default: "text" },
  },
});

const maxSeeds = Number(values.seeds);
const wanted = mutants.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const catches: Catch[] = [];
for (const mutant of wanted) {
  const begin = performance.now();
  const caught = huntMutant(mutant, standardCast, maxSeeds);
  catches.push(caught);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const what =
    caught.seed === undefined
      ? `NOT FOUND in ${maxSeeds} seeds`
      : `seed ${caught.seed}: ${caught.invariant ?? ""} (${caught.checker ?? ""})`;
  process.stderr.write(`${mutant.name.padEnd(30)} ${seconds.padStart(7)} s  ${what}\n`);
}
process.stdout.write(
  values.format === "json"
    ? `${JSON.stringify(catches)}\n`
    : `${catches.filter(({ seed }) => seed !== undefined).length} of ${catches.length} found\n`,
);
if (values.out !== undefined) {
  const path = fileURLToPath(new URL(values.out, `file://${process.cwd()}/`));
  writeFileSync(path, describeCatches(catches, maxSeeds));
}
