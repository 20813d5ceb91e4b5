/**
 * kazoo's own tests, as Debian packages them, against Apache's servers, ours, and
 * ensembles of both: whatever passes with Apache's servers passes with ours, and
 * nothing else is skipped.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleServer } from "../bundled-server.js";
import {
  compare,
  failuresOf,
  mergeOutcomes,
  type Outcomes,
  type Recorded,
  recordedOf,
} from "./outcomes.js";

const USAGE = `usage: npm run kazoo -- [options]

  --servers LIST     "own" or "apache" for each of three servers, with commas; own,own,own by default.
                     The last that is there at first leads, and ours are there sooner
  --leads MAKER      fails when another maker's server leads after a start
  --record           write what Apache's servers do into apache-3.8.0.json
  --only EXPRESSION  the tests whose names match, as pytest's -k
  --minutes M        fails when it takes longer; 15 by default
`;

interface Options {
  readonly makers: readonly string[];
  readonly record: boolean;
  /** Whose servers must lead; undefined: anyone's. */
  readonly leads: string | undefined;
  readonly only: string | undefined;
  readonly timeoutMs: number;
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const missing = [TESTS, ...JARS].find((path) => !existsSync(path));
  if (missing !== undefined) {
    console.error(`${missing} does not exist (Debian: apt install ${PACKAGES})`);
    return 1;
  }
  const directory = mkdtempSync(join(tmpdir(), "jute-ts-kazoo-"));
  process.on("exit", () => {
    rmSync(directory, { recursive: true, force: true });
  });
  return await run(options, directory);
}

async function run(options: Options, directory: string): Promise<number> {
  const { makers, record, only } = options;
  const server = makers.includes("own") ? await bundleServer() : "";
  const environment = {
    ZOOKEEPER_MAKERS: makers.join(","),
    ZOOKEEPER_OWN: JSON.stringify([process.execPath, server]),
    // kazoo makes its directories there, and leaves those of servers that it killed.
    TMPDIR: directory,
  };
  const selection = only === undefined ? [] : ["-k", only];
  const left = makers.includes("own") ? ["--deselect", RECONFIGURATION] : [];
  const first = await runTests([...selection, ...left, TESTS], options, environment);
  if (first.outcomes === undefined) {
    console.error(`pytest ended with ${first.exitCode ?? "a signal"}:\n${first.printed}`);
    return 1;
  }
  // Many tests wait for fixed times, which a busy machine does not keep. Alone, they succeed or have a reason not to.
  const failures = failuresOf(first.outcomes).map((name) => `${TESTS}/${name}`);
  const again = failures.length === 0 ? undefined : await runTests(failures, options, environment);
  const outcomes = mergeOutcomes(first.outcomes, again?.outcomes);
  const expected = existsSync(RECORDED)
    ? (JSON.parse(readFileSync(RECORDED, "utf8")) as Recorded)
    : undefined;
  if (record) {
    writeFileSync(RECORDED, `${JSON.stringify(recordedOf(outcomes), null, 2)}\n`);
    console.log(`written: ${RECORDED}`);
    return 0;
  }
  if (expected === undefined) throw new Error(`${RECORDED} is missing`);
  const wanted = Object.entries(expected).filter(
    ([name]) => left.length === 0 || !name.startsWith(RECONFIGURATION),
  );
  const { lines, isGood } = compare(outcomes, Object.fromEntries(wanted), only === undefined);
  if (!isGood) console.log((again ?? first).printed.split("\n").slice(-400).join("\n"));
  for (const line of lines) console.log(line);
  const leaders = Object.entries(outcomes.leaders).map(([maker, count]) => `${maker} ${count}`);
  console.log(`servers: ${makers.join(", ")}; leaders at a start: ${leaders.join(", ")}`);
  const { leads } = options;
  const isLedAsWanted =
    leads === undefined || Object.keys(outcomes.leaders).every((maker) => maker === leads);
  if (!isLedAsWanted) console.error(`not only servers of ${leads} led`);
  return isGood && isLedAsWanted ? 0 : 1;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      servers: { type: "string", default: "own,own,own" },
      record: { type: "boolean", default: false },
      leads: { type: "string" },
      only: { type: "string" },
      minutes: { type: "string", default: "15" },
    },
  });
  const makers = values.servers.split(",");
  if (makers.length !== 3 || makers.some((maker) => maker !== "own" && maker !== "apache")) {
    throw new Error(`--servers ${values.servers}: give own or apache three times`);
  }
  if (values.record && (makers.includes("own") || values.only !== undefined)) {
    throw new Error("only a whole run with Apache's servers can be recorded");
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: give a number above 0`);
  const { record, only, leads } = values;
  if (leads !== undefined && !makers.includes(leads)) {
    throw new Error(`--leads ${leads}: there is no such server`);
  }
  return { makers, record, leads, only, timeoutMs: minutes * 60_000 };
}

interface Run {
  readonly exitCode: number | null;
  readonly printed: string;
  /** Undefined when the tests did not come to an end. */
  readonly outcomes: Outcomes | undefined;
}

/** Runs pytest in a group of its own, so that servers which it leaves end with it. */
async function runTests(
  tests: readonly string[],
  { timeoutMs }: Options,
  environment: Readonly<Record<string, string>>,
): Promise<Run> {
  const directory = environment["TMPDIR"] ?? "";
  const outcomesPath = join(directory, "outcomes.json");
  rmSync(outcomesPath, { force: true });
  const plugin = ["-p", "no:cacheprovider", "-p", "zookeeper_servers"];
  const child = spawn("/usr/bin/python3", ["-m", "pytest", ...plugin, "-q", ...tests], {
    cwd: directory,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: "1",
      // kazoo asks which version the servers are of before it starts them.
      ZOOKEEPER_VERSION: "3.8.0",
      ZOOKEEPER_CLASSPATH: JARS.join(":"),
      ZOOKEEPER_OUTCOMES: outcomesPath,
      JAVA_TOOL_OPTIONS: "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
      ...environment,
    },
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group has ended already.
    }
  };
  const timer = setTimeout(end, timeoutMs);
  process.once("exit", end);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-MAX_PRINTED);
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  clearTimeout(timer);
  end();
  process.off("exit", end);
  const outcomes = existsSync(outcomesPath)
    ? (JSON.parse(readFileSync(outcomesPath, "utf8")) as Outcomes)
    : undefined;
  return { exitCode, printed, outcomes };
}

const RECORDED = join(import.meta.dirname, "apache-3.8.0.json");
const TESTS = "/usr/lib/python3/dist-packages/kazoo/tests";
const JARS = [
  "zookeeper",
  "zookeeper-jute",
  "netty-all",
  "slf4j-api",
  "slf4j-log4j12",
  "log4j-1.2",
].map((name) => `/usr/share/java/${name}.jar`);
const PACKAGES =
  "python3-kazoo python3-pytest python3-mock python3-objgraph libzookeeper-java default-jdk-headless";
/** Our servers refuse reconfigEnabled, and kazoo 2.8 waits without an end when it is told RECONFIGDISABLED. */
const RECONFIGURATION = "test_client.py::TestReconfig";
const MAX_PRINTED = 1_000_000;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
