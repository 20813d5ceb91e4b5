/**
 * An ensemble whose servers are processes of their own, so that one can be killed
 * without a chance to say goodbye. Each runs the command `start` on a zoo.cfg, and
 * ends with the process that started it, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Sid } from "@jute-ts/zookeeper";
import type { EnsembleControl } from "./ensemble-control.js";
import { type EnsembleLayout, layOutOnDisk, type ServerLayout } from "./ensemble-layout.js";
import {
  checkStartOptions,
  type EnsembleLayoutOptions,
  LAYOUT_OPTION_NAMES,
  serverOf,
} from "./ensemble-options.js";
import { EnsembleStoppedError, TimeoutError } from "../node/errors.js";
import type { OptionNames } from "../node/option-names.js";
import { checkWaitOptions, DEFAULT_WAIT_MS, type WaitOptions } from "../node/waiting.js";
import { askFourLetterWord } from "../node/four-letter-word.js";

export interface ProcessEnsembleOptions extends EnsembleLayoutOptions, WaitOptions {
  /** Told each line that a server prints. */
  readonly onLine?: ((sid: Sid, text: string) => void) | undefined;
  /** The form of those lines. Default: text. */
  readonly output?: "text" | "json" | undefined;
  /** The file of the command that each server runs. Default: this package's. */
  readonly program?: string | undefined;
}

/** One server. */
export interface ServerProcess extends ServerLayout<string> {
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
}

interface Server extends ServerLayout<string> {
  child: ChildProcess | undefined;
  /** Whether its ports are its own: before, another one may answer there. */
  hasStarted: boolean;
  /** The last line that it printed, for whoever asks why it ended. */
  lastLine: string;
}

export class ProcessEnsemble implements EnsembleControl {
  readonly #options: ProcessEnsembleOptions;
  readonly #layout: EnsembleLayout<string>;
  readonly #servers: readonly Server[];
  #isStopped = false;

  /** Use `startProcessEnsemble`. */
  constructor(options: ProcessEnsembleOptions, layout: EnsembleLayout<string>) {
    this.#options = options;
    this.#layout = layout;
    this.#servers = layout.servers.map((server) => ({
      ...server,
      child: undefined,
      hasStarted: false,
      lastLine: "",
    }));
  }

  /** Holds a directory for each server, with its zoo.cfg and its data. */
  get directory(): string {
    return this.#layout.directory;
  }

  /** What clients are given to find the servers: `host:port,host:port`. */
  get connectString(): string {
    return this.#layout.connectString;
  }

  get servers(): readonly ServerProcess[] {
    return this.#servers.map(({ sid, role, directory, configurationPath, client, child }) => ({
      sid,
      role,
      directory,
      configurationPath,
      client,
      pid: child?.pid,
    }));
  }

  /**
   * Starts a server that does not run, on the data that it has. Resolves when it has opened its
   * ports and read its disk; rejects with what it printed last when it ends before.
   */
  async startServer(id: Sid | number): Promise<void> {
    this.#checkNotStopped();
    const server = this.#server(id);
    const { sid } = server;
    if (server.child !== undefined) throw new Error(`server ${sid} runs already`);
    const { program, output = "text", onLine } = this.#options;
    const main = program ?? fileURLToPath(import.meta.resolve("../main.js"));
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        main,
        "start",
        server.configurationPath,
        "--output",
        output,
        WITH_PARENT,
      ],
      // The server ends when the channel does, which no signal to this process can prevent.
      { stdio: ["ignore", "pipe", "pipe", "ipc"] },
    );
    server.child = child;
    server.hasStarted = false;
    server.lastLine = "";
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (text) => {
        server.lastLine = text;
        onLine?.(sid, text);
      });
    }
    await new Promise<void>((resolve, reject) => {
      child.on("message", (message) => {
        if (message !== STARTED) return;
        server.hasStarted = true;
        resolve();
      });
      const onGone = (): void => {
        if (server.child === child) server.child = undefined;
        reject(endedError(server));
      };
      child.once("close", onGone);
      child.once("error", (error) => {
        server.lastLine = error.message;
        onGone();
      });
    });
  }

  /** Ends a server with SIGTERM, by force if it does not end in 5 s, and resolves when it is gone. */
  async stopServer(id: Sid | number): Promise<void> {
    const timer = setTimeout(() => void this.killServer(id), STOP_MS);
    try {
      // A process that is frozen could not hear it.
      this.resumeServer(id);
      await this.#end(id, "SIGTERM");
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends a server with SIGKILL and resolves when it is gone. */
  async killServer(id: Sid | number): Promise<void> {
    await this.#end(id, "SIGKILL");
  }

  /** Freezes a server's process with SIGSTOP. */
  pauseServer(id: Sid | number): Promise<void> {
    this.#server(id).child?.kill("SIGSTOP");
    return Promise.resolve();
  }

  resumeServer(id: Sid | number): void {
    this.#server(id).child?.kill("SIGCONT");
  }

  async #end(id: Sid | number, signal: NodeJS.Signals): Promise<void> {
    const { child } = this.#server(id);
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => {
      child.once("close", () => {
        resolve();
      });
    });
    child.kill(signal);
    await gone;
  }

  /** Resolves when all servers that run serve. Rejects when one ends meanwhile, and with TimeoutError after 30 s unless told otherwise. */
  async ready(options: WaitOptions = {}): Promise<void> {
    this.#checkNotStopped();
    checkWaitOptions(options);
    const { signal, timeoutMs = DEFAULT_WAIT_MS } = options;
    const endMs = performance.now() + timeoutMs;
    const running = this.#servers.filter(({ child }) => child !== undefined);
    await Promise.all(running.map((server) => whenServing(server, endMs, timeoutMs, signal)));
  }

  /** Stops all servers, those that do not stop in time by force, and removes what was made for them. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#servers.map(({ sid }) => this.stopServer(sid)));
    await this.#layout.remove();
  }

  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #server(id: Sid | number): Server {
    return serverOf(this.#servers, id);
  }

  #checkNotStopped(): void {
    if (this.#isStopped) throw new EnsembleStoppedError("this ensemble");
  }
}

async function whenServing(
  server: Server,
  endMs: number,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { sid, client } = server;
  for (;;) {
    signal?.throwIfAborted();
    if (server.child === undefined) {
      throw endedError(server);
    }
    if (server.hasStarted) {
      const answer = await askFourLetterWord(client, "srvr").catch(() => "");
      if (answer.includes("\nMode: ")) return;
    }
    if (performance.now() > endMs) {
      const last = server.lastLine === "" ? "" : `; it said last: ${server.lastLine}`;
      throw new TimeoutError(
        `server ${sid} does not serve within ${timeoutMs} ms${last}`,
        timeoutMs,
        [],
      );
    }
    await sleep(ASK_AGAIN_MS);
  }
}

function endedError({ sid, lastLine }: Server): Error {
  return new Error(`server ${sid} has ended: ${lastLine || "it said nothing"}`);
}

/**
 * Writes the configurations, starts all servers, and resolves when all serve.
 * Rejects with EnsembleOptionsError for options that make no sense, and with
 * what a server printed last when it cannot start.
 */
export async function startProcessEnsemble(
  options: ProcessEnsembleOptions = {},
): Promise<ProcessEnsemble> {
  checkStartOptions(options, "startProcessEnsemble", PROCESS_OPTION_NAMES);
  const { signal, timeoutMs = DEFAULT_WAIT_MS } = options;
  const endMs = performance.now() + timeoutMs;
  const ensemble = new ProcessEnsemble(options, await layOutOnDisk(options));
  try {
    signal?.throwIfAborted();
    await Promise.all(ensemble.servers.map(({ sid }) => ensemble.startServer(sid)));
    await ensemble.ready({ signal, timeoutMs: Math.max(1, endMs - performance.now()) });
    return ensemble;
  } catch (error) {
    await ensemble.stop();
    throw error;
  }
}

const PROCESS_OPTION_NAMES: OptionNames<ProcessEnsembleOptions> = {
  ...LAYOUT_OPTION_NAMES,
  onLine: true,
  output: true,
  program: true,
};

/** The option by which a server ends with the process that started it. */
export const WITH_PARENT = "--end-with-parent";
/** What a server tells the process that started it, once it has opened its ports and read its disk. */
export const STARTED = "started";
const STOP_MS = 5000;
const ASK_AGAIN_MS = 50;
