/** Threads that decode runs of a log's records, several at once. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { LogRun } from "@jute-ts/inspect";
import { ThreadError } from "../surroundings.js";
import type { SegmentAnswer, ShownItems } from "./log-segment.js";
import type { SegmentDecoder } from "./spread-log.js";

/** A shorter file is decoded before threads have started. */
const LEAST_BYTES: number = 16 << 20;
/** Each takes memory of its own. */
const MOST_THREADS = 8;

const THREAD = new URL("./log-thread.js", import.meta.url);

/**
 * How many threads should decode a file of this size, `wanted` or as many as there are processors;
 * 0: none but this one. The thread is a file of its own in what is shipped, and in the sources there is none.
 */
export function threadsFor(bytes: number, wanted: number | undefined): number {
  const threads = wanted ?? Math.min(availableParallelism(), MOST_THREADS);
  return threads > 1 && bytes >= LEAST_BYTES && existsSync(THREAD) ? threads : 0;
}

/** Threads for one log. */
export class LogThreads implements SegmentDecoder {
  readonly #threads: LogThread[];

  constructor(count: number, shown: ShownItems) {
    this.#threads = Array.from(
      { length: count },
      () => new LogThread(new Worker(THREAD, { workerData: shown })),
    );
  }

  /** One for each thread to work at, and one that waits for it. */
  get capacity(): number {
    return 2 * this.#threads.length;
  }

  /** Takes the memory of the run's bytes until the answer gives it back. Rejects with ThreadError. */
  decode(run: LogRun): Promise<SegmentAnswer> {
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new RangeError("There are no threads.");
    return others.reduce((a, b) => (b.waiting < a.waiting ? b : a), first).decode(run);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

interface Waiting {
  readonly resolve: (answer: SegmentAnswer) => void;
  readonly reject: (error: ThreadError) => void;
}

/** Answers in order. */
class LogThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: ThreadError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: SegmentAnswer) => this.#waiting.shift()?.resolve(answer));
    worker.on("error", (error) => {
      this.#fail(error.message);
    });
    worker.on("exit", () => {
      this.#fail("it has ended");
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  decode(run: LogRun): Promise<SegmentAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#worker.postMessage(run, [run.bytes.buffer as ArrayBuffer]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(reason: string): void {
    this.#failure ??= new ThreadError(
      `a thread that decodes has failed: ${reason} (--threads 1 decodes without)`,
    );
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
