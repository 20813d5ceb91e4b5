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
  /** What it was opened as. */
  readonly file: DiskFile;
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
  /** What each number leads to; undefined where it is free. */
  #numbers: (DiskFile | undefined)[] = [];

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
        return this.#open.hold(this.#keyOf(operation.file));
      default:
        return undefined;
    }
  }

  /** What an operation has opened must be the same file when it is carried out. Throws InvariantViolation. */
  check(use: DescriptorUse | undefined): void {
    if (use === undefined) return;
    const { number, file } = use.descriptor;
    const found = this.#numbers[number];
    if (found === file) return;
    throw new InvariantViolation(
      "OwnDescriptor",
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
        this.#close(this.#open.forget(this.#keyOf(operation.file)));
        this.#close(this.#open.forget(this.#keyOf({ ...operation.file, name: operation.to })));
        break;
      case "remove":
        this.#close(this.#open.forget(this.#keyOf(operation.file)));
        break;
      default:
        break;
    }
  }

  #use(path: FilePath): DescriptorUse | undefined {
    const open = this.#open.hold(this.#keyOf(path));
    if (open !== undefined) return open;
    const file = this.#fileAt(path);
    if (file === undefined) return undefined;
    const free = this.#numbers.indexOf(undefined);
    const number = free < 0 ? this.#numbers.length : free;
    this.#numbers[number] = file;
    return this.#open.add(this.#keyOf(path), { number, file });
  }

  #endHold(use: DescriptorUse | undefined, { kind }: FileOperation): void {
    if (use === undefined) return;
    if (kind === "write" || kind === "truncate" || kind === "create") use.isUnsynced = true;
    if (kind === "sync") use.isUnsynced = false;
    this.#close(this.#open.release(use));
  }

  #keyOf({ directory, name }: FilePath): string {
    const keys = this.#keys[directory];
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = `${directory}/${name}`));
    return key;
  }

  #close(descriptors: readonly Descriptor[]): void {
    for (const { number } of descriptors) this.#numbers[number] = undefined;
  }
}

/** Fewer than the real driver keeps open, so that short runs close some. */
const MAX_OPEN = 2;
