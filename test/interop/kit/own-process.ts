/** One of our peers in a process of its own, so that it can be killed as a crash does it. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PeerStatus } from "@jute-ts/quorum";
import type { PeerReport } from "../../../packages/server/src/node/network-report.js";
import type { Node } from "./apache-client.js";
import {
  historyOf,
  modeOf,
  type OwnOptions,
  ownDataDir,
  writeOwnConfiguration,
} from "./own-configuration.js";
import { pauseProcess } from "./pausing.js";
import type { ServerMode, ServerProcess } from "./server.js";

export interface OwnProcessOptions extends OwnOptions {
  /** What the process runs: a bundle of `own-process-main.ts`, which starts sooner. The source when undefined. */
  readonly program?: string;
}

/** The first message to the child: the path of its zoo.cfg. */
export interface Begin {
  readonly configuration: string;
}

export type Question =
  | { readonly kind: "status" | "stop" }
  | { readonly kind: "nodes"; readonly root: string }
  | { readonly kind: "create"; readonly path: string };

/** Everything is undefined when the process does not run, or ends before it answers. */
export interface Answer {
  readonly status?: PeerStatus | undefined;
  readonly zxid?: bigint;
  /** Of the whole tree. */
  readonly digest?: bigint;
  /** Since the process started; see `CountingTree`. */
  readonly equalDigests?: number;
  readonly differing?: number;
  readonly nodes?: readonly Node[];
  readonly outcome?: WriteOutcome;
}

/** What became of a write: "refused" has certainly not happened, "unknown" may have. */
export type WriteOutcome = "acknowledged" | "refused" | "unknown";

export type FromChild =
  | { readonly kind: "started" }
  | { readonly kind: "failed"; readonly text: string }
  | { readonly kind: "report"; readonly report: PeerReport }
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answer };

export class OwnProcess implements ServerProcess {
  readonly #options: OwnProcessOptions;
  /** Of all starts, oldest first. A violation is told as "ignored". */
  readonly reports: PeerReport[] = [];
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(options: OwnProcessOptions) {
    this.#options = options;
  }

  get dataDir(): string {
    return ownDataDir(this.#options);
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  async start(): Promise<void> {
    const { program } = this.#options;
    const source = program === undefined ? [...FROM_SOURCE, OWN_PROCESS_MAIN] : [program];
    const child = spawn(process.execPath, source, {
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
      child.send({ configuration: writeOwnConfiguration(this.#options) } satisfies Begin);
    });
  }

  async stop(): Promise<void> {
    await this.#ask({ kind: "stop" });
    await this.kill();
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

  /** The peer's status, and where its tree is. */
  async status(): Promise<Answer> {
    return await this.#ask({ kind: "status" });
  }

  /** Every znode from `root` on; undefined when the process ends before it answers. */
  async nodes(root = "/"): Promise<readonly Node[] | undefined> {
    return (await this.#ask({ kind: "nodes", root })).nodes;
  }

  /** Asks the ensemble for a znode, through this server. */
  async create(path: string): Promise<WriteOutcome> {
    if (!this.isRunning) return "refused";
    return (await this.#ask({ kind: "create", path })).outcome ?? "unknown";
  }

  async mode(): Promise<ServerMode | undefined> {
    const { status } = await this.status();
    return status && modeOf(status);
  }

  async lastZxid(): Promise<bigint | undefined> {
    return (await this.status()).zxid;
  }

  async #ask(question: Question): Promise<Answer> {
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

export const OWN_PROCESS_MAIN = fileURLToPath(new URL("own-process-main.ts", import.meta.url));
const FROM_SOURCE = ["--import", "tsx", "-C", "@jute-ts/source"];
