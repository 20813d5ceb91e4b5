/**
 * Lays out, compares and writes the files of a large output in a second thread, while this one makes
 * their texts. Where that thread has enough to do, this one does all of it for the next files, so that both end
 * at about the same time. What only Prettier can lay out comes back and is left to the caller.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { EmittedFile, PrettierOptions } from "@jute-ts/compiler";
import { FileSystemError } from "../surroundings.js";
import type { FormatProgress } from "./format-output.js";
import { type Batch, type BatchFile, type BatchResult, compareBatch } from "./batch.js";
import { type Comparison, reserveIn } from "./output-directory.js";
import type { StagedFile, StagedFiles } from "./staged-files.js";

/** With fewer files a thread takes longer to start than it saves. */
const FEWEST_FILES = 1000;
/** Few, so that neither thread waits long for the other in the end. */
const FILES_IN_BATCH = 20;
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
    let done = 0;
    for (let first = 0; first < own.length; first += FILES_IN_BATCH) {
      await thread.rest();
      await request.staged?.rest();
      const indexes = own.slice(first, first + FILES_IN_BATCH);
      const { batch, reserved } = batchOf(indexes, request);
      const take: Take = (comparisons) => {
        comparisons.forEach((comparison, at) => {
          const file = reserved[at];
          const isWritten = comparison !== undefined && comparison.status !== "unchanged";
          if (file !== undefined && !isWritten) request.staged?.release(file);
          found[indexes[at] ?? 0] = comparison;
        });
        done += indexes.length;
        request.onProgress?.(done, files.length);
      };
      if (thread.hasRoom()) thread.send(batch, take);
      else take(compareBatch(batch));
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
  const batchFiles = indexes.flatMap((index): BatchFile[] => {
    const emitted = files[index];
    if (emitted === undefined) return [];
    const target = path.join(outDir, emitted.path);
    const place = staged && reserveIn(staged, target);
    reserved.push(place);
    return [{ emitted, target, options: options[index] ?? {}, place }];
  });
  return { batch: { marker, files: batchFiles }, reserved };
}

type Take = (comparisons: readonly (Comparison | undefined)[]) => void;

/** Sends batches, which are answered in order, and keeps count of those that are not answered yet. */
class FormatThread {
  readonly #worker: Worker;
  readonly #waiting: Take[] = [];
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

  /** Whether the thread could run out of batches if it got no more. */
  hasRoom(): boolean {
    return this.#waiting.length < MOST_BATCHES;
  }

  send({ marker, files }: Batch, take: Take): void {
    this.#waiting.push(take);
    // The text as it is now: what makes it cannot be sent.
    const batch: Batch = {
      marker,
      files: files.map((file) => ({
        ...file,
        emitted: { path: file.emitted.path, text: file.emitted.text },
      })),
    };
    this.#worker.postMessage(batch);
  }

  /** Takes in the answers that have come. Rejects when the thread has failed. */
  async rest(): Promise<void> {
    await setImmediate();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when all are answered. Rejects when the thread has failed. */
  async end(): Promise<void> {
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    await this.rest();
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
