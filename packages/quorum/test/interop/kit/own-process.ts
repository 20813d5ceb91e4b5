/** One of our peers in a process of its own, so that it can be killed as a crash does it. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Member, PeerStatus, Report, Sid } from "../../../src/core/index.js";
import type { Node } from "./apache-client.js";
import { historyOf, modeOf, type OwnOptions, ownConfiguration } from "./own-configuration.js";
import type { Server, ServerMode } from "./server.js";

export interface OwnProcessOptions {
  readonly sid: Sid;
  readonly members: readonly Member[];
  readonly directory: string;
  readonly options?: OwnOptions;
}

export type Question = "status" | "nodes" | "stop";

export interface Answer {
  readonly status?: PeerStatus | undefined;
  readonly zxid?: bigint;
  /** Since the process started; see `CountingTree`. */
  readonly equalDigests?: number;
  readonly differing?: number;
  readonly nodes?: readonly Node[];
}

export type FromChild =
  | { readonly kind: "started" }
  | { readonly kind: "failed"; readonly text: string }
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer };

export class OwnProcess implements Server {
  readonly #options: OwnProcessOptions;
  /** Of all starts, oldest first. A violation is told as "ignored". */
  readonly reports: Report[] = [];
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(options: OwnProcessOptions) {
    this.#options = options;
  }

  get dataDir(): string {
    return ownConfiguration(this.#options).dataDir;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [...NODE_ARGUMENTS, MAIN], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // Structured clones, which hold bigints.
      serialization: "advanced",
    });
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => {
        this.#process = undefined;
        for (const answer of this.#waiting.values()) answer({});
        this.#waiting.clear();
        resolve();
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.on("message", (message: FromChild) => {
        switch (message.kind) {
          case "started":
            resolve();
            break;
          case "failed":
            reject(new Error(message.text));
            break;
          case "report":
            this.reports.push(message.report);
            break;
          case "answer":
            this.#waiting.get(message.id)?.(message.answer);
            this.#waiting.delete(message.id);
            break;
        }
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`the process ended by ${signal ?? code}`));
      });
      child.send(this.#options);
    });
  }

  async stop(): Promise<void> {
    await this.ask("stop");
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#ended;
  }

  /** Freezes the process, connections and all, until it is killed. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  async mode(): Promise<ServerMode | undefined> {
    const { status } = await this.ask("status");
    return status && modeOf(status);
  }

  async lastZxid(): Promise<bigint | undefined> {
    return (await this.ask("status")).zxid;
  }

  /** Everything is undefined when the process does not run. */
  async ask(question: Question): Promise<Answer> {
    const child = this.#process;
    if (child === undefined) return {};
    const id = ++this.#lastId;
    return await new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      child.send({ id, question }, (error) => {
        if (error !== null) resolve({});
      });
    });
  }

  history(): Promise<string> {
    return Promise.resolve(historyOf(this.reports));
  }
}

const MAIN = fileURLToPath(new URL("own-process-main.ts", import.meta.url));
const NODE_ARGUMENTS = ["--import", "tsx", "-C", "@jute-ts/source"];
