/**
 * Runs campaigns in a thread of their own, so that the parsers are fuzzed side by
 * side, and so that a call that never comes back, or eats all memory, is a finding
 * like any other.
 */
import { Worker } from "node:worker_threads";
import { type CampaignOptions, type CampaignResult, type Finding, inputOf } from "./campaign.js";
import type { FuzzedParser } from "./fuzzed-parser.js";

/** A campaign as a thread is told of it. */
export interface Order extends Omit<CampaignOptions, "onInput"> {
  readonly parser: string;
}

export class CampaignThread {
  readonly #current = new Uint32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;

  /** The number of the input that is tried. */
  get current(): number {
    return this.#current[0] ?? 0;
  }

  async run(
    parser: FuzzedParser,
    options: Omit<CampaignOptions, "onInput">,
  ): Promise<CampaignResult> {
    const startMs = performance.now();
    this.#current[0] = 0;
    const worker = (this.#worker ??= this.#start());
    const order: Order = { ...options, parser: parser.name };
    worker.postMessage(order);
    const watch = new AbortController();
    try {
      return await Promise.race([answerOf(worker), this.#standstill(watch.signal)]);
    } catch (error) {
      await this.end();
      const input = this.current;
      const text = error instanceof Error ? error.message : String(error);
      const bytes = inputOf(parser, options.seed, input);
      const finding: Finding = { kind: "lost", text, input, bytes };
      const elapsedMs = performance.now() - startMs;
      const figures = { accepted: 0, refused: 0, slowestMs: 0, growthBytes: 0 };
      return { parser: parser.name, tried: input + 1, ...figures, elapsedMs, finding };
    } finally {
      watch.abort();
    }
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    // What npm bundles lies beside what it is bundled from here.
    return new Worker(new URL("./campaign-thread-main.mjs", import.meta.url), {
      workerData: this.#current.buffer,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
  }

  /** Rejects when the thread has been at one input for long. */
  async #standstill(signal: AbortSignal): Promise<never> {
    return await new Promise((_resolve, reject) => {
      let last = -1;
      const timer = setInterval(() => {
        if (this.current === last) reject(new Error(`no end after ${STANDSTILL_MS} ms`));
        last = this.current;
      }, STANDSTILL_MS);
      signal.addEventListener("abort", () => {
        clearInterval(timer);
      });
    });
  }
}

async function answerOf(worker: Worker): Promise<CampaignResult> {
  return await new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => {
      reject(new Error(`the thread ended with ${code}`));
    });
  });
}

/** Longer than shrinking a finding takes. */
const STANDSTILL_MS = 30_000;
const MAX_HEAP_MIB = 1024;
