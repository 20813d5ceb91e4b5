/**
 * Kills servers of an ensemble of our peers with SIGKILL, under load, and looks
 * after each kill whether everything that was acknowledged is there, on every
 * server, with equal digests. Each server is a process of its own on loopback.
 *
 *   tsx -C @jute-ts/source packages/quorum/test/chaos/chaos.ts
 *     [--cycles 10] [--seed 1] [--minutes 10] [--size 3]
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { findFreePorts } from "../../src/node/ensemble.js";
import type { Answer, Question } from "./chaos-server.js";

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "10" },
    size: { type: "string", default: "3" },
  },
});

/** A server's process, and the questions that it has not answered. */
class ServerProcess {
  readonly #program: string;
  readonly #home: string;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #lastId = 0;

  constructor(program: string, home: string) {
    this.#program = program;
    this.#home = home;
  }

  start(): void {
    const log = openSync(join(this.#home, "log"), "a");
    const child = fork(this.#program, [join(this.#home, "zoo.cfg")], {
      stdio: ["ignore", log, log, "ipc"],
      execArgv: [],
    });
    closeSync(log);
    this.#child = child;
    child.on("message", ({ id, answer }: { id: number; answer: Answer }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    child.on("error", () => undefined);
    this.#gone = new Promise((resolve) => {
      child.once("exit", () => {
        this.#child = undefined;
        for (const settle of this.#waiting.values()) settle(undefined);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#gone;
  }

  /** For the handler of a signal or the end of this process, which cannot wait. */
  killAtOnce(): void {
    this.#child?.kill("SIGKILL");
  }

  /** Undefined when the server is gone, or goes before it answers. */
  async ask(question: Question): Promise<Answer | undefined> {
    const child = this.#child;
    if (child?.connected !== true) return undefined;
    const id = ++this.#lastId;
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      child.send({ id, question }, (error) => {
        if (error !== null) resolve(undefined);
      });
    });
  }

  async status(): Promise<Extract<Answer, { kind: "status" }> | undefined> {
    const answer = await this.ask({ kind: "status" });
    return answer?.kind === "status" ? answer : undefined;
  }

  logTail(): string {
    return readFileSync(join(this.#home, "log"), "utf8").slice(-2000);
  }
}

/** Mulberry32: the choices of a run are those of its seed; what the machine makes of them is not. */
let randomState = Number(values.seed) >>> 0;
function random(): number {
  randomState = (randomState + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(randomState ^ (randomState >>> 15), randomState | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const WRITERS = 8;
const SETTLE_MS = 30_000;
const size = Number(values.size);
const endMs = Date.now() + Number(values.minutes) * 60_000;
const directory = mkdtempSync(join(tmpdir(), "jute-ts-chaos-"));
const servers: ServerProcess[] = [];
process.on("exit", () => {
  for (const server of servers) server.killAtOnce();
  rmSync(directory, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const acknowledged: string[] = [];
const failovers: number[] = [];
let unknown = 0;
let kills = 0;
let comparisons = 0;
let cycles = 0;
let lastPath = 0;
let leaderKilledMs: number | undefined;

try {
  await run();
  const times = failovers.sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0);
  console.log(
    `seed ${values.seed}: ${cycles} cycles, ${kills} kills, ${acknowledged.length} acknowledged, ` +
      `${unknown} unknown, 0 lost, ${comparisons} digests compared; kill of the leader to the next ` +
      `acknowledged write: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms (${times.length})`,
  );
  if (cycles < Number(values.cycles)) throw new Error(`only ${cycles} cycles within the time`);
  process.exit(0);
} catch (error) {
  console.error(`seed ${values.seed}, cycle ${cycles + 1}:`, error);
  for (const [index, server] of servers.entries()) {
    console.error(`--- server ${index + 1}\n${server.logTail()}`);
  }
  process.exit(1);
}

async function run(): Promise<void> {
  await makeServers();
  for (const server of servers) server.start();
  await settled();
  while (cycles < Number(values.cycles) && Date.now() < endMs) {
    const first = acknowledged.length;
    const writing = { on: true };
    const writers = Array.from({ length: WRITERS }, () => write(writing));
    await delay(50 + random() * 200);
    const victims = await chooseVictims();
    await Promise.all(victims.map((victim) => victim.kill()));
    kills += victims.length;
    await delay(100 + random() * 900);
    for (const victim of victims) victim.start();
    await serving();
    await delay(100);
    writing.on = false;
    await within(Promise.all(writers), "the writers' last answers");
    leaderKilledMs = undefined;
    await settled();
    await findAll(acknowledged.slice(first));
    cycles++;
    console.log(
      `cycle ${cycles}: ${victims.length} killed, ${acknowledged.length - first} acknowledged, all found`,
    );
  }
  await findAll(acknowledged);
}

async function makeServers(): Promise<void> {
  const program = join(directory, "server.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("chaos-server.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jute-ts/source"],
    outfile: program,
    logLevel: "warning",
  });
  const ports = await findFreePorts(2 * size);
  const lines = Array.from({ length: size }, (_, index) => {
    const [quorumPort = 0, electionPort = 0] = ports.slice(2 * index);
    return `server.${index + 1}=127.0.0.1:${quorumPort}:${electionPort}`;
  });
  for (let sid = 1; sid <= size; sid++) {
    const home = join(directory, String(sid));
    const data = join(home, "data");
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "myid"), `${sid}\n`);
    const limits = ["tickTime=200", "initLimit=20", "syncLimit=10", "preAllocSize=64"];
    writeFileSync(join(home, "zoo.cfg"), [`dataDir=${data}`, ...limits, ...lines, ""].join("\n"));
    servers.push(new ServerProcess(program, home));
  }
}

/** The leader half of the time, else any; now and then a second one, which leaves no quorum of three. */
async function chooseVictims(): Promise<ServerProcess[]> {
  const wantsLeader = random() < 0.5;
  const start = Math.floor(random() * size);
  const statuses = await Promise.all(servers.map((server) => server.status()));
  const leader = statuses.findIndex((status) => status?.role === "leading");
  const first = wantsLeader && leader >= 0 ? leader : start;
  const count = random() < 0.15 ? 2 : 1;
  const indexes = Array.from({ length: count }, (_, step) => (first + step) % size);
  if (indexes.includes(leader)) leaderKilledMs = performance.now();
  return indexes.flatMap((index) => servers[index] ?? []);
}

async function write(writing: { readonly on: boolean }): Promise<void> {
  while (writing.on) {
    const path = `/n${++lastPath}`;
    // Not the seed's: how many writes there are depends on the machine.
    const server = servers[Math.floor(Math.random() * size)];
    const startedMs = performance.now();
    const answer = await server?.ask({ kind: "create", path });
    if (answer?.kind === "created" && answer.outcome === "acknowledged") {
      acknowledged.push(path);
      if (leaderKilledMs !== undefined && startedMs > leaderKilledMs) {
        failovers.push(performance.now() - leaderKilledMs);
        leaderKilledMs = undefined;
      }
    } else {
      if (answer?.kind !== "created" || answer.outcome === "unknown") unknown++;
      await delay(5);
    }
  }
}

async function serving(): Promise<void> {
  await until("all servers to serve", async () => {
    const statuses = await Promise.all(servers.map((server) => server.status()));
    return statuses.every((status) => status?.serving === true);
  });
}

/** Resolves when all serve and have applied the same; throws where equal zxids have other digests. */
async function settled(): Promise<void> {
  await until("all servers to serve at one zxid", async () => {
    const statuses = await Promise.all(servers.map((server) => server.status()));
    const [first] = statuses;
    const agree = statuses.every(
      (status) => status?.serving === true && status.zxid === first?.zxid,
    );
    if (!agree) return false;
    comparisons++;
    if (statuses.some((status) => status?.digest !== first?.digest)) {
      throw new Error(`digests differ: ${JSON.stringify(statuses)}`);
    }
    return true;
  });
}

async function findAll(paths: readonly string[]): Promise<void> {
  for (const [index, server] of servers.entries()) {
    const answer = await within(server.ask({ kind: "missing", paths }), "the paths of a server");
    if (answer?.kind !== "missing") throw new Error(`server ${index + 1} is gone`);
    if (answer.paths.length > 0) {
      throw new Error(`LOST on server ${index + 1}: ${answer.paths.slice(0, 20).join(" ")}`);
    }
  }
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const limitMs = Date.now() + SETTLE_MS;
  while (!(await within(condition(), what))) {
    if (Date.now() > limitMs) throw new Error(`waited ${SETTLE_MS} ms for ${what}`);
    await delay(20);
  }
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const limit = new AbortController();
  const late = delay(SETTLE_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`waited ${SETTLE_MS} ms for ${what}`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
  }
}
