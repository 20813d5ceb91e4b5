/**
 * Lays out, compares and writes the files of a large output in a second thread, while this one makes
 * their texts: both take about as long. What only Prettier can lay out comes back and is left to the caller.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { EmittedFile, PrettierOptions } from "@jute-ts/compiler";
import { FileSystemError } from "../surroundings.js";
import type { FormatProgress } from "./format-output.js";
import { type Comparison, reserveIn } from "./output-directory.js";
import type { StagedFile, StagedFiles } from "./staged-files.js";

/** What the thread is sent. It borrows nothing: all is copied. */
export interface Batch {
  /** What generated files start with. */
  readonly marker: string;
  readonly files: readonly {
    /** Absolute. */
    readonly file: string;
    readonly text: string;
    readonly options: PrettierOptions;
    /** Where to write it if it is to be written. */
    readonly temporary: string | undefined;
  }[];
}

/** What it answers: a comparison for each file, undefined for what only Prettier can lay out; or why the disk refused. */
export type BatchResult =
  { readonly comparisons: readonly (Comparison | undefined)[] } | { readonly failure: string };

/** With fewer files a thread takes longer to start than it saves. */
const FEWEST_FILES = 1000;
const FILES_IN_BATCH = 50;
/** Enough that the thread never waits, and few enough that memory stays small. */
const MOST_BATCHES = 4;

const THREAD = new URL("./format-thread.js", import.meta.url);

/** Whether a thread pays. It is a file of its own beside this one in what is shipped, and in the sources there is none. */
export function paysThread(files: number): boolean {
  return files >= FEWEST_FILES && existsSync(THREAD);
}

export interface ThreadedRequest {
  readonly outDir: string;
  readonly files: readonly EmittedFile[];
  /** The options of each file's format, in the same order; undefined for what is left to the caller. */
  readonly options: readonly (PrettierOptions | undefined)[];
  readonly marker: string;
  readonly staged: StagedFiles | undefined;
  readonly onProgress: FormatProgress | undefined;
}

/** A comparison for each file in its place, undefined for what is left to the caller. Rejects with {@link FileSystemError}, and with InterruptedError as `staged` does. */
export async function compareInThread(
  request: ThreadedRequest,
): Promise<readonly (Comparison | undefined)[]> {
  const { files, options } = request;
  const found: (Comparison | undefined)[] = files.map(() => undefined);
  const own = [...files.keys()].filter((index) => options[index] !== undefined);
  const thread = new FormatThread(new Worker(THREAD));
  try {
    for (let first = 0; first < own.length; first += FILES_IN_BATCH) {
      await thread.room();
      await request.staged?.rest();
      const indexes = own.slice(first, first + FILES_IN_BATCH);
      thread.send(batchOf(indexes, request), (comparisons, reserved) => {
        comparisons.forEach((comparison, at) => {
          const file = reserved[at];
          const isWritten = comparison !== undefined && comparison.status !== "unchanged";
          if (file !== undefined && !isWritten) request.staged?.release(file);
          found[indexes[at] ?? 0] = comparison;
        });
        request.onProgress?.(Math.min(first + indexes.length, own.length), files.length);
      });
    }
    await thread.end();
    await request.staged?.rest();
    return found;
  } finally {
    await thread.terminate();
  }
}

interface ReservedBatch {
  readonly batch: Batch;
  readonly reserved: readonly (StagedFile | undefined)[];
}

function batchOf(
  indexes: readonly number[],
  { outDir, files, options, marker, staged }: ThreadedRequest,
): ReservedBatch {
  const reserved: (StagedFile | undefined)[] = [];
  const sent = indexes.map((index) => {
    const { path: relative = "", text = "" } = files[index] ?? {};
    const file = path.join(outDir, relative);
    const place = staged && reserveIn(staged, file);
    reserved.push(place);
    return { file, text, options: options[index] ?? {}, temporary: place?.temporary };
  });
  return { batch: { marker, files: sent }, reserved };
}

type Take = (
  comparisons: readonly (Comparison | undefined)[],
  reserved: ReservedBatch["reserved"],
) => void;

/** Sends batches, which are answered in order, and keeps count of those that are not answered yet. */
class FormatThread {
  readonly #worker: Worker;
  readonly #waiting: ((comparisons: readonly (Comparison | undefined)[]) => void)[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (result: BatchResult) => {
      if ("failure" in result) this.#failure ??= new FileSystemError(result.failure);
      else this.#waiting.shift()?.(result.comparisons);
      this.#wake();
    });
    worker.on("error", (error) => {
      this.#failure ??= error;
      this.#wake();
    });
  }

  send({ batch, reserved }: ReservedBatch, take: Take): void {
    this.#waiting.push((comparisons) => {
      take(comparisons, reserved);
    });
    this.#worker.postMessage(batch);
  }

  /** Resolves when another batch may be sent. Rejects when an earlier one failed. */
  async room(): Promise<void> {
    await this.#until(MOST_BATCHES - 1);
  }

  /** Resolves when all are answered. */
  async end(): Promise<void> {
    await this.#until(0);
  }

  async #until(most: number): Promise<void> {
    // Once even if there is room, so that answers that have come are taken in.
    do {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#failure !== undefined || this.#waiting.length <= most) setImmediate(resolve);
      });
      if (this.#failure !== undefined) throw this.#failure;
    } while (this.#waiting.length > most);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
