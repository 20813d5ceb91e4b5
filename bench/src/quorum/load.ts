/** Loads: what is written, how it is timed. Knows nothing of who answers. */
import { CreateMode } from "@jute-ts/zookeeper";
import { Series, type WriteFigures, writeFigures } from "./latencies.js";
import { Client } from "./client.js";

export interface Fill {
  readonly address: string;
  /** How many znodes there shall be, under `/bench`. */
  readonly znodes: number;
  readonly bytes: number;
}

export interface Load {
  /** How many writes are on their way at any moment. */
  readonly outstanding: number;
  readonly seconds: number;
  /** How long it writes before anything counts. */
  readonly warmSeconds: number;
  /** Writes go to these in turn. */
  readonly znodes: number;
  readonly bytes: number;
}

/** One write: `answered` is told its error code, in the order of the writes. */
export type Write = (path: string, data: Uint8Array, answered: (err: number) => void) => void;

/** Creates the znodes, several hundred at a time. Returns how many a second. */
export async function fill({ address, znodes, bytes }: Fill): Promise<number> {
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
      if (begun < znodes) client.create(pathOf(begun++), data, expectOk(onAnswer, reject));
    };
    client.create(PARENT, data, expectOk(ignore, reject));
    for (let i = 0; i < FILL_OUTSTANDING; i++) next();
    client.flush();
  });
  const seconds = (performance.now() - beganMs) / 1000;
  await client.close();
  return znodes / seconds;
}

/** Keeps a fixed number of writes outstanding through a server's client port. */
export async function loadThrough(address: string, load: Load): Promise<WriteFigures> {
  const client = await Client.open(address);
  const figures = await new Promise<WriteFigures>((resolve, reject) => {
    client.onLost(reject);
    const write: Write = (path, data, answered) => {
      client.setData(path, data, answered);
    };
    runLoad(write, load).then(resolve, reject);
    client.flush();
  });
  await client.close();
  return figures;
}

/**
 * Begins a write whenever one is answered, until the time is over, and waits for
 * the last answers. What is answered within the time counts, from its first byte
 * to its answer.
 */
export async function runLoad(write: Write, load: Load): Promise<WriteFigures> {
  const data = dataOf(load.bytes);
  const paths = Array.from({ length: load.znodes }, (_, index) => pathOf(index));
  const latencies = new Series();
  const fromMs = performance.now() + 1000 * load.warmSeconds;
  const untilMs = fromMs + 1000 * load.seconds;
  let begun = 0;
  let pending = 0;
  await new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const beganMs = performance.now();
      pending++;
      write(paths[begun++ % paths.length] ?? PARENT, data, (err) => {
        const nowMs = performance.now();
        pending--;
        if (err !== 0) reject(new Error(`a write failed with error ${String(err)}`));
        if (nowMs >= fromMs && nowMs < untilMs) latencies.push(nowMs - beganMs);
        if (nowMs < untilMs) next();
        else if (pending === 0) resolve();
      });
    };
    for (let i = 0; i < load.outstanding; i++) next();
  });
  return writeFigures(latencies.values(), load.seconds);
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
 * Writes to one server for ever, one write after the other. Whatever goes wrong,
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

function expectOk(then: () => void, reject: (error: Error) => void): (err: number) => void {
  return (err) => {
    if (err === 0) then();
    else reject(new Error(`a write failed with error ${String(err)}`));
  };
}

function ignore(): void {
  // The first create's znode is only there for the others.
}

function pathOf(index: number): string {
  return `${PARENT}/node-${String(index).padStart(8, "0")}`;
}

function dataOf(bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(120);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const PARENT = "/bench";
const EMPTY = new Uint8Array(0);
const FILL_OUTSTANDING = 256;
const LIGHT_LOAD_MS = 300;
const PROBE_MS = 5;
const CLOSE_MS = 1000;
