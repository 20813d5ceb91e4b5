/**
 * `npm run bench:quorum`: three of our peers against three of Apache's servers, as
 * processes on loopback with their files on one disk, in turns. Method and
 * meaning: docs/quorum-performance.md.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "../machine.js";
import { HELP, type QuorumBenchOptions, readOptions, UsageError } from "./arguments.js";
import { measureDisk } from "./disk.js";
import { BenchEnsemble, type Maker, MAKERS, SETTINGS, turn } from "./ensemble.js";
import { timeFailover } from "./failover.js";
import { ApacheMissing, prepareJava } from "./java.js";
import { ApacheLoadProcess, LoadProcess } from "./loaders.js";
import type { Both, QuorumReport } from "./results.js";
import { memoryOfServers, timeStart } from "./start-up.js";
import { formatReport } from "./table.js";
import { measureWrites } from "./writes.js";

const ZNODE_BYTES = 100;
/** After a load, before memory is looked at. */
const SETTLE_MS = 1000;
const beganMs = performance.now();
/** What must end with this process, however that ends; the last first. */
const cleanUps: (() => void)[] = [];
process.on("exit", () => {
  for (const cleanUp of cleanUps.reverse()) cleanUp();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isForPeople = error instanceof ApacheMissing || error instanceof UsageError;
  console.error(isForPeople ? error.message : error);
  process.exitCode = 2;
} finally {
  // The children would keep this process alive, and end with it.
  process.exit();
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const report = await measure(options);
  const json = JSON.stringify(report, null, 2);
  console.log(options.format === "json" ? json : formatReport(report));
  if (options.out !== undefined) {
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, "results.json"), `${json}\n`);
    writeFileSync(join(options.out, "results.txt"), `${formatReport(report)}\n`);
  }
  return 0;
}

async function measure({ plan, quick, directory }: QuorumBenchOptions): Promise<QuorumReport> {
  const work = mkdtempSync(join(directory ?? tmpdir(), "jute-ts-bench-quorum-"));
  cleanUps.push(() => {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  });
  const java = prepareJava(work);
  const ensembles: Both<BenchEnsemble> = {
    ours: await BenchEnsemble.make("ours", java, work),
    apache: await BenchEnsemble.make("apache", java, work),
  };
  const loaders = { same: new LoadProcess(), apache: new ApacheLoadProcess(java) };
  cleanUps.push(() => {
    for (const maker of MAKERS) ensembles[maker].killAtOnce();
    loaders.same.stop();
    loaders.apache.stop();
  });

  const disk = measureDisk(work);
  progress(`disk: a write and its fdatasync take ${disk.p50.toFixed(2)} ms`);

  const empty: Both<number[]> = { ours: [], apache: [] };
  await alternating(plan.emptyStarts, async (maker) => {
    await ensembles[maker].killAll();
    ensembles[maker].clear();
    const tookMs = await timeStart(ensembles[maker], loaders.same);
    empty[maker].push(tookMs);
    progress(`start on empty directories, ${maker}: ${tookMs.toFixed(0)} ms`);
    await ensembles[maker].ready();
  });

  const memory: QuorumReport["memory"][number][] = [];
  const noteMemory = (when: string): void => {
    const [ours, apache] = MAKERS.map((maker) => memoryOfServers(ensembles[maker]));
    memory.push({ when, servers: { ours: ours ?? [], apache: apache ?? [] } });
  };
  await pause(SETTLE_MS);
  noteMemory("idle, no znodes");

  const createsPerSecond = { ours: NaN, apache: NaN };
  for (const maker of MAKERS) {
    const ensemble = ensembles[maker];
    const address = ensemble.servers[(await ensemble.ready()) - 1]?.address ?? "";
    const rate = await loaders.same.fill({ address, znodes: plan.znodes, bytes: ZNODE_BYTES });
    createsPerSecond[maker] = rate;
    progress(`${plan.znodes.toLocaleString("en")} creates, ${maker}: ${rate.toFixed(0)} a second`);
  }
  await pause(SETTLE_MS);
  const znodes = `${plan.znodes.toLocaleString("en")} znodes of ${String(ZNODE_BYTES)} B`;
  noteMemory(`${znodes} created`);

  const withHistory: Both<number[]> = { ours: [], apache: [] };
  await alternating(plan.historyStarts, async (maker) => {
    await ensembles[maker].killAll();
    const tookMs = await timeStart(ensembles[maker], loaders.same);
    withHistory[maker].push(tookMs);
    progress(`start on ${znodes}, ${maker}: ${tookMs.toFixed(0)} ms`);
    await ensembles[maker].ready();
  });
  await pause(SETTLE_MS);
  noteMemory(`${znodes}, started again`);

  const writes = await measureWrites(ensembles, loaders, plan, progress);
  noteMemory("after all writes");

  const failover: Both<number[]> = { ours: [], apache: [] };
  await alternating(plan.kills, async (maker) => {
    const tookMs = await timeFailover(ensembles[maker], loaders.same);
    failover[maker].push(tookMs);
    progress(`kill of the leader, ${maker}: ${tookMs.toFixed(0)} ms to the next write`);
  });

  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    node: process.versions.node,
    java: java.versions.java,
    zookeeper: java.versions.zookeeper,
    quick,
    plan,
    settings: SETTINGS,
    disk,
    startUp: { empty, withHistory },
    memory,
    createsPerSecond,
    writes,
    failover,
  };
}

/** Does it for both makers, `times` times in turn; who begins changes. */
async function alternating(times: number, what: (maker: Maker) => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time++) {
    for (const maker of turn(time)) await what(maker);
  }
}

function progress(text: string): void {
  console.error(`[${((performance.now() - beganMs) / 1000).toFixed(0)} s] ${text}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
