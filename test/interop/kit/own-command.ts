/** Our server as users run it: `zk-server start` on a zoo.cfg, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ask, askLastZxid, askMode, type ClientAddress } from "./four-letter-words.js";
import { type OwnOptions, ownDataDir, writeOwnConfiguration } from "./own-configuration.js";
import { pauseProcess } from "./pausing.js";
import type { ServerMode, ServerProcess } from "./server.js";

export class OwnCommand implements ServerProcess {
  readonly #options: OwnOptions;
  #process: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** All that was printed, over all starts. */
  printed = "";
  /** How the last process ended; undefined while it runs. */
  exitCode: number | null | undefined;

  constructor(options: OwnOptions) {
    this.#options = options;
  }

  get dataDir(): string {
    return ownDataDir(this.#options);
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  get clientAddress(): ClientAddress {
    const { members, sid } = this.#options;
    const client = members.find((member) => member.sid === sid)?.client;
    if (client === undefined) throw new Error(`server ${sid} has no client port`);
    return client;
  }

  /** Starts the process. Whether it serves is seen by `mode`. */
  start(): Promise<void> {
    if (this.#process !== undefined) throw new Error(`server ${this.#options.sid} runs already`);
    const path = writeOwnConfiguration(this.#options);
    const child = spawn(process.execPath, [...FROM_SOURCE, "start", path, "--verbose"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.printed += text;
      });
    }
    this.#process = child;
    this.exitCode = undefined;
    this.#ended = once(child, "exit").then(([code]: (number | null)[]) => {
      this.#process = undefined;
      this.exitCode = code;
    });
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#ended;
  }

  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#ended;
  }

  async pause(): Promise<void> {
    await pauseProcess(this.#process);
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async mode(): Promise<ServerMode | undefined> {
    return await askMode(this.clientAddress);
  }

  async lastZxid(): Promise<bigint | undefined> {
    return await askLastZxid(this.clientAddress);
  }

  /** A figure of the command mntr, by its name without `zk_`. */
  async figure(name: string): Promise<string> {
    const line = new RegExp(`^zk_${name}\\t(.*)$`, "m").exec(await ask(this.clientAddress, "mntr"));
    if (line?.[1] === undefined) throw new Error(`mntr does not tell ${name}`);
    return line[1];
  }

  history(): Promise<string> {
    return Promise.resolve(this.printed.trimEnd().split("\n").slice(-25).join("\n"));
  }
}

const MAIN = fileURLToPath(new URL("../../../packages/server/src/main.ts", import.meta.url));
const FROM_SOURCE = ["--import", "tsx", "-C", "@jute-ts/source", MAIN];
