/** Loads: what is asked for, and how it is timed. Knows nothing of who answers. */
import { CreateMode, OpCode } from "@jute-ts/zookeeper";
import { Client, readRequest, writeRequest } from "./client.js";
import { type LoadFigures, loadFigures, Series } from "./latencies.js";

export interface Fill {
  readonly address: string;
  /** The parent, which is made too. */
  readonly parent: string;
  /** How many znodes there shall be under it. */
  readonly znodes: number;
  readonly bytes: number;
}

/** What a load does with each znode: `mixed` writes one time in ten and reads otherwise. */
export type Operation = "setData" | "getData" | "exists" | "getChildren" | "mixed";

export interface Load {
  readonly operation: Operation;
  /** How many requests of each connection are on their way at any moment. */
  readonly outstanding: number;
  readonly connections: number;
  readonly seconds: number;
  /** How long it runs before anything counts. */
  readonly warmSeconds: number;
  /** The requests go to the children of this znode in turn; those for children go to itself. */
  readonly parent: string;
  readonly znodes: number;
  /** What is written. */
  readonly bytes: number;
}

/** Creates the znodes, several hundred at a time. Returns how many a second. */
export async function fill({ address, parent, znodes, bytes }: Fill): Promise<number> {
  const client = await Client.open(address);
  const data = dataOf(bytes);
  const beganMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    client.onLost(reject);
    let begun = 0;
    let answered = 0;
    const onAnswer = (): void => {
      if (++answered === znodes) resolve();
      else next();
    };
    const next = (): void => {
      if (begun < znodes) client.create(pathOf(parent, begun++), data, expectOk(onAnswer, reject));
    };
    client.create(parent, data, expectOk(ignore, reject));
    for (let i = 0; i < FILL_OUTSTANDING; i++) next();
    client.flush();
  });
  const seconds = (performance.now() - beganMs) / 1000;
  await client.close();
  return znodes / seconds;
}

/** Keeps a fixed number of requests outstanding on each of the connections to a server. */
export async function loadThrough(address: string, load: Load): Promise<LoadFigures> {
  const clients = await openAll(address, load.connections);
  try {
    return await runLoad(clients, load);
  } finally {
    await Promise.all(
      clients.map(async (client) => {
        await client.close();
      }),
    );
  }
}

/** Opens so many sessions, some dozens at a time. */
export async function openAll(
  address: string,
  count: number,
  sessionMs?: number,
): Promise<Client[]> {
  const clients: Client[] = [];
  let begun = 0;
  const openSome = async (): Promise<void> => {
    while (begun++ < count) {
      const options = { timeoutMs: OPEN_MS, ...(sessionMs === undefined ? {} : { sessionMs }) };
      clients.push(await Client.open(address, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, OPEN_AT_ONCE) }, openSome));
  return clients;
}

/**
 * Begins a request whenever one is answered, until the time is over, and waits for
 * the last answers. What is answered within the time counts, from its first byte
 * to the last of its answer.
 */
async function runLoad(clients: readonly Client[], load: Load): Promise<LoadFigures> {
  const request = requestOf(load);
  const latencies = new Series();
  const fromMs = performance.now() + 1000 * load.warmSeconds;
  const untilMs = fromMs + 1000 * load.seconds;
  let pending = 0;
  await new Promise<void>((resolve, reject) => {
    const begin = (client: Client): void => {
      // Answers come in the order of the requests, so the times of those on their way are a ring.
      const beganMs = new Float64Array(load.outstanding);
      let oldest = 0;
      const onAnswer = (err: number): void => {
        const nowMs = performance.now();
        if (err !== 0) reject(new Error(`a request failed with error ${String(err)}`));
        const tookMs = nowMs - (beganMs[oldest] ?? nowMs);
        if (nowMs >= fromMs && nowMs < untilMs) latencies.push(tookMs);
        if (nowMs < untilMs) {
          beganMs[oldest] = nowMs;
          if (++oldest === load.outstanding) oldest = 0;
          client.request(request(), onAnswer);
        } else if (--pending === 0) resolve();
      };
      client.onLost(reject);
      for (let i = 0; i < load.outstanding; i++) {
        beganMs[i] = performance.now();
        pending++;
        client.request(request(), onAnswer);
      }
      client.flush();
    };
    for (const client of clients) begin(client);
  });
  return loadFigures(latencies.values(), load.seconds);
}

/** The bytes of the next request. */
type Request = () => Uint8Array;

/** One request after the other, each for the next znode. */
function requestOf({ operation, parent, znodes, bytes }: Load): Request {
  if (operation === "getChildren") {
    const request = readRequest(OpCode.getChildren, parent);
    return () => request;
  }
  const data = dataOf(bytes);
  const writes = madeOnce(znodes, (index) => writeRequest(pathOf(parent, index), data));
  const opCode = operation === "exists" ? OpCode.exists : OpCode.getData;
  const reads = madeOnce(znodes, (index) => readRequest(opCode, pathOf(parent, index)));
  let begun = 0;
  return () => {
    const index = begun++;
    const isWrite =
      operation === "setData" || (operation === "mixed" && index % MIXED === MIXED - 1);
    return (isWrite ? writes : reads)(index % znodes);
  };
}

/** Makes the bytes of each index when they are first wanted. */
function madeOnce(
  count: number,
  make: (index: number) => Uint8Array,
): (index: number) => Uint8Array {
  const made = new Array<Uint8Array | undefined>(count);
  return (index) => (made[index] ??= make(index));
}

/** Writes as soon as anybody takes a write. Resolves when the first one is answered. */
export async function firstWrite(addresses: readonly string[]): Promise<void> {
  const attempts = addresses.map((address) => new Probe(address));
  try {
    await Promise.race(attempts.map((attempt) => attempt.nextAfter(-Infinity)));
  } finally {
    for (const attempt of attempts) attempt.stop();
  }
}

export interface Kill {
  readonly pid: number;
  /** The servers that live on. */
  readonly addresses: readonly string[];
}

/**
 * Kills a process while a light load runs through each of the others: one write
 * at a time. Resolves with the milliseconds to the answer of the first write that
 * was begun after the kill.
 */
export async function killUnderLoad({ pid, addresses }: Kill): Promise<number> {
  const probes = addresses.map((address) => new Probe(address));
  try {
    await Promise.all(probes.map((probe) => probe.nextAfter(-Infinity)));
    await pause(LIGHT_LOAD_MS);
    process.kill(pid, "SIGKILL");
    const killedMs = performance.now();
    await Promise.race(probes.map((probe) => probe.nextAfter(killedMs)));
    return performance.now() - killedMs;
  } finally {
    for (const probe of probes) probe.stop();
  }
}

/**
 * Writes to one server forever, one write after the other. Whatever goes wrong,
 * it connects again at once, with a new session: no client's delay between
 * attempts is in what it measures.
 */
class Probe {
  readonly #address: string;
  #stopped = false;
  #client: Client | undefined;
  #waiting: { readonly afterMs: number; readonly resolve: () => void }[] = [];

  constructor(address: string) {
    this.#address = address;
    void this.#run();
  }

  /** Resolves with the answer to the first write that begins after that time. */
  async nextAfter(afterMs: number): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push({ afterMs, resolve }));
  }

  stop(): void {
    this.#stopped = true;
    const client = this.#client;
    const timer = setTimeout(() => client?.destroy(), CLOSE_MS);
    void client?.close().finally(() => {
      clearTimeout(timer);
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#client ??= await Client.open(this.#address);
        const beganMs = performance.now();
        await this.#write(this.#client);
        this.#waiting = this.#waiting.filter(({ afterMs, resolve }) => {
          if (beganMs <= afterMs) return true;
          resolve();
          return false;
        });
      } catch {
        this.#client?.destroy();
        this.#client = undefined;
      }
      await pause(PROBE_MS);
    }
  }

  async #write(client: Client): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      client.onLost(reject);
      client.create("/probe-", EMPTY, expectOk(resolve, reject), CreateMode.PERSISTENT_SEQUENTIAL);
      client.flush();
    });
  }
}

export function expectOk(then: () => void, reject: (error: Error) => void): (err: number) => void {
  return (err) => {
    if (err === 0) then();
    else reject(new Error(`a request failed with error ${String(err)}`));
  };
}

function ignore(): void {
  // The first create's znode is only there for the others.
}

export function pathOf(parent: string, index: number): string {
  return `${parent}/node-${String(index).padStart(8, "0")}`;
}

function dataOf(bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(120);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const EMPTY = new Uint8Array(0);
/** One request of so many writes, where both are asked for. */
const MIXED = 10;
const FILL_OUTSTANDING = 256;
const OPEN_AT_ONCE = 64;
const OPEN_MS = 30_000;
const LIGHT_LOAD_MS = 300;
const PROBE_MS = 5;
const CLOSE_MS = 1000;
