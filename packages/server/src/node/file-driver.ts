/**
 * Carries the core's file operations out on a real disk. It decides nothing; every
 * outcome, good or bad, goes back to the core as it is. Operations run beside each
 * other: the core asks for the next one of a lane when the last one is done.
 */
import { writeSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Directory,
  type FileLane,
  type FileOperation,
  type FileOperationId,
  type FilePath,
  type FileResult,
  type OpenFile,
  OpenFiles,
} from "@jute-ts/quorum";
import { DONE, failed, files, idOf, readableNames, readFrom, tryToWrite } from "./disk.js";
import { FileSyncs, type FileSyncsOptions, isLogFile } from "./file-syncs.js";
import { makeDirectory } from "./make-directory.js";
import { InflatedFile, isGzipped } from "./snapshot-files.js";
import { ignore } from "./transport.js";

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

/** A file that is being opened, or was. */
interface Descriptor {
  readonly opened: Promise<number>;
  /** Its number, once somebody has waited for that. */
  number: number | undefined;
}

/** An operation that needs nothing but a file that is open, and that file, held. */
interface ReadyOperation {
  readonly operation: FileOperation & { readonly kind: "write" | "sync" };
  readonly open: OpenFile<Descriptor>;
  readonly fd: number;
}

export class FileDriver implements StorageDriver {
  readonly #directories: DataDirectories;
  readonly #done: FileDone;
  readonly #underWay = new Set<Promise<void>>();
  /** Of those that need no promise. */
  #readyUnderWay = 0;
  #onReadyOver: () => void = ignore;
  readonly #open = new OpenFiles<Descriptor>(MAX_OPEN);
  /** The compressed snapshot that each lane reads. */
  readonly #inflated = new Map<FileLane, InflatedFile>();
  readonly #syncs: FileSyncs;
  /** The file that was used last in each directory, which is often the next one, too. */
  readonly #lastUsed: Record<Directory, { name: string; path: string } | undefined> = {
    data: undefined,
    log: undefined,
  };
  #aborted = false;
  #closed = false;

  constructor(directories: DataDirectories, done: FileDone, options: FileSyncsOptions = {}) {
    this.#directories = directories;
    this.#done = done;
    this.#syncs = new FileSyncs(options);
  }

  submit(id: FileOperationId, lane: FileLane, operation: FileOperation): void {
    if (this.#closed) return;
    const ready = this.#readyFor(operation);
    if (ready !== undefined) {
      this.#runReady(id, lane, ready);
      return;
    }
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
    if (this.#readyUnderWay > 0)
      await new Promise<void>((resolve) => (this.#onReadyOver = resolve));
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

  /**
   * Short writes and fsyncs of files that are open: each commit is made of some, one after the
   * other, and a promise for each of their steps would cost as much as a short write.
   */
  #runReady(id: FileOperationId, lane: FileLane, ready: ReadyOperation): void {
    this.#readyUnderWay++;
    const end = (result: FileResult): void => {
      const unused = this.#open.release(ready.open);
      if (unused.length > 0) void closeAll(unused);
      if (--this.#readyUnderWay === 0) this.#onReadyOver();
      if (!this.#closed) this.#done(id, result);
    };
    const begin = (): void => {
      if (this.#aborted) end(DONE);
      else this.#carryOutReady(lane, ready, end);
    };
    // Never before `submit` has returned; and what nobody waits for, after what has come meanwhile.
    if (ready.operation.kind === "write" && !isLogFile(ready.operation.file)) setImmediate(begin);
    // Less than `queueMicrotask`, which keeps an asynchronous context for it.
    else void RESOLVED.then(begin);
  }

  #carryOutReady(
    lane: FileLane,
    { operation, open, fd }: ReadyOperation,
    end: (result: FileResult) => void,
  ): void {
    if (lane === "log") this.#syncs.count(operation);
    if (operation.kind === "sync") {
      this.#syncs.sync(fd, operation.file, lane, (error) => {
        if (error === undefined) open.isUnsynced = false;
        end(error === undefined ? DONE : failed(error));
      });
      return;
    }
    open.isUnsynced = true;
    end(tryToWrite(fd, operation.bytes, operation.offset));
  }

  /** The operation with its file, held, if that is open and the thread can do without the pool, or leaves only an fsync to it. */
  #readyFor(operation: FileOperation): ReadyOperation | undefined {
    if (operation.kind !== "write" && operation.kind !== "sync") return undefined;
    if (operation.kind === "write" && operation.bytes.length > SYNC_WRITE_BYTES) return undefined;
    const open = this.#open.hold(this.#pathOf(operation.file));
    if (open === undefined) return undefined;
    const fd = open.descriptor.number;
    if (fd !== undefined) return { operation, open, fd };
    void closeAll(this.#open.release(open));
    return undefined;
  }

  async #carryOut(lane: FileLane, operation: FileOperation): Promise<FileResult> {
    if (lane === "log") this.#syncs.count(operation);
    switch (operation.kind) {
      case "list":
        return await this.#list(operation.directory);
      case "read":
        return await this.#read(lane, operation);
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
    for (const directory of [data, log]) makeDirectory(directory);
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

  async #read(
    lane: FileLane,
    { file, offset, length, into }: Extract<FileOperation, { kind: "read" }>,
  ): Promise<FileResult> {
    const path = this.#pathOf(file);
    if (isGzipped(file.name)) return await this.#readInflated(lane, path, offset, length);
    // Not among the files kept open: those that are read are not written to afterwards.
    const open = this.#open.hold(path);
    if (open !== undefined) {
      return await this.#holding(open, async (fd) => await readFrom(fd, offset, length, into));
    }
    const fd = await files.open(path, "r");
    try {
      return await readFrom(fd, offset, length, into);
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
        written +=
          rest <= SYNC_WRITE_BYTES
            ? writeSync(fd, bytes, written, rest, offset + written)
            : (await files.write(fd, bytes, written, rest, offset + written)).bytesWritten;
      }
    });
  }

  async #sync(file: FilePath, lane: FileLane): Promise<void> {
    await this.#use(file, "r+", async (fd, open) => {
      await new Promise<void>((resolve, reject) => {
        this.#syncs.sync(fd, file, lane, (error) => {
          if (error === undefined) resolve();
          // Whatever the system says.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          else reject(error);
        });
      });
      open.isUnsynced = false;
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
    const open = this.#open.hold(path) ?? this.#open.add(path, opening(files.open(path, flags)));
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
      return (descriptor.number = await descriptor.opened);
    } catch (error) {
      await closeAll(this.#open.forget(path));
      throw error;
    }
  }

  #pathOf({ directory, name }: FilePath): string {
    const last = this.#lastUsed[directory];
    if (last?.name === name) return last.path;
    const path = join(this.#directories[directory], name);
    this.#lastUsed[directory] = { name, path };
    return path;
  }
}

/** Closes what was opened; what could not be opened need not be closed. */
async function closeAll(descriptors: readonly Descriptor[]): Promise<void> {
  for (const descriptor of descriptors) {
    const fd = await descriptor.opened.catch(() => undefined);
    if (fd !== undefined) await files.close(fd);
  }
}

function opening(opened: Promise<number>): Descriptor {
  return { opened, number: undefined };
}

const RESOLVED = Promise.resolve();
const SYNC_WRITE_BYTES = 64 * 1024;
const MAX_OPEN = 8;
