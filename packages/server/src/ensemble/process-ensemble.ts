/**
 * An ensemble whose servers are processes of their own, so that one can be killed
 * without a chance to say goodbye. Each runs `zk-peer start` on a zoo.cfg.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Sid } from "@jute-ts/zookeeper";
import { findFreePorts } from "./ensemble.js";

export interface ProcessEnsembleOptions {
  readonly size?: number;
  readonly observers?: number;
  /** A directory for each server. Default: temporary, removed at the end. */
  readonly directory?: string;
  /** More lines of zoo.cfg. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Told each line that a server prints. */
  readonly onLine?: (sid: Sid, text: string) => void;
  readonly format?: "text" | "json";
}

/** One server. */
export interface ServerProcess {
  readonly sid: Sid;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly directory: string;
  /** Where it answers ZooKeeper's commands. */
  readonly clientAddress: string;
}

interface Server {
  readonly sid: Sid;
  readonly directory: string;
  readonly clientAddress: string;
  child: ChildProcess | undefined;
}

export class ProcessEnsemble {
  readonly directory: string;
  readonly #options: ProcessEnsembleOptions;
  readonly #servers: readonly Server[];

  /** Use `startProcessEnsemble`. */
  constructor(options: ProcessEnsembleOptions, directory: string, servers: readonly Server[]) {
    this.#options = options;
    this.directory = directory;
    this.#servers = servers;
  }

  get servers(): readonly ServerProcess[] {
    return this.#servers.map(({ sid, directory, clientAddress, child }) => ({
      sid,
      pid: child?.pid,
      directory,
      clientAddress,
    }));
  }

  /** Starts a server that does not run. */
  start(sid: Sid): void {
    const server = this.#server(sid);
    if (server.child !== undefined) throw new Error(`server ${sid} runs already`);
    const main = fileURLToPath(import.meta.resolve("../main.js"));
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        main,
        "start",
        join(server.directory, "zoo.cfg"),
        "--format",
        this.#options.format ?? "text",
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    server.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (text) => {
        this.#options.onLine?.(sid, text);
      });
    }
    child.once("exit", () => {
      if (server.child === child) server.child = undefined;
    });
  }

  /** Ends a server, with SIGKILL unless told otherwise, and resolves when it is gone. */
  async kill(sid: Sid, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { child } = this.#server(sid);
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      child.once("exit", () => {
        resolve();
      });
    });
    child.kill(signal);
    await gone;
  }

  /** Stops all servers, those that do not stop in time by force, and removes what was made for them. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#servers.map(async ({ sid }) => {
        const timer = setTimeout(() => void this.kill(sid), STOP_MS);
        await this.kill(sid, "SIGTERM");
        clearTimeout(timer);
      }),
    );
    if (this.#options.directory === undefined) {
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  #server(sid: Sid): Server {
    const server = this.#servers.find((candidate) => candidate.sid === sid);
    if (server === undefined) throw new Error(`there is no server ${sid}`);
    return server;
  }
}

/** Writes the configurations and starts all servers. They look for a leader when it resolves. */
export async function startProcessEnsemble(
  options: ProcessEnsembleOptions = {},
): Promise<ProcessEnsemble> {
  const { size = 3, observers = 0, settings = {} } = options;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "jute-ts-ensemble-")));
  const count = size + observers;
  const ports = await findFreePorts(3 * count);
  const port = (index: number, kind: number): number => ports[3 * index + kind] ?? 0;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const serverLines = indexes.map((index) => {
    const role = index < size ? "participant" : "observer";
    const address = `${LOOPBACK}:${port(index, 0)}:${port(index, 1)}:${role}`;
    return `server.${index + 1}=${address};${LOOPBACK}:${port(index, 2)}`;
  });
  const servers = indexes.map((index): Server => {
    const home = join(directory, String(index + 1));
    const lines = {
      dataDir: join(home, "data"),
      tickTime: 200,
      initLimit: 20,
      syncLimit: 10,
      preAllocSize: 64,
      "4lw.commands.whitelist": "*",
      ...settings,
    };
    mkdirSync(lines.dataDir, { recursive: true });
    writeFileSync(join(lines.dataDir, "myid"), `${index + 1}\n`);
    const text = [
      ...Object.entries(lines).map(([key, value]) => `${key}=${value}`),
      ...serverLines,
    ];
    writeFileSync(join(home, "zoo.cfg"), `${text.join("\n")}\n`);
    return {
      sid: BigInt(index + 1),
      directory: home,
      clientAddress: `${LOOPBACK}:${port(index, 2)}`,
      child: undefined,
    };
  });
  const ensemble = new ProcessEnsemble(options, directory, servers);
  for (const { sid } of servers) ensemble.start(sid);
  return ensemble;
}

const LOOPBACK = "127.0.0.1";
const STOP_MS = 5000;
