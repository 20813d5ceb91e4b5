/**
 * Files of a server that never reach a disk, for tests: they are there for as long
 * as this object is, also when the server is stopped and started again on it. It
 * promises what a disk promises, except that anything is left when the process ends.
 */
import type {
  FileFailure,
  FileLane,
  FileOperation,
  FileOperationId,
  FilePath,
  FileResult,
} from "@jute-ts/quorum";
import type { FileDone, StorageDriver } from "./file-driver.js";

/** Not durable: everything is gone with the process. */
export class MemoryStorage {
  readonly #files = new Map<string, MemoryFile>();

  /** How much the files hold, in bytes. */
  get bytes(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size;
    return sum;
  }

  /** Carries out the operations of one life of a server. One driver at a time. */
  driver(done: FileDone): StorageDriver {
    return new MemoryDriver((operation) => this.#carryOut(operation), done);
  }

  #carryOut(operation: FileOperation): FileResult {
    switch (operation.kind) {
      case "list":
        // Both directories are one.
        return { kind: "names", names: [...this.#files.keys()], isShared: true };
      case "create":
        this.#files.set(operation.file.name, new MemoryFile());
        return DONE;
      case "read":
        return this.#with(operation.file, (file) => ({
          kind: "bytes",
          bytes: file.read(operation.offset, operation.length),
          size: file.size,
        }));
      case "write":
        return this.#with(operation.file, (file) => {
          file.write(operation.offset, operation.bytes);
          return DONE;
        });
      case "truncate":
        return this.#with(operation.file, (file) => {
          file.resize(operation.size);
          return DONE;
        });
      case "sync":
        return this.#with(operation.file, () => DONE);
      case "rename":
        return this.#with(operation.file, (file) => {
          this.#files.delete(operation.file.name);
          this.#files.set(operation.to, file);
          return DONE;
        });
      case "remove":
        return this.#with(operation.file, () => {
          this.#files.delete(operation.file.name);
          return DONE;
        });
      case "syncDirectory":
        return DONE;
    }
  }

  #with({ name }: FilePath, use: (file: MemoryFile) => FileResult): FileResult {
    const file = this.#files.get(name);
    const reason: FileFailure = "missing";
    if (file === undefined) return { kind: "failed", reason, message: `there is no ${name}` };
    return use(file);
  }
}

class MemoryDriver implements StorageDriver {
  readonly #carryOut: (operation: FileOperation) => FileResult;
  readonly #done: FileDone;
  #closed = false;

  constructor(carryOut: (operation: FileOperation) => FileResult, done: FileDone) {
    this.#carryOut = carryOut;
    this.#done = done;
  }

  submit(id: FileOperationId, _lane: FileLane, operation: FileOperation): void {
    if (this.#closed) return;
    // Now, because the bytes are only lent; but nobody hears of it before `submit` has returned.
    const result = this.#carryOut(operation);
    queueMicrotask(() => {
      if (!this.#closed) this.#done(id, result);
    });
  }

  abort(): void {
    this.#closed = true;
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}

/** Bytes that grow by doubling. */
class MemoryFile {
  #bytes = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A copy. */
  read(offset: number, length: number): Uint8Array {
    return this.#bytes.slice(Math.min(offset, this.#size), Math.min(offset + length, this.#size));
  }

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = offset + bytes.length;
    if (end > this.#size) this.resize(end);
    this.#bytes.set(bytes, offset);
  }

  /** Cuts the file, or extends it with zeros. */
  resize(size: number): void {
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    } else if (size < this.#size) {
      this.#bytes.fill(0, size, this.#size);
    }
    this.#size = size;
  }
}

const DONE: FileResult = { kind: "done" };
