/**
 * The open files of a simulated process: few at once, with numbers that are used
 * again as soon as they are free, as on a real system. The rules by which files stay
 * open are those of the real driver; here it shows when they close one too early.
 */
import {
  type Directory,
  type FileOperation,
  type FilePath,
  type OpenFile,
  OpenFiles,
} from "@jute-ts/quorum";
import { InvariantViolation } from "../checkers/checker.js";
import type { DiskFile } from "./disk-file.js";

interface Descriptor {
  readonly number: number;
  readonly path: string;
  /** What it was opened as. */
  readonly file: DiskFile;
  /** How many operations use it. */
  uses: number;
  /** Whether something was written since the last fsync. */
  isUnsynced: boolean;
  /** Whether its path has become another file's, or nobody's. */
  isGone: boolean;
}

/** An operation's hold on the file that it uses. */
export type DescriptorUse = OpenFile<Descriptor>;

export class Descriptors {
  readonly #fileAt: (path: FilePath) => DiskFile | undefined;
  #open = new OpenFiles<Descriptor>(MAX_OPEN);
  /** The key of each path that was ever used: a text that is made again must be hashed again. */
  readonly #keys: Readonly<Record<Directory, Map<string, string>>> = {
    data: new Map(),
    log: new Map(),
  };
  /** By their numbers; undefined where one is free. */
  #numbers: (Descriptor | undefined)[] = [];

  /** `fileAt`: what lies under a path now. */
  constructor(fileAt: (path: FilePath) => DiskFile | undefined) {
    this.#fileAt = fileAt;
  }

  /** The process is gone, and all of its descriptors. */
  closeAll(): void {
    this.#open = new OpenFiles(MAX_OPEN);
    this.#numbers = [];
  }

  /** An operation begins: opens the file that it uses, or takes the open one. */
  begin(operation: FileOperation): DescriptorUse | undefined {
    switch (operation.kind) {
      case "write":
      case "sync":
      case "truncate":
        return this.#use(operation.file);
      case "read":
      case "create":
        return this.#hold(operation.file);
      default:
        return undefined;
    }
  }

  /** What an operation has opened must be the same file when it is carried out. Throws InvariantViolation. */
  check(use: DescriptorUse | undefined): void {
    if (use === undefined) return;
    const { number, file } = use.descriptor;
    const found = this.#numbers[number]?.file;
    if (found === file) return;
    throw violation(
      `${use.path} is used through descriptor ${number}, which is ${found === undefined ? "closed" : "another file's"} by now`,
    );
  }

  /** An operation is over. */
  end(use: DescriptorUse | undefined, operation: FileOperation): void {
    if (use !== undefined) this.#endHold(use, operation);
    switch (operation.kind) {
      case "create":
        if (use === undefined) this.#endHold(this.#use(operation.file), operation);
        break;
      case "rename":
        this.#forget(operation.file);
        this.#forget({ ...operation.file, name: operation.to });
        break;
      case "remove":
        this.#forget(operation.file);
        break;
      default:
        break;
    }
  }

  #use(path: FilePath): DescriptorUse | undefined {
    const open = this.#hold(path);
    if (open !== undefined) return open;
    const file = this.#fileAt(path);
    if (file === undefined) return undefined;
    const free = this.#numbers.indexOf(undefined);
    const number = free < 0 ? this.#numbers.length : free;
    const key = this.#keyOf(path);
    const descriptor = { number, path: key, file, uses: 1, isUnsynced: false, isGone: false };
    this.#numbers[number] = descriptor;
    return this.#open.add(key, descriptor);
  }

  #hold(path: FilePath): DescriptorUse | undefined {
    const use = this.#open.hold(this.#keyOf(path));
    if (use !== undefined) use.descriptor.uses += 1;
    return use;
  }

  #forget(path: FilePath): void {
    const key = this.#keyOf(path);
    for (const descriptor of this.#numbers) if (descriptor?.path === key) descriptor.isGone = true;
    this.#close(this.#open.forget(key));
  }

  #endHold(use: DescriptorUse | undefined, { kind }: FileOperation): void {
    if (use === undefined) return;
    const { descriptor } = use;
    if (kind === "write" || kind === "truncate" || kind === "create") use.isUnsynced = true;
    if (kind === "sync") use.isUnsynced = false;
    descriptor.isUnsynced = use.isUnsynced;
    descriptor.uses -= 1;
    this.#close(this.#open.release(use));
    if (this.#numbers.length > MAX_OPEN) this.#judgeOpen();
  }

  /** What nobody uses, and has nothing to tell, is closed where that is too much. */
  #judgeOpen(): void {
    let idle = 0;
    for (const each of this.#numbers)
      if (each !== undefined && each.uses === 0 && !each.isUnsynced) idle += 1;
    if (idle > MAX_OPEN)
      throw violation(`${idle} files are open that nobody uses, more than ${MAX_OPEN}`);
  }

  #keyOf({ directory, name }: FilePath): string {
    const keys = this.#keys[directory];
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = `${directory}/${name}`));
    return key;
  }

  #close(descriptors: readonly Descriptor[]): void {
    for (const { number, path, isUnsynced, isGone } of descriptors) {
      // Only who has the file open may hear of a write that failed.
      if (isUnsynced && !isGone)
        throw violation(`${path} is closed before what was written is synced`);
      this.#numbers[number] = undefined;
    }
  }
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("OwnDescriptor", text);
}

/** Fewer than the real driver keeps open, so that short runs close some. */
const MAX_OPEN = 2;
