/** A session whose requests and events go into the history at the moment when they are known here. */
import { ErrorCode } from "@jute-ts/zookeeper";
import type { ClientSession } from "./client.js";
import type { Happening, History, Outcome, Request, SessionInfo } from "./history.js";

export abstract class RecordedSession implements ClientSession {
  readonly info: SessionInfo;
  abstract readonly setsWatches: boolean;
  /** Paths whose watch has fired, until the load reads them again. */
  readonly fired: Set<string> = new Set();
  readonly #history: History;
  #isOver = false;
  #whenChanged: (() => void)[] = [];

  protected constructor(info: SessionInfo, history: History) {
    this.info = info;
    this.#history = history;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls `done` once, when the answer comes and not later. */
  protected abstract perform(request: Request, done: (outcome: Outcome) => void): void;
  protected abstract performClose(done: (outcome: Outcome) => void): void;
  abstract watchPersistently(path: string): Promise<boolean>;
  abstract show(dataOf: string, childrenOf: string): Promise<void>;
  abstract abandon(): Promise<void>;

  async request(request: Request): Promise<Outcome> {
    if (this.#isOver) return { kind: "refused", err: ErrorCode.SESSIONEXPIRED };
    const call = this.#history.call();
    return await new Promise((resolve) => {
      this.perform(request, (outcome) => {
        this.#history.answered(this.info, call, request, outcome);
        resolve(outcome);
      });
    });
  }

  async close(): Promise<Outcome> {
    return await new Promise((resolve) => {
      this.performClose((outcome) => {
        // Not answered: nobody knows, and the session must end by itself.
        this.happened({ kind: outcome.kind === "ok" ? "closed" : "abandoned" });
        resolve(outcome);
      });
    });
  }

  /** Resolves at the next event, or after so many milliseconds. */
  async change(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenChanged.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  protected happened(happening: Happening): void {
    if (this.#isOver) return;
    this.#history.happened(this.info, happening);
    switch (happening.kind) {
      case "closed":
      case "expired":
      case "abandoned":
        this.#isOver = true;
        break;
      case "event":
        this.fired.add(happening.path);
        break;
      default:
        break;
    }
    for (const resolve of this.#whenChanged.splice(0)) resolve();
  }
}
