/**
 * How long the compiler takes as its users see it: whole processes of the built
 * `jute` command. ZooKeeper's 72 records without and with its cache, synthetic
 * schemas of growing size for the first time and unchanged, with their peak memory, and the
 * time from saving a file under `--watch` to the new output.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { outputOf, parseOptions, runCommand } from "./command.js";
import { COMMAND, type Run, runJute, writeSchema } from "./jute-process.js";
import { describeMachine } from "./machine.js";
import { median } from "./measure.js";
import { alignColumns } from "./text-table.js";

interface Result {
  readonly what: string;
  readonly runs: number;
  /** The median over the runs. */
  readonly seconds: number;
  readonly processorSeconds: number | undefined;
  readonly peakMegabytes: number | undefined;
}

const ZOOKEEPER = fileURLToPath(new URL("../../jute-defs", import.meta.url));

const HELP = `Usage: npm run bench:compiler -- [options]

How long the built jute command takes: ZooKeeper's 72 records, synthetic schemas of growing
size, and the time from saving a file under --watch to the new output.

  --quick             Fewer runs, and schemas of 2,000 records at most
  --output text|json  What goes to standard output (default text)
  --help              This text
`;

async function main(args: readonly string[]): Promise<number> {
  const values = parseOptions(args, {
    quick: { type: "boolean", default: false },
    output: { type: "string", default: "text" },
    help: { type: "boolean", default: false },
  });
  const output = outputOf(values.output);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const work = mkdtempSync(join(tmpdir(), "jute-bench-compiler-"));
  try {
    const results = [
      ...benchZooKeeper(work, values.quick ? 3 : 7),
      await benchWatch(work, values.quick ? 3 : 9),
      ...benchSizes(work, values.quick ? [1000, 2000] : [1000, 2000, 5000, 10_000]),
    ];
    const data = { machine: describeMachine(), node: process.version, results };
    if (output === "json") console.log(JSON.stringify(data, null, 2));
    else printResults(results);
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function benchZooKeeper(work: string, runs: number): Result[] {
  const project = join(work, "zookeeper");
  cpSync(ZOOKEEPER, project, { recursive: true });
  // The cache lives in the project's node_modules, and there is none without it.
  mkdirSync(join(project, "node_modules"));
  const output = join(project, "generated");
  const cold: Run[] = [];
  const warm: Run[] = [];
  const unchanged: Run[] = [];
  const version: Run[] = [];
  for (let i = 0; i < runs; i++) {
    rmSync(output, { recursive: true, force: true });
    version.push(runJute(["--version"], project));
    cold.push(runJute(["generate", "*.jute", "-o", output, "--no-cache"], project));
    // The first run fills the cache, the second one finds everything in it.
    runJute(["generate", "*.jute", "-o", output], project);
    unchanged.push(runJute(["generate", "*.jute", "-o", output], project));
    appendFileSync(join(project, "data.jute"), "// A comment that changes nothing.\n");
    warm.push(runJute(["generate", "*.jute", "-o", output], project));
  }
  return [
    summarize("starting the process (jute --version)", version),
    summarize("ZooKeeper's 72 records, no cache", cold),
    summarize("ZooKeeper's 72 records, nothing changed", unchanged),
    summarize("ZooKeeper's 72 records, one file changed", warm),
  ];
}

function benchSizes(work: string, sizes: readonly number[]): Result[] {
  return sizes.flatMap((records) => {
    const project = join(work, `records-${String(records)}`);
    writeSchema(project, records);
    mkdirSync(join(project, "node_modules"));
    const generate = ["generate", "*.jute", "-o", join(project, "out")];
    const first = runJute(generate, project);
    const unchanged = runJute(generate, project);
    const again = runJute([...generate, "--no-cache"], project);
    // Nothing is deleted before the end: ext4 is slow to make files where many have just been deleted.
    const name = `${records.toLocaleString("en")} records`;
    return [
      summarize(`${name}, the first time`, [first]),
      summarize(`${name}, nothing changed`, [unchanged]),
      summarize(`${name}, nothing changed, no cache`, [again]),
    ];
  });
}

/** Saves a file of ZooKeeper's schema again and again and waits for the output to follow. */
async function benchWatch(work: string, runs: number): Promise<Result> {
  const project = join(work, "watch");
  cpSync(ZOOKEEPER, project, { recursive: true });
  mkdirSync(join(project, "node_modules"));
  const output = join(project, "generated");
  const child = spawn(process.execPath, [COMMAND, "generate", "*.jute", "-o", output, "--watch"], {
    cwd: project,
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    const source = join(project, "data.jute");
    const original = readFileSync(source, "utf8");
    const times: Run[] = [];
    // The first change only shows that the watcher is up.
    for (let i = 0; i <= runs; i++) {
      const field = `renamed${String(i)}`;
      const start = performance.now();
      const changed = original.replace("class Id {", `class Id {\n        int ${field};`);
      writeFileSync(source, changed);
      await appears(output, field, () => {
        // Until the watcher is up it cannot see a change, so the first one is repeated.
        if (i === 0) writeFileSync(source, changed);
      });
      if (i > 0)
        times.push({
          seconds: (performance.now() - start) / 1000,
          processorSeconds: NaN,
          peakMegabytes: NaN,
        });
      await sleep(200);
    }
    return {
      ...summarize("--watch, from saving a file to its output", times),
      processorSeconds: undefined,
      peakMegabytes: undefined,
    };
  } finally {
    child.kill();
  }
}

async function appears(output: string, field: string, nudge: () => void): Promise<void> {
  const deadline = performance.now() + 30_000;
  let nextNudge = performance.now() + 1000;
  while (performance.now() < deadline) {
    if (readId(output).includes(field)) return;
    if (performance.now() > nextNudge) {
      nudge();
      nextNudge += 1000;
    }
    await sleep(1);
  }
  throw new Error("jute generate --watch did not follow a change within 30 seconds");
}

function readId(output: string): string {
  try {
    return readFileSync(join(output, "org", "apache", "zookeeper", "data", "Id.ts"), "utf8");
  } catch {
    // Not generated yet.
    return "";
  }
}

function summarize(what: string, runs: readonly Run[]): Result {
  console.error(`done: ${what}`);
  return {
    what,
    runs: runs.length,
    seconds: median(runs.map((run) => run.seconds)),
    processorSeconds: median(runs.map((run) => run.processorSeconds)),
    peakMegabytes: median(runs.map((run) => run.peakMegabytes)),
  };
}

function printResults(results: readonly Result[]): void {
  console.log(`Node ${process.versions.node}, ${describeMachine()}`);
  const rows = results.map(({ what, runs, seconds, processorSeconds, peakMegabytes }) => [
    what,
    `${seconds.toFixed(3)} s`,
    processorSeconds === undefined ? "-" : `${processorSeconds.toFixed(3)} s CPU`,
    peakMegabytes === undefined ? "-" : `${peakMegabytes.toFixed(0)} MB peak`,
    `${String(runs)} ${runs === 1 ? "run" : "runs"}`,
  ]);
  for (const line of alignColumns(rows, [0, 4])) console.log(line);
}

await runCommand(main);
