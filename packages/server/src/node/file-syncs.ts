/**
 * Fsyncs of files: on Node's pool of threads, or, for logs and while that is safe, on
 * the thread that asks for them (sync-place.ts).
 */
import { fdatasync, fdatasyncSync } from "node:fs";
import type { FileLane, FileOperation, FilePath } from "@jute-ts/quorum";
import type { SyncTaken } from "./sync-place.js";

export interface FileSyncsOptions {
  /** Told how each fsync of a file went. */
  readonly onFsync?: (taken: SyncTaken) => void;
  /** Fsyncs of the log may be made in place. Undefined: all are left to Node's pool. */
  readonly inPlace?: InPlaceSyncs | undefined;
}

/** What is asked about fsyncs of the log, and told of them. */
export interface InPlaceSyncs {
  /** Whether one of so many new bytes is made in place now; Infinity: more than bytes has changed. */
  readonly suits: (bytes: number, nowMs: number) => boolean;
  /** Told of each, wherever it was made. */
  readonly onSynced: (taken: SyncTaken, nowMs: number) => void;
  /** Called before the thread stands still: what is to be sent must not wait for the disk. */
  readonly before: () => void;
}

export class FileSyncs {
  readonly #options: FileSyncsOptions;
  /** What the next fsync of the log makes durable; Infinity: more than bytes that were written. */
  #unsyncedBytes = 0;

  constructor(options: FileSyncsOptions) {
    this.#options = options;
  }

  /** An operation of the log's lane begins. */
  count(operation: FileOperation): void {
    if (operation.kind === "write") this.#unsyncedBytes += operation.bytes.length;
    else if (operation.kind !== "sync") this.#unsyncedBytes = Infinity;
  }

  /** Makes the bytes of an open file durable. `done` is called with the error if there is one; perhaps before this returns. */
  sync(fd: number, file: FilePath, lane: FileLane, done: (error: unknown) => void): void {
    const { onFsync, inPlace } = this.#options;
    const isLog = lane === "log" && isLogFile(file);
    const isInPlace = isLog && inPlace?.suits(this.#unsyncedBytes, performance.now()) === true;
    if (lane === "log") this.#unsyncedBytes = 0;
    if (isInPlace) inPlace.before();
    const beganMs = performance.now();
    const end = (error: unknown): void => {
      if (error === undefined || error === null) {
        const nowMs = performance.now();
        const taken = { tookMs: nowMs - beganMs, isInPlace };
        if (isLog) inPlace?.onSynced(taken, nowMs);
        onFsync?.(taken);
      }
      done(error ?? undefined);
    };
    if (!isInPlace) {
      fdatasync(fd, end);
      return;
    }
    try {
      fdatasyncSync(fd);
    } catch (error) {
      end(error);
      return;
    }
    end(undefined);
  }
}

/** Whether somebody waits for what is written to the file: of all files, only logs. */
export function isLogFile({ name }: FilePath): boolean {
  return name.startsWith(LOG_PREFIX);
}

const LOG_PREFIX = "log.";
