/**
 * A disk that does what it is told, at once, and forgets nothing. For tests of
 * what a peer says; what a disk may do to it is the simulator's business.
 */
import {
  encodeEpochFile,
  encodeTxnLogHeader,
  encodeTxnLogRecords,
  logFileName,
  SnapshotFileEncoder,
  snapshotFileName,
} from "@jute-ts/persistence";
import type { Zxid } from "@jute-ts/zookeeper";
import type { FileOperation, FilePath, FileResult, LoggedTxn } from "../src/index.js";
import type { Epoch } from "@jute-ts/zookeeper";
import { RegisterState } from "./register-state.js";

/** What a server of a test did before. */
export interface Past {
  /** Its log, in order. */
  readonly txns?: readonly LoggedTxn[];
  /** That of the last txn, unless it is given. */
  readonly currentEpoch?: Epoch;
  /** The current one, unless it is given. */
  readonly acceptedEpoch?: Epoch;
}

export class MemoryDisk {
  readonly #files = new Map<string, Uint8Array>();

  /** A disk that holds a register's first snapshot, one log and the epochs. */
  static holding({ txns = [], currentEpoch, acceptedEpoch }: Past): MemoryDisk {
    const disk = new MemoryDisk();
    const [first] = txns;
    // Only the first txn of an epoch may follow what has none.
    const isWhole = first === undefined || (first.zxid & 0xffff_ffffn) === 1n;
    disk.put(...emptySnapshot(isWhole ? 0n : first.zxid - 1n));
    if (first !== undefined) {
      const records = encodeTxnLogRecords(txns.map(({ bytes }) => bytes));
      const bytes = Uint8Array.from([...encodeTxnLogHeader(), ...records]);
      disk.put({ directory: "log", name: logFileName(first.zxid) }, bytes);
    }
    const current = currentEpoch ?? Number((txns.at(-1)?.zxid ?? 0n) >> 32n);
    disk.put({ directory: "data", name: "currentEpoch" }, encodeEpochFile(current));
    disk.put(
      { directory: "data", name: "acceptedEpoch" },
      encodeEpochFile(acceptedEpoch ?? current),
    );
    return disk;
  }

  /** Lays a file down, as if it had been there for long. */
  put(file: FilePath, bytes: Uint8Array): void {
    this.#files.set(keyOf(file), bytes.slice());
  }

  /** The names of the files in both directories, in order. */
  names(): string[] {
    return [...this.#files.keys()].map((key) => key.slice(key.indexOf("/") + 1)).sort();
  }

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
        const { offset, length, into } = operation;
        const piece = bytes.slice(offset, offset + length);
        // As real disks do: over what was read before, where nobody needs that any more.
        into?.set(piece);
        const placed = into?.subarray(0, piece.length) ?? piece;
        return { kind: "bytes", bytes: placed, size: bytes.length };
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

/** What a register that has no txn yet would write. */
function emptySnapshot(zxid: Zxid): [FilePath, Uint8Array] {
  const encoder = new SnapshotFileEncoder();
  const pieces = [encoder.header()];
  const source = new RegisterState().snapshot();
  for (let piece = source.next(); piece !== undefined; piece = source.next()) {
    pieces.push(encoder.body(piece));
  }
  pieces.push(encoder.trailer({}));
  const file: FilePath = { directory: "data", name: snapshotFileName(zxid) };
  return [file, Uint8Array.from(pieces.flatMap((piece) => [...piece]))];
}

function keyOf({ directory, name }: FilePath): string {
  return `${directory}/${name}`;
}
