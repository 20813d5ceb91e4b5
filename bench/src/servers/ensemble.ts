/**
 * Three servers on loopback, or one, each a process with a directory of its own, of
 * one maker: ours or Apache's. Both makers get the same zoo.cfg but for the ports.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Java, serverArguments } from "./java.js";

export type Maker = "ours" | "apache";
export const MAKERS: readonly Maker[] = ["ours", "apache"];

/** The makers in the order of a turn: who goes first changes. */
export function turn(index: number): readonly Maker[] {
  return index % 2 === 0 ? MAKERS : [...MAKERS].reverse();
}

export interface BenchServer {
  readonly sid: number;
  /** Its client port. */
  readonly address: string;
}

interface Server extends BenchServer {
  readonly home: string;
  readonly clientPort: number;
  child: ChildProcess | undefined;
  gone: Promise<void>;
}

export class BenchEnsemble {
  readonly maker: Maker;
  readonly #java: Java;
  readonly #servers: readonly Server[];

  private constructor(maker: Maker, java: Java, servers: readonly Server[]) {
    this.maker = maker;
    this.#java = java;
    this.#servers = servers;
  }

  /** Writes the configurations below `directory`; a server alone has no ensemble. Nothing runs yet. */
  static async make(
    maker: Maker,
    java: Java,
    directory: string,
    size: 1 | 3 = 3,
  ): Promise<BenchEnsemble> {
    const sids = Array.from({ length: size }, (_, index) => index + 1);
    const ports = await findFreePorts(3 * size);
    const port = (sid: number, kind: number): number => ports[3 * (sid - 1) + kind] ?? 0;
    const members = sids.map(
      (sid) =>
        `server.${String(sid)}=${HOST}:${String(port(sid, 0))}:${String(port(sid, 1))}` +
        `:participant;${HOST}:${String(port(sid, 2))}`,
    );
    const alone = { clientPortAddress: HOST, clientPort: port(1, 2) };
    const servers = sids.map((sid): Server => {
      const home = join(directory, `${maker}-${String(size)}-${String(sid)}`);
      mkdirSync(join(home, "data"), { recursive: true });
      writeFileSync(join(home, "data", "myid"), `${String(sid)}\n`);
      const settings = { dataDir: join(home, "data"), ...SETTINGS, ...(size === 1 ? alone : {}) };
      const lines = Object.entries(settings).map(([key, value]) => `${key}=${String(value)}`);
      if (size > 1) lines.push(...members);
      writeFileSync(join(home, "zoo.cfg"), [...lines, ""].join("\n"));
      return {
        sid,
        home,
        clientPort: port(sid, 2),
        address: `${HOST}:${String(port(sid, 2))}`,
        child: undefined,
        gone: Promise.resolve(),
      };
    });
    return new BenchEnsemble(maker, java, servers);
  }

  get servers(): readonly BenchServer[] {
    return this.#servers;
  }

  get addresses(): string[] {
    return this.#servers.map(({ address }) => address);
  }

  startAll(): void {
    for (const { sid } of this.#servers) this.start(sid);
  }

  start(sid: number): void {
    const server = this.#server(sid);
    const configuration = join(server.home, "zoo.cfg");
    const log = openSync(join(server.home, "log"), "a");
    // Both end with this process, however that ends: one with its channel, one with its input.
    const child =
      this.maker === "ours"
        ? fork(OWN_SERVER, ["start", configuration], {
            stdio: ["ignore", log, log, "ipc"],
            execArgv: ["--import", END_WITH_PARENT],
          })
        : spawn("java", serverArguments(this.#java, configuration), { stdio: ["pipe", log, log] });
    closeSync(log);
    server.child = child;
    server.gone = new Promise((resolve) => {
      const onEnd = (): void => {
        if (server.child === child) server.child = undefined;
        resolve();
      };
      child.once("exit", onEnd);
      child.once("error", onEnd);
    });
  }

  pid(sid: number): number {
    const pid = this.#server(sid).child?.pid;
    if (pid === undefined) throw new Error(`server ${String(sid)} does not run`);
    return pid;
  }

  /** Resolves when the process has ended, whoever ends it. */
  async gone(sid: number): Promise<void> {
    await this.#server(sid).gone;
  }

  /** Kills all processes and resolves when they are gone. The data stays. */
  async killAll(): Promise<void> {
    this.killAtOnce();
    await Promise.all(this.#servers.map(({ gone }) => gone));
  }

  /** For the end of this process, which cannot wait. */
  killAtOnce(): void {
    for (const { child } of this.#servers) child?.kill("SIGKILL");
  }

  /** Forgets everything that the servers, which must not run, have stored. */
  clear(): void {
    for (const { home } of this.#servers) {
      rmSync(join(home, "data", "version-2"), { recursive: true, force: true });
    }
  }

  /** Resolves with the id of the leader, or of the server that is alone, when all serve. */
  async ready(timeoutMs = 60_000): Promise<number> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const modes = await Promise.all(this.#servers.map(async (server) => await modeOf(server)));
      if (modes.length === 1 && modes[0] === "standalone") return 1;
      const leader = modes.indexOf("leader");
      const followers = modes.filter((mode) => mode === "follower").length;
      if (leader >= 0 && followers === modes.length - 1) return this.#servers[leader]?.sid ?? 0;
      if (performance.now() > endMs) {
        throw new Error(
          `${this.maker}: no ensemble that serves within ${String(timeoutMs)} ms: ` +
            `${modes.map((mode) => mode ?? "-").join(", ")}\n${this.logTails()}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What a four-letter word of a server tells; empty while it does not answer. */
  async word(sid: number, word: string): Promise<string> {
    return await answerOf(this.#server(sid), word);
  }

  /** The last that each server logged. */
  logTails(): string {
    return this.#servers
      .map(({ sid, home }) => {
        const log = readFileSync(join(home, "log"), "utf8").slice(-LOG_TAIL);
        return `--- ${this.maker}, server ${String(sid)}\n${log}`;
      })
      .join("\n");
  }

  #server(sid: number): Server {
    const server = this.#servers[sid - 1];
    if (server === undefined) throw new Error(`there is no server ${String(sid)}`);
    return server;
  }
}

/** What the server says that it is; undefined while it does not serve. */
async function modeOf(server: Server): Promise<string | undefined> {
  return /^Mode: (\w+)$/mu.exec(await answerOf(server, "srvr"))?.[1];
}

async function answerOf({ clientPort }: Server, word: string): Promise<string> {
  return await new Promise<string>((resolve) => {
    const socket = connect({ host: HOST, port: clientPort });
    let text = "";
    socket.setTimeout(2000, () => socket.destroy());
    socket.on("connect", () => socket.write(word));
    socket.on("data", (bytes) => {
      text += bytes.toString("utf8");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(text);
    });
  });
}

/**
 * Ports that nobody listens on, below those that systems give to connections: a
 * port on which only a leader listens must not be in a connection's hands when
 * there is a new one.
 */
async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOWEST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen({ host: HOST, port }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** The lines of zoo.cfg that both makers get. Sizes and counts are ZooKeeper's defaults, written out. */
export const SETTINGS = {
  tickTime: 2000,
  initLimit: 10,
  syncLimit: 5,
  snapCount: 100_000,
  preAllocSize: 65_536,
  "admin.enableServer": false,
  "4lw.commands.whitelist": "*",
  maxClientCnxns: 0,
} as const;
const HOST = "127.0.0.1";
const LOWEST_PORT = 20_000;
const PORTS = 10_000;
const LOG_TAIL = 2000;
/** As it is shipped. */
const OWN_SERVER = fileURLToPath(new URL("../../../packages/server/dist/main.js", import.meta.url));
const END_WITH_PARENT = new URL("end-with-parent.js", import.meta.url).href;
