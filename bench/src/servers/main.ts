/**
 * `npm run bench:servers`: our servers against Apache's, as processes on loopback
 * with their files on one disk, in turns. Method and meaning:
 * docs/server-performance.md.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "../machine.js";
import { runCommand } from "../command.js";
import { HELP, type ServersBenchOptions, readOptions } from "./arguments.js";
import { measureDisk } from "./disk.js";
import { BenchEnsemble, type Maker, MAKERS, SETTINGS, turn } from "./ensemble.js";
import { timeFailover } from "./failover.js";
import { prepareJava } from "./java.js";
import { ApacheLoadProcess, LoadProcess } from "./loaders.js";
import { measureMany } from "./many.js";
import {
  addressOf,
  type Ensembles,
  type Loaders,
  makeZnodes,
  measureRows,
  rowsAlone,
  rowsOfThree,
} from "./operations.js";
import type { Memory } from "./memory.js";
import type { Plan } from "./plan.js";
import type { Both, ServersReport } from "./results.js";
import { timeSessions } from "./sessions.js";
import { memoryOfServers, timeStart } from "./start-up.js";
import { formatReport } from "./table.js";

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

await runCommand(main);
// The children would keep this process alive, and end with it.
process.exit();

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  // What takes minutes to measure must find a place where it can be written.
  if (options.out !== undefined) mkdirSync(options.out, { recursive: true });
  const report = await measure(options);
  const json = JSON.stringify(report, null, 2);
  console.log(options.output === "json" ? json : formatReport(report));
  if (options.out !== undefined) {
    writeFileSync(join(options.out, "results.json"), `${json}\n`);
    writeFileSync(join(options.out, "results.txt"), `${formatReport(report)}\n`);
  }
  return 0;
}

async function measure({ plan, quick, directory }: ServersBenchOptions): Promise<ServersReport> {
  const work = mkdtempSync(join(directory ?? tmpdir(), "jute-ts-bench-servers-"));
  cleanUps.push(() => {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  });
  const java = prepareJava(work);
  const ensembles: Both<BenchEnsemble> = {
    ours: await BenchEnsemble.make("ours", java, work),
    apache: await BenchEnsemble.make("apache", java, work),
  };
  const alone: Both<BenchEnsemble> = {
    ours: await BenchEnsemble.make("ours", java, work, 1),
    apache: await BenchEnsemble.make("apache", java, work, 1),
  };
  const loaders: Loaders = { ours: new LoadProcess(), java: new ApacheLoadProcess(java) };
  for (const each of [ensembles.ours, ensembles.apache, alone.ours, alone.apache]) {
    cleanUps.push(() => {
      each.killAtOnce();
    });
  }
  cleanUps.push(() => {
    loaders.ours.stop();
    loaders.java.stop();
  });

  const disk = measureDisk(work);
  progress(`disk: a write and its fdatasync take ${disk.p50.toFixed(2)} ms`);

  const empty: Both<number[]> = { ours: [], apache: [] };
  await alternating(plan.emptyStarts, async (maker) => {
    await ensembles[maker].killAll();
    ensembles[maker].clear();
    const tookMs = await timeStart(ensembles[maker], loaders.ours);
    empty[maker].push(tookMs);
    progress(`start on empty directories, ${maker}: ${tookMs.toFixed(0)} ms`);
    await ensembles[maker].ready();
  });

  const memory: ServersReport["memory"][number][] = [];
  const noteMemory = (when: string): void => {
    const [ours, apache] = MAKERS.map((maker) => memoryOfServers(ensembles[maker]));
    memory.push({ when, servers: { ours: ours ?? [], apache: apache ?? [] } });
  };
  await pause(SETTLE_MS);
  noteMemory("idle, no znodes");

  const createsPerSecond = await makeZnodes(ensembles, loaders, plan);
  for (const maker of MAKERS) {
    const rate = createsPerSecond[maker].toFixed(0);
    progress(`${count(plan.znodes)} creates, ${maker}: ${rate} a second`);
  }
  await pause(SETTLE_MS);
  const znodes = `${count(plan.znodes)} znodes of ${String(ZNODE_BYTES)} B`;
  noteMemory(`${znodes} created`);

  const withHistory: Both<number[]> = { ours: [], apache: [] };
  await alternating(plan.historyStarts, async (maker) => {
    await ensembles[maker].killAll();
    const tookMs = await timeStart(ensembles[maker], loaders.ours);
    withHistory[maker].push(tookMs);
    progress(`start on ${znodes}, ${maker}: ${tookMs.toFixed(0)} ms`);
    await ensembles[maker].ready();
  });
  await pause(SETTLE_MS);
  noteMemory(`${znodes}, started again`);

  const rows = await measureRows(rowsOfThree(plan), ensembles, loaders, plan, progress);
  noteMemory("after all loads");

  const { fanOut, manyWatches } = await measureWatches(ensembles, loaders, plan);
  const opened: Both<number[]> = { ours: [], apache: [] };
  const expired: Both<number[]> = { ours: [], apache: [] };
  const whileOpen: Partial<Record<Maker, Memory[]>> = {};
  for (const maker of MAKERS) {
    const { openedMs, expiredMs } = await timeSessions(
      ensembles[maker],
      loaders.ours,
      plan.sessions,
      () => {
        whileOpen[maker] = memoryOfServers(ensembles[maker]);
      },
    );
    opened[maker].push(openedMs);
    expired[maker].push(expiredMs);
    progress(`${count(plan.sessions)} sessions, ${maker}: opened in ${openedMs.toFixed(0)} ms`);
  }
  memory.push({
    when: `${count(plan.sessions)} sessions open`,
    servers: { ours: whileOpen.ours ?? [], apache: whileOpen.apache ?? [] },
  });

  const failover: Both<number[]> = { ours: [], apache: [] };
  await alternating(plan.kills, async (maker) => {
    const tookMs = await timeFailover(ensembles[maker], loaders.ours);
    failover[maker].push(tookMs);
    progress(`kill of the leader, ${maker}: ${tookMs.toFixed(0)} ms to the next write`);
  });

  for (const maker of MAKERS) await ensembles[maker].killAll();
  for (const maker of MAKERS) alone[maker].startAll();
  await makeZnodes(alone, loaders, plan);
  const rowsOfOne = await measureRows(rowsAlone(plan), alone, loaders, plan, progress);
  for (const maker of MAKERS) await alone[maker].killAll();
  const many =
    plan.many === 0
      ? undefined
      : await measureMany(loaders.ours, {
          java,
          directory: work,
          znodes: plan.many,
          bytes: ZNODE_BYTES,
          progress,
          onEnsemble: (ensemble) => {
            cleanUps.push(() => {
              ensemble.killAtOnce();
            });
          },
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
    rows,
    alone: rowsOfOne,
    fanOut,
    manyWatches,
    sessions: { opened, expired },
    failover,
    many,
  };
}

async function measureWatches(
  ensembles: Ensembles,
  loaders: Loaders,
  { watchTurns, watchers, watchedZnodes }: Plan,
): Promise<Pick<ServersReport, "fanOut" | "manyWatches">> {
  const fanOut: Both<number[]> = { ours: [], apache: [] };
  const manyWatches: Both<number[]> = { ours: [], apache: [] };
  await alternating(watchTurns, async (maker) => {
    const ensemble = ensembles[maker];
    const address = addressOf(ensemble, await ensemble.ready());
    const watching = { address, parent: "/bench" };
    const fanOutMs = await loaders.ours.fanOut({ ...watching, count: watchers });
    const manyMs = await loaders.ours.manyWatches({ ...watching, count: watchedZnodes });
    fanOut[maker].push(fanOutMs);
    manyWatches[maker].push(manyMs);
    progress(
      `watches, ${maker}: ${fanOutMs.toFixed(0)} ms to all watchers, ${manyMs.toFixed(0)} ms for all znodes`,
    );
  });
  return { fanOut, manyWatches };
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

function count(value: number): string {
  return value.toLocaleString("en");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
