/**
 * A disk that a test can crash at any moment and look at afterwards. It keeps, of
 * every file and of both directories, what is durable and what was done since, in
 * order; a crash keeps the part of the latter that the test chooses. Writes can be
 * kept by sectors of 512 bytes, names one change at a time.
 *
 * It is not the simulator's disk, on purpose: two models of the same promises.
 */
import type { Directory, FileOperation, FilePath, FileResult } from "../../src/index.js";

/** What was done to a file since it was last synced. */
type ContentChange =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "size"; readonly size: number };

interface FileNode {
  durable: Uint8Array;
  changes: ContentChange[];
}

type NameChange =
  | { readonly kind: "link"; readonly name: string; readonly node: FileNode }
  | { readonly kind: "unlink"; readonly name: string }
  | {
      readonly kind: "rename";
      readonly from: string;
      readonly to: string;
      readonly node: FileNode;
    };

interface Folder {
  durable: Map<string, FileNode>;
  changes: NameChange[];
}

/** Of `count` things that were not durable, whether the one with this number is kept. */
export type Keep = (index: number, count: number) => boolean;

export class CrashDisk {
  readonly #folders: Record<Directory, Folder> = {
    data: { durable: new Map(), changes: [] },
    log: { durable: new Map(), changes: [] },
  };

  /** Whether both directories are one: then all files lie in that of the data. */
  isShared = false;

  carryOut(asked: FileOperation): FileResult {
    const operation = this.isShared ? inDataDirectory(asked) : asked;
    switch (operation.kind) {
      case "list": {
        const names = [...this.#names(operation.directory).keys()];
        return { kind: "names", names, isShared: this.isShared };
      }
      case "read":
        return this.#withNode(operation.file, (node) => {
          const content = apply(node.durable, node.changes);
          const bytes = content.slice(operation.offset, operation.offset + operation.length);
          return { kind: "bytes", bytes, size: content.length };
        });
      case "create":
        return this.#create(operation.file);
      case "write":
        return this.#withNode(operation.file, (node) => {
          const { offset, bytes } = operation;
          for (const part of inSectors(offset, bytes.slice())) node.changes.push(part);
          return DONE;
        });
      case "truncate":
        return this.#withNode(operation.file, (node) => {
          const { size } = operation;
          // What is cut off may be zeros already while the file still has its length.
          const cutOff = apply(node.durable, node.changes).length - size;
          if (cutOff > 0) node.changes.push(...inSectors(size, new Uint8Array(cutOff)));
          node.changes.push({ kind: "size", size });
          return DONE;
        });
      case "sync":
        return this.#withNode(operation.file, (node) => {
          node.durable = apply(node.durable, node.changes);
          node.changes = [];
          return DONE;
        });
      case "rename":
        return this.#withNode(operation.file, (node) => {
          const { file, to } = operation;
          this.#changeName(file.directory, { kind: "rename", from: file.name, to, node });
          return DONE;
        });
      case "remove":
        return this.#withNode(operation.file, () => {
          const { directory, name } = operation.file;
          this.#changeName(directory, { kind: "unlink", name });
          return DONE;
        });
      case "syncDirectory": {
        const folder = this.#folders[operation.directory];
        folder.durable = this.#names(operation.directory);
        folder.changes = [];
        return DONE;
      }
    }
  }

  /** How many things would be at stake in a crash. */
  get changesAtStake(): number {
    let count = 0;
    for (const folder of Object.values(this.#folders)) {
      count += folder.changes.length;
      for (const node of nodesOf(folder)) count += node.changes.length;
    }
    return count;
  }

  /** The disk after a power failure that kept these of the things at stake. This one is unchanged. */
  afterCrash(keep: Keep): CrashDisk {
    const count = this.changesAtStake;
    let index = 0;
    const kept = new Map<FileNode, FileNode>();
    const after = new CrashDisk();
    for (const directory of DIRECTORIES) {
      const folder = this.#folders[directory];
      const changes = folder.changes.filter(() => keep(index++, count));
      for (const node of nodesOf(folder)) {
        const content = node.changes.filter(() => keep(index++, count));
        kept.set(node, { durable: apply(node.durable, content), changes: [] });
      }
      for (const [name, node] of applyNames(folder.durable, changes)) {
        const copy = kept.get(node);
        if (copy !== undefined) after.#folders[directory].durable.set(name, copy);
      }
    }
    return after;
  }

  /** A copy with the same things at stake: what another process finds when only ours died. */
  clone(): CrashDisk {
    const copies = new Map<FileNode, FileNode>();
    const copyOf = (node: FileNode): FileNode => {
      const copy = copies.get(node) ?? { durable: node.durable, changes: [...node.changes] };
      copies.set(node, copy);
      return copy;
    };
    const clone = new CrashDisk();
    for (const directory of DIRECTORIES) {
      const folder = this.#folders[directory];
      const target = clone.#folders[directory];
      for (const [name, node] of folder.durable) target.durable.set(name, copyOf(node));
      for (const change of folder.changes) {
        target.changes.push(
          change.kind === "unlink" ? change : { ...change, node: copyOf(change.node) },
        );
      }
    }
    return clone;
  }

  names(directory: Directory): string[] {
    return [...this.#names(directory).keys()].sort();
  }

  /** The bytes of a file as a process sees them. Throws when there is none. */
  contents(file: FilePath): Uint8Array {
    const node = this.#names(file.directory).get(file.name);
    if (node === undefined) throw new Error(`there is no ${file.name}`);
    return apply(node.durable, node.changes);
  }

  /** Puts a file there, durably. */
  place(file: FilePath, bytes: Uint8Array): void {
    this.#folders[file.directory].durable.set(file.name, { durable: bytes.slice(), changes: [] });
  }

  /** Takes a file away, durably. */
  take(file: FilePath): void {
    this.#folders[file.directory].durable.delete(file.name);
  }

  #create(file: FilePath): FileResult {
    const existing = this.#names(file.directory).get(file.name);
    if (existing === undefined) {
      const node: FileNode = { durable: new Uint8Array(0), changes: [] };
      this.#changeName(file.directory, { kind: "link", name: file.name, node });
    } else {
      existing.changes.push({ kind: "size", size: 0 });
    }
    return DONE;
  }

  #withNode(file: FilePath, action: (node: FileNode) => FileResult): FileResult {
    const node = this.#names(file.directory).get(file.name);
    return node === undefined
      ? { kind: "failed", reason: "missing", message: `there is no ${file.name}` }
      : action(node);
  }

  #changeName(directory: Directory, change: NameChange): void {
    this.#folders[directory].changes.push(change);
  }

  #names(directory: Directory): Map<string, FileNode> {
    const folder = this.#folders[directory];
    return applyNames(folder.durable, folder.changes);
  }
}

function inDataDirectory(operation: FileOperation): FileOperation {
  if ("directory" in operation) return { ...operation, directory: "data" };
  return { ...operation, file: { ...operation.file, directory: "data" } };
}

function nodesOf(folder: Folder): Set<FileNode> {
  const nodes = new Set(folder.durable.values());
  for (const change of folder.changes) if (change.kind !== "unlink") nodes.add(change.node);
  return nodes;
}

function applyNames(
  names: ReadonlyMap<string, FileNode>,
  changes: readonly NameChange[],
): Map<string, FileNode> {
  const after = new Map(names);
  for (const change of changes) {
    switch (change.kind) {
      case "link":
        after.set(change.name, change.node);
        break;
      case "unlink":
        after.delete(change.name);
        break;
      case "rename":
        if (after.get(change.from) === change.node) after.delete(change.from);
        after.set(change.to, change.node);
        break;
    }
  }
  return after;
}

function apply(content: Uint8Array, changes: readonly ContentChange[]): Uint8Array {
  let bytes = content;
  for (const change of changes) {
    const size =
      change.kind === "size"
        ? change.size
        : Math.max(bytes.length, change.offset + change.bytes.length);
    const next = new Uint8Array(size);
    next.set(bytes.subarray(0, size));
    if (change.kind === "write") next.set(change.bytes, change.offset);
    bytes = next;
  }
  return bytes;
}

function inSectors(offset: number, bytes: Uint8Array): ContentChange[] {
  const parts: ContentChange[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES), bytes.length);
    parts.push({ kind: "write", offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return parts;
}

const DIRECTORIES: readonly Directory[] = ["data", "log"];
const DONE: FileResult = { kind: "done" };

export const SECTOR_BYTES = 512;
