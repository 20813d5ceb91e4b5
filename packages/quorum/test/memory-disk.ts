/**
 * A disk that does what it is told, at once, and forgets nothing. For tests of
 * what a peer says; what a disk may do to it is the simulator's business.
 */
import type { FileOperation, FilePath, FileResult } from "@jute-ts/quorum/core";

export class MemoryDisk {
  readonly #files = new Map<string, Uint8Array>();

  carryOut(operation: FileOperation): FileResult {
    switch (operation.kind) {
      case "list": {
        const prefix = `${operation.directory}/`;
        const names = [...this.#files.keys()].filter((key) => key.startsWith(prefix));
        return { kind: "names", names: names.map((key) => key.slice(prefix.length)) };
      }
      case "read": {
        const bytes = this.#files.get(keyOf(operation.file));
        if (bytes === undefined) return { kind: "failed", reason: "missing", message: "no file" };
        const { offset, length } = operation;
        return { kind: "bytes", bytes: bytes.slice(offset, offset + length), size: bytes.length };
      }
      case "create":
        this.#files.set(keyOf(operation.file), new Uint8Array(0));
        return { kind: "done" };
      case "write": {
        const { file, offset, bytes } = operation;
        this.#resize(file, Math.max(this.#sizeOf(file), offset + bytes.length)).set(bytes, offset);
        return { kind: "done" };
      }
      case "truncate":
        this.#resize(operation.file, operation.size);
        return { kind: "done" };
      case "rename": {
        const { file, to } = operation;
        const bytes = this.#files.get(keyOf(file));
        if (bytes === undefined) return { kind: "failed", reason: "missing", message: "no file" };
        this.#files.delete(keyOf(file));
        this.#files.set(keyOf({ ...file, name: to }), bytes);
        return { kind: "done" };
      }
      case "remove":
        this.#files.delete(keyOf(operation.file));
        return { kind: "done" };
      case "sync":
      case "syncDirectory":
        return { kind: "done" };
    }
  }

  #sizeOf(file: FilePath): number {
    return this.#files.get(keyOf(file))?.length ?? 0;
  }

  #resize(file: FilePath, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    bytes.set((this.#files.get(keyOf(file)) ?? bytes).subarray(0, size));
    this.#files.set(keyOf(file), bytes);
    return bytes;
  }
}

function keyOf({ directory, name }: FilePath): string {
  return `${directory}/${name}`;
}
