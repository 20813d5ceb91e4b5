/**
 * The command line of chaos: kills servers of ensembles with SIGKILL, under load,
 * and looks after each kill whether everything that was acknowledged is there, on
 * every server; or, with clients, whether all that they saw is as ZooKeeper promises.
 * Each server is a process of its own on loopback.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { Random } from "../fuzz/random.js";
import { type Java, prepareJava } from "../interop/kit/java.js";
import { withMixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import { OWN_PROCESS_MAIN } from "../interop/kit/own-process.js";
import { type Attack, describeAttack } from "./attack.js";
import { runClientCycles } from "./clients/client-cycles.js";
import { ClientTally } from "./clients/client-tally.js";
import { runCycles } from "./cycles.js";
import { Tally } from "./tally.js";

const USAGE = `usage: npm run chaos -- [options]

  --cycles N         kills and checks, of all ensembles together; 10 by default
  --mixed            servers of Apache and ours in one ensemble, in several make-ups
  --servers LIST     one make-up: "own" or "apache" for each server, with commas; own,own,own by default
  --clients          looks through the eyes of clients: Apache's, kazoo and our own hold sessions,
                     ephemerals and watches meanwhile, and all that they saw is judged
  --pauses           freezes servers too (SIGSTOP), some for longer than the others wait
  --seed S           what happens to whom follows from it; 1 by default
  --minutes M        ends earlier than all cycles, which is a failure; 60 by default
  --output json      one JSON object at the end instead of a line
`;

/** A program of others that is needed is not installed. */
class Missing extends Error {}

type Maker = "own" | "apache";

/** One of ours beside two of Apache's and the other way round; the last of equals is elected first. */
const MIXED: readonly (readonly Maker[])[] = [
  ["own", "apache", "apache"],
  ["apache", "own", "own"],
  ["apache", "apache", "own"],
  ["own", "own", "apache"],
];

interface Options {
  readonly cycles: number;
  readonly makeUps: readonly (readonly Maker[])[];
  readonly clients: boolean;
  readonly pauses: boolean;
  readonly seed: number;
  readonly endMs: number;
  readonly isJson: boolean;
}

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), "jute-ts-chaos-"));
  // Servers end with this process; what they wrote must go too.
  process.on("exit", () => {
    rmSync(directory, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
  const tally = options.clients ? new ClientTally() : new Tally();
  try {
    await runAll(options, directory, tally);
  } catch (error) {
    const where = `seed ${options.seed}, cycle ${tally.cycles + 1}`;
    // Anyone who has no Java made no mistake in this program.
    if (error instanceof Missing) console.error(`${where}: ${error.message}`);
    else console.error(`${where}:`, error);
    return 1;
  }
  const figures = { seed: options.seed, ...tally.toJSON() };
  console.log(options.isJson ? JSON.stringify(figures) : `seed ${options.seed}: ${String(tally)}`);
  if (tally.cycles === options.cycles) return 0;
  console.error(`only ${tally.cycles} of ${options.cycles} cycles within the time`);
  return 1;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      cycles: { type: "string", default: "10" },
      mixed: { type: "boolean", default: false },
      servers: { type: "string", default: "own,own,own" },
      clients: { type: "boolean", default: false },
      pauses: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "60" },
      output: { type: "string", default: "text" },
    },
  });
  const servers = values.servers.split(",").map((maker): Maker => {
    if (maker === "own" || maker === "apache") return maker;
    throw new Error(`--servers has "${maker}", which is neither own nor apache.`);
  });
  const numberOf = (name: "cycles" | "seed" | "minutes"): number => {
    const number = Number(values[name]);
    if (!(number >= 0)) throw new Error(`--${name} is no number that is 0 or more.`);
    return number;
  };
  if (values.output !== "text" && values.output !== "json") {
    throw new Error("--output is text or json.");
  }
  return {
    cycles: numberOf("cycles"),
    makeUps: values.mixed ? MIXED : [servers],
    clients: values.clients,
    pauses: values.pauses,
    seed: numberOf("seed"),
    endMs: performance.now() + numberOf("minutes") * 60_000,
    isJson: values.output === "json",
  };
}

/**
 * One ensemble after the other, of each make-up in turn, with an equal share of the
 * cycles. No ensemble lasts for long: a tree that grows and grows only takes longer
 * to load after each kill, and every new ensemble begins in another way.
 */
async function runAll(
  options: Options,
  directory: string,
  tally: Tally | ClientTally,
): Promise<void> {
  const { cycles, makeUps, seed, endMs } = options;
  if (options.clients && !existsSync(KAZOO)) {
    throw new Missing(`${KAZOO} does not exist (Debian: apt install python3-kazoo)`);
  }
  const needsJava = options.clients || makeUps.flat().includes("apache");
  const java = needsJava ? await findJava(directory) : undefined;
  const ownProgram = await bundleServer(directory);
  const rounds = Math.max(1, Math.ceil(cycles / (makeUps.length * MOST_CYCLES)));
  const ensembles = Array.from({ length: rounds }, () => makeUps).flat();
  for (const [index, servers] of ensembles.entries()) {
    const until = Math.round((cycles * (index + 1)) / ensembles.length);
    if (until === tally.cycles || performance.now() > endMs) continue;
    const ensemble = {
      java,
      parent: directory,
      servers: servers.map((maker) => (maker === "own" ? "ownProcess" : maker)),
      // Short ticks, so that failures are seen soon, but sessions that last.
      apache: SETTINGS,
      own: SETTINGS,
      ownProgram,
    };
    const common = {
      cycles: until - tally.cycles,
      endMs,
      random: new Random(seed, index),
      pauses: options.pauses,
    };
    const say = (attack: Attack, found: string, ms: number): void => {
      console.error(
        `cycle ${tally.cycles} of ${cycles} (${servers.join(", ")}): ${describeAttack(attack)}, ` +
          `${found}${(ms / 1000).toFixed(1)} s`,
      );
    };
    await withMixedEnsemble(ensemble, async (mixed) => {
      if (tally instanceof Tally) {
        await runCycles(mixed, {
          ...common,
          tally,
          onCycle: ({ attack, acknowledged, ms }) => {
            say(attack, `${acknowledged} acknowledged and found, `, ms);
          },
        });
      } else if (java !== undefined) {
        await runClientCycles(mixed, {
          ...common,
          java,
          tickMs: SETTINGS.tickTime,
          tally,
          onCycle: ({ attack, ms }) => {
            say(attack, "", ms);
          },
        });
      }
    });
  }
}

async function findJava(directory: string): Promise<Java> {
  const found = await prepareJava(directory);
  if (found.kind === "missing")
    throw new Missing(`Apache's servers and clients cannot run: ${found.text}`);
  return found.java;
}

/** Processes that are killed all the time should not have to compile what they run. */
async function bundleServer(directory: string): Promise<string> {
  const outfile = join(directory, "server.mjs");
  await build({
    entryPoints: [OWN_PROCESS_MAIN],
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jute-ts/source"],
    outfile,
    logLevel: "warning",
  });
  return outfile;
}

/** Of Debian. */
const KAZOO = "/usr/lib/python3/dist-packages/kazoo";
const SETTINGS = { tickTime: 200, maxSessionTimeout: 60_000 };
/** Of one ensemble. */
const MOST_CYCLES = 25;

process.exit(await main());
