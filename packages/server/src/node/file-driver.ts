/**
 * Carries the core's file operations out on a real disk: in order within a lane,
 * lanes beside each other. It decides nothing; every outcome, good or bad, goes
 * back to the core as it is.
 */
import {
  close,
  fdatasync,
  fsync,
  fstat,
  ftruncate,
  mkdirSync,
  open,
  read,
  readdir,
  rename,
  unlink,
  write,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type {
  Directory,
  FileFailure,
  FileLane,
  FileOperation,
  FileOperationId,
  FilePath,
  FileResult,
} from "@jute-ts/quorum";
import { InflatedFile, isGzipped } from "./snapshot-files.js";

const files = {
  close: promisify(close),
  datasync: promisify(fdatasync),
  fsync: promisify(fsync),
  fstat: promisify(fstat),
  ftruncate: promisify(ftruncate),
  open: promisify(open),
  read: promisify(read),
  readdir: promisify(readdir),
  rename: promisify(rename),
  unlink: promisify(unlink),
  write: promisify(write),
};

/** Where the two directories of the core lie. They may be the same. */
export interface DataDirectories {
  /** `dataDir/version-2`: snapshots and epochs. */
  readonly data: string;
  /** `dataLogDir/version-2`: logs. */
  readonly log: string;
}

/** How long fsyncs took, for metrics. */
export interface FsyncStatistics {
  readonly count: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

interface Task {
  readonly id: FileOperationId;
  readonly operation: FileOperation;
}

export class FileDriver {
  readonly #directories: DataDirectories;
  readonly #done: (id: FileOperationId, result: FileResult) => void;
  readonly #lanes = new Map<FileLane, Task[]>();
  readonly #running = new Map<FileLane, Promise<void>>();
  /** Open files by path: a log is written to and synced thousands of times. */
  readonly #open = new Map<string, number>();
  /** Compressed snapshots that are being read, by path. */
  readonly #inflated = new Map<string, InflatedFile>();
  #fsyncs = { count: 0, totalMs: 0, maxMs: 0 };
  #closed = false;

  /** `done` is told the outcome of each operation, never while `submit` runs. */
  constructor(
    directories: DataDirectories,
    done: (id: FileOperationId, result: FileResult) => void,
  ) {
    this.#directories = directories;
    this.#done = done;
  }

  get fsyncs(): FsyncStatistics {
    return { ...this.#fsyncs };
  }

  submit(id: FileOperationId, lane: FileLane, operation: FileOperation): void {
    if (this.#closed) return;
    const tasks = this.#lanes.get(lane) ?? [];
    this.#lanes.set(lane, tasks);
    tasks.push({ id, operation });
    if (!this.#running.has(lane)) this.#running.set(lane, this.#run(lane, tasks));
  }

  /** Lets what is under way end, does nothing further, and closes all files. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running.values());
    for (const path of [...this.#open.keys()]) await this.#forget(path);
    for (const file of this.#inflated.values()) file.close();
    this.#inflated.clear();
  }

  async #run(lane: FileLane, tasks: Task[]): Promise<void> {
    // Never before `submit` has returned.
    await Promise.resolve();
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      const result = await this.#carryOut(task.operation).catch(failed);
      if (this.#closed) break;
      this.#done(task.id, result);
    }
    this.#running.delete(lane);
  }

  async #carryOut(operation: FileOperation): Promise<FileResult> {
    switch (operation.kind) {
      case "list": {
        const directory = this.#directories[operation.directory];
        mkdirSync(directory, { recursive: true });
        return { kind: "names", names: await files.readdir(directory) };
      }
      case "read":
        return await this.#read(operation.file, operation.offset, operation.length);
      case "create":
        await this.#openFile(operation.file, "w+");
        return DONE;
      case "write":
        await this.#write(operation.file, operation.offset, operation.bytes);
        return DONE;
      case "sync":
        await this.#sync(operation.file);
        return DONE;
      case "truncate":
        await files.ftruncate(await this.#openFile(operation.file, "r+"), operation.size);
        return DONE;
      case "rename": {
        const from = this.#pathOf(operation.file);
        const to = this.#pathOf({ ...operation.file, name: operation.to });
        await this.#forget(from);
        await this.#forget(to);
        await files.rename(from, to);
        return DONE;
      }
      case "remove": {
        const path = this.#pathOf(operation.file);
        await this.#forget(path);
        await files.unlink(path);
        return DONE;
      }
      case "syncDirectory":
        await this.#syncDirectory(operation.directory);
        return DONE;
    }
  }

  async #read(file: FilePath, offset: number, length: number): Promise<FileResult> {
    const path = this.#pathOf(file);
    if (isGzipped(file.name)) return await this.#readInflated(path, offset, length);
    // Not among the files kept open: those that are read are not written to afterwards.
    const fd = this.#open.get(path) ?? (await files.open(path, "r"));
    try {
      const { size } = await files.fstat(fd);
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const rest = bytes.length - filled;
        const { bytesRead } = await files.read(fd, bytes, filled, rest, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return { kind: "bytes", bytes: bytes.subarray(0, filled), size };
    } finally {
      if (this.#open.get(path) !== fd) await files.close(fd);
    }
  }

  async #readInflated(path: string, offset: number, length: number): Promise<FileResult> {
    const file = this.#inflated.get(path) ?? new InflatedFile(path);
    this.#inflated.set(path, file);
    const { bytes, size } = await file.read(offset, length);
    if (offset + bytes.length >= size) {
      this.#inflated.delete(path);
      file.close();
    }
    return { kind: "bytes", bytes, size };
  }

  async #write(file: FilePath, offset: number, bytes: Uint8Array): Promise<void> {
    const fd = await this.#openFile(file, "r+");
    let written = 0;
    while (written < bytes.length) {
      const rest = bytes.length - written;
      // A short write only fills the page cache; going to another thread for it costs more.
      written +=
        rest <= SYNC_WRITE_BYTES
          ? writeSync(fd, bytes, written, rest, offset + written)
          : (await files.write(fd, bytes, written, rest, offset + written)).bytesWritten;
    }
  }

  async #sync(file: FilePath): Promise<void> {
    const fd = await this.#openFile(file, "r+");
    const beganMs = performance.now();
    await files.datasync(fd);
    const tookMs = performance.now() - beganMs;
    this.#fsyncs.count++;
    this.#fsyncs.totalMs += tookMs;
    this.#fsyncs.maxMs = Math.max(this.#fsyncs.maxMs, tookMs);
  }

  async #syncDirectory(directory: Directory): Promise<void> {
    const fd = await files.open(this.#directories[directory], "r");
    try {
      await files.fsync(fd);
    } finally {
      await files.close(fd);
    }
  }

  async #openFile(file: FilePath, flags: "r+" | "w+"): Promise<number> {
    const path = this.#pathOf(file);
    const known = this.#open.get(path);
    if (known !== undefined) {
      if (flags === "w+") await files.ftruncate(known, 0);
      return known;
    }
    const oldest = this.#open.size >= MAX_OPEN ? this.#open.keys().next().value : undefined;
    if (oldest !== undefined) await this.#forget(oldest);
    const fd = await files.open(path, flags);
    this.#open.set(path, fd);
    return fd;
  }

  async #forget(path: string): Promise<void> {
    const fd = this.#open.get(path);
    if (fd === undefined) return;
    this.#open.delete(path);
    await files.close(fd);
  }

  #pathOf({ directory, name }: FilePath): string {
    return join(this.#directories[directory], name);
  }
}

function failed(error: unknown): FileResult {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", reason: failureOf(error), message };
}

function failureOf(error: unknown): FileFailure {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "missing";
    case "ENOSPC":
    case "EDQUOT":
      return "no-space";
    default:
      return "io";
  }
}

const DONE: FileResult = { kind: "done" };
const SYNC_WRITE_BYTES = 64 * 1024;
const MAX_OPEN = 8;
