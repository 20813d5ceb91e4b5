/**
 * Carries the core's file operations out on a real disk. It decides nothing; every
 * outcome, good or bad, goes back to the core as it is. Operations run beside each
 * other: the core asks for the next one of a lane when the last one is done.
 */
import {
  close,
  fdatasync,
  fdatasyncSync,
  fsync,
  fstat,
  ftruncate,
  mkdirSync,
  open,
  read,
  readdir,
  rename,
  stat,
  unlink,
  write,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  type Directory,
  type FileFailure,
  type FileLane,
  type FileOperation,
  type FileOperationId,
  type FilePath,
  type FileResult,
  type OpenFile,
  OpenFiles,
} from "@jute-ts/quorum";
import { InflatedFile, isGzipped } from "./snapshot-files.js";
import type { SyncTaken } from "./sync-place.js";

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
  stat: promisify(stat),
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

/** Is told the outcome of each operation, never while `submit` runs. */
export type FileDone = (id: FileOperationId, result: FileResult) => void;

/** Carries out what the core asks of a disk. */
export interface StorageDriver {
  /** The bytes of a write are lent until it is done. */
  submit(id: FileOperationId, lane: FileLane, operation: FileOperation): void;
  /** Does nothing of what has not begun. `close` is still to be called. */
  abort(): void;
  /** Lets what is under way end, and tells of nothing further. */
  close(): Promise<void>;
}

export interface FileDriverOptions {
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

/** A file that is being opened, or was. */
type Descriptor = Promise<number>;

export class FileDriver implements StorageDriver {
  readonly #directories: DataDirectories;
  readonly #done: FileDone;
  readonly #underWay = new Set<Promise<void>>();
  readonly #open = new OpenFiles<Descriptor>(MAX_OPEN);
  /** The compressed snapshot that each lane reads. */
  readonly #inflated = new Map<FileLane, InflatedFile>();
  readonly #options: FileDriverOptions;
  /** What the next fsync of the log makes durable; Infinity: more than bytes that were written. */
  #unsyncedBytes = 0;
  #aborted = false;
  #closed = false;

  constructor(directories: DataDirectories, done: FileDone, options: FileDriverOptions = {}) {
    this.#directories = directories;
    this.#done = done;
    this.#options = options;
  }

  submit(id: FileOperationId, lane: FileLane, operation: FileOperation): void {
    if (this.#closed) return;
    const underWay = this.#run(id, lane, operation).finally(() => this.#underWay.delete(underWay));
    this.#underWay.add(underWay);
  }

  abort(): void {
    this.#aborted = true;
    this.#closed = true;
  }

  /** Lets what is under way end, does nothing further, and closes all files. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#underWay);
    await closeAll(this.#open.forgetAll());
    for (const file of this.#inflated.values()) file.close();
    this.#inflated.clear();
  }

  async #run(id: FileOperationId, lane: FileLane, operation: FileOperation): Promise<void> {
    // Never before `submit` has returned.
    await Promise.resolve();
    if (this.#aborted) return;
    const result = await this.#carryOut(lane, operation).catch(failed);
    if (!this.#closed) this.#done(id, result);
  }

  async #carryOut(lane: FileLane, operation: FileOperation): Promise<FileResult> {
    if (lane === "log") this.#countUnsynced(operation);
    switch (operation.kind) {
      case "list":
        return await this.#list(operation.directory);
      case "read":
        return await this.#read(lane, operation.file, operation.offset, operation.length);
      case "create":
        await this.#create(operation.file);
        return DONE;
      case "write":
        await this.#write(operation.file, operation.offset, operation.bytes);
        return DONE;
      case "sync":
        await this.#sync(operation.file, lane);
        return DONE;
      case "truncate":
        await this.#use(operation.file, "r+", async (fd, file) => {
          file.isUnsynced = true;
          await files.ftruncate(fd, operation.size);
        });
        return DONE;
      case "rename": {
        const from = this.#pathOf(operation.file);
        const to = this.#pathOf({ ...operation.file, name: operation.to });
        await closeAll([...this.#open.forget(from), ...this.#open.forget(to)]);
        await files.rename(from, to);
        return DONE;
      }
      case "remove": {
        const path = this.#pathOf(operation.file);
        await closeAll(this.#open.forget(path));
        await files.unlink(path);
        return DONE;
      }
      case "syncDirectory":
        await this.#syncDirectory(operation.directory);
        return DONE;
    }
  }

  async #list(which: Directory): Promise<FileResult> {
    const { data, log } = this.#directories;
    for (const directory of [data, log]) mkdirSync(directory, { recursive: true });
    const directory = this.#directories[which];
    const above = dirname(directory);
    const ids = [await idOf(data), await idOf(log)];
    // Where one lies in the other, what is beside it has been listed already.
    const beside = ids.includes(await idOf(above)) ? [] : await readableNames(above);
    const names = await files.readdir(directory);
    return {
      kind: "names",
      names: [...names, ...beside.map((name) => `../${name}`)],
      isShared: ids[0] === ids[1],
    };
  }

  async #read(lane: FileLane, file: FilePath, offset: number, length: number): Promise<FileResult> {
    const path = this.#pathOf(file);
    if (isGzipped(file.name)) return await this.#readInflated(lane, path, offset, length);
    // Not among the files kept open: those that are read are not written to afterwards.
    const open = this.#open.hold(path);
    if (open !== undefined) {
      return await this.#holding(open, async (fd) => await readFrom(fd, offset, length));
    }
    const fd = await files.open(path, "r");
    try {
      return await readFrom(fd, offset, length);
    } finally {
      await files.close(fd);
    }
  }

  async #readInflated(
    lane: FileLane,
    path: string,
    offset: number,
    length: number,
  ): Promise<FileResult> {
    const known = this.#inflated.get(lane);
    if (known?.path !== path) known?.close();
    const file = known?.path === path ? known : new InflatedFile(path);
    this.#inflated.set(lane, file);
    const { bytes, size } = await file.read(offset, length);
    if (offset + bytes.length >= size) {
      this.#inflated.delete(lane);
      file.close();
    }
    return { kind: "bytes", bytes, size };
  }

  async #create(file: FilePath): Promise<void> {
    const wasOpen = this.#open.hold(this.#pathOf(file));
    if (wasOpen === undefined) {
      await this.#use(file, "w+", () => Promise.resolve());
    } else {
      await this.#holding(wasOpen, async (fd) => {
        wasOpen.isUnsynced = true;
        await files.ftruncate(fd, 0);
      });
    }
  }

  async #write(file: FilePath, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#use(file, "r+", async (fd, open) => {
      open.isUnsynced = true;
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.length - written;
        // A short write only fills the page cache; going to another thread for it costs more.
        written +=
          rest <= SYNC_WRITE_BYTES
            ? writeSync(fd, bytes, written, rest, offset + written)
            : (await files.write(fd, bytes, written, rest, offset + written)).bytesWritten;
      }
    });
  }

  #countUnsynced(operation: FileOperation): void {
    if (operation.kind === "write") this.#unsyncedBytes += operation.bytes.length;
    else if (operation.kind !== "sync") this.#unsyncedBytes = Infinity;
  }

  async #sync(file: FilePath, lane: FileLane): Promise<void> {
    await this.#use(file, "r+", async (fd, open) => {
      const { onFsync, inPlace } = this.#options;
      const isLog = lane === "log" && file.name.startsWith(LOG_PREFIX);
      const isInPlace = isLog && inPlace?.suits(this.#unsyncedBytes, performance.now()) === true;
      if (lane === "log") this.#unsyncedBytes = 0;
      if (isInPlace) inPlace.before();
      const beganMs = performance.now();
      if (isInPlace) fdatasyncSync(fd);
      else await files.datasync(fd);
      open.isUnsynced = false;
      const nowMs = performance.now();
      const taken = { tookMs: nowMs - beganMs, isInPlace };
      if (isLog) inPlace?.onSynced(taken, nowMs);
      onFsync?.(taken);
    });
  }

  async #syncDirectory(directory: Directory): Promise<void> {
    const fd = await files.open(this.#directories[directory], "r");
    try {
      await files.fsync(fd);
    } finally {
      await files.close(fd);
    }
  }

  /** Uses a file, which stays open for the next use. */
  async #use(
    file: FilePath,
    flags: "r+" | "w+",
    use: (fd: number, open: OpenFile<Descriptor>) => Promise<void>,
  ): Promise<void> {
    const path = this.#pathOf(file);
    const open = this.#open.hold(path) ?? this.#open.add(path, files.open(path, flags));
    await this.#holding(open, async (fd) => {
      await use(fd, open);
    });
  }

  /** Uses a file that is held, and ends the hold. */
  async #holding<T>(open: OpenFile<Descriptor>, use: (fd: number) => Promise<T>): Promise<T> {
    try {
      return await use(await this.#opened(open));
    } finally {
      await closeAll(this.#open.release(open));
    }
  }

  /** The number of a file; what cannot be opened is forgotten, so that the next use tries again. */
  async #opened({ path, descriptor }: OpenFile<Descriptor>): Promise<number> {
    try {
      return await descriptor;
    } catch (error) {
      await closeAll(this.#open.forget(path));
      throw error;
    }
  }

  #pathOf({ directory, name }: FilePath): string {
    return join(this.#directories[directory], name);
  }
}

/** The same for all spellings of, and links to, a directory. */
async function idOf(directory: string): Promise<string> {
  const { dev, ino } = await files.stat(directory, { bigint: true });
  return `${dev}:${ino}`;
}

/** The names in a directory; none where only those who know a name may enter. */
async function readableNames(directory: string): Promise<readonly string[]> {
  try {
    return await files.readdir(directory);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EACCES" || code === "EPERM") return [];
    throw error;
  }
}

/** Up to `length` bytes from `offset` on, and how long the file is. */
async function readFrom(fd: number, offset: number, length: number): Promise<FileResult> {
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
}

/** Closes what was opened; what could not be opened need not be closed. */
async function closeAll(descriptors: readonly Descriptor[]): Promise<void> {
  for (const descriptor of descriptors) {
    const fd = await descriptor.catch(() => undefined);
    if (fd !== undefined) await files.close(fd);
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
const LOG_PREFIX = "log.";
const SYNC_WRITE_BYTES = 64 * 1024;
const MAX_OPEN = 8;
