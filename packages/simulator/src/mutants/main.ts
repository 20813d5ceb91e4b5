/**
 * `npm run sim:mutants`: hunts every mutant, or those that are named, and writes
 * the table that is checked in.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { allCheckers, isJudge } from "../checkers/all-checkers.js";
import type { Checker } from "../checkers/checker.js";
import { clientPortCheckers } from "../client-port/client-port-cast.js";
import { V8_OPTIONS } from "../command/workers.js";
import type { Mutant } from "../runs/mutant.js";
import { castOf, type RunKind } from "../runs/run-kind.js";
import { calmSettings, type ClientPortSettings } from "../world/settings.js";
import { clientPortMutants } from "./client-port/index.js";
import { type Catch, describeCatches, huntMutant, type TableTexts } from "./hunt.js";
import { mutants } from "./index.js";
import { clientPortTexts, quorumTexts } from "./table-texts.js";

const USAGE = `usage: npm run sim:mutants -- [options] [MUTANT...]

  --kind KIND        of the protocol (quorum, the default) or of what serves clients (client-port)
  --seeds N          at most so many for each mutant; 20000 by default
  --jobs N           mutants that are hunted at the same time, each in a process; 1 by default
  --out FILE         where the table goes
  --output json      one JSON array at the end instead of texts
`;

/** All about one kind of mutants. */
interface Kind {
  readonly name: RunKind;
  readonly mutants: readonly Mutant[];
  readonly texts: TableTexts;
  newCheckers(): readonly Checker[];
}

const QUORUM: Kind = {
  name: "quorum",
  mutants,
  texts: quorumTexts,
  newCheckers: () => allCheckers(calmSettings(3)),
};

/** With all that any world has, so that all its judges are named. */
const ALL_PORTS: ClientPortSettings = { localSessions: true, readOnlyServers: true };

const CLIENT_PORT: Kind = {
  name: "client-port",
  mutants: clientPortMutants,
  texts: clientPortTexts,
  newCheckers: () => clientPortCheckers({ ...calmSettings(3), clientPorts: ALL_PORTS }),
};

interface Options {
  readonly kind: Kind;
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
  const { maxSeeds, out, isJson, kind } = options;
  const catches = await huntAll(options);
  const found = catches.filter(({ seed }) => seed !== undefined).length;
  process.stdout.write(
    isJson ? `${JSON.stringify(catches)}\n` : `${found} of ${catches.length} found\n`,
  );
  if (out !== undefined) {
    const judges = kind
      .newCheckers()
      .filter(isJudge)
      .map(({ name }) => name);
    writeFileSync(resolve(out), describeCatches(catches, judges, maxSeeds, kind.texts));
  }
  return found === catches.length ? 0 : 1;
}

function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      kind: { type: "string", default: "quorum" },
      seeds: { type: "string", default: "20000" },
      jobs: { type: "string", default: "1" },
      out: { type: "string" },
      output: { type: "string", default: "text" },
    },
  });
  const kind = [QUORUM, CLIENT_PORT].find(({ name }) => name === values.kind);
  if (kind === undefined) {
    throw new Error(`--kind is quorum or client-port, not ${values.kind}`);
  }
  const unknown = positionals.find((name) => kind.mutants.every((mutant) => mutant.name !== name));
  if (unknown !== undefined) {
    const known = kind.mutants.map(({ name }) => name).join(", ");
    throw new Error(`there is no mutant ${unknown}; there are: ${known}`);
  }
  for (const name of ["seeds", "jobs"] as const) {
    if (!/^[1-9]\d*$/.test(values[name])) {
      throw new Error(`--${name} wants a number from 1 on, not ${values[name]}`);
    }
  }
  if (values.output !== "text" && values.output !== "json") {
    throw new Error(`--output is text or json, not ${values.output}`);
  }
  return {
    maxSeeds: Number(values.seeds),
    jobs: Number(values.jobs),
    kind,
    wanted: kind.mutants.filter(
      ({ name }) => positionals.length === 0 || positionals.includes(name),
    ),
    out: values.out,
    isJson: values.output === "json",
  };
}

async function huntAll({ kind, wanted, jobs, maxSeeds }: Options): Promise<readonly Catch[]> {
  const catches: Catch[] = [];
  const waiting = [...wanted.entries()];
  const hunter = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, mutant] = next;
      const begin = performance.now();
      const caught =
        jobs > 1 ? await huntElsewhere(kind, mutant, maxSeeds) : hunt(kind, mutant, maxSeeds);
      catches[at] = caught;
      tell(caught, performance.now() - begin, maxSeeds);
    }
  };
  await Promise.all(Array.from({ length: Math.max(jobs, 1) }, hunter));
  return catches;
}

function hunt(kind: Kind, mutant: Mutant, maxSeeds: number): Catch {
  return huntMutant(mutant, castOf(kind.name), maxSeeds);
}

/** Another process of this program hunts one mutant, and says what came of it. */
async function huntElsewhere(kind: Kind, { name }: Mutant, maxSeeds: number): Promise<Catch> {
  const program = fileURLToPath(import.meta.url);
  const words = [...V8_OPTIONS, program, name, "--kind", kind.name, "--seeds", `${maxSeeds}`];
  const args = [...words, "--output", "json"];
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
