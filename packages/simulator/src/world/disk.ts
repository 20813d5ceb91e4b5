/**
 * A simulated disk: carries out file operations lane by lane, each after a
 * while, and knows what a crash may leave of them. What the core calls durable
 * is put to the test here: names of files are durable only after `syncDirectory`,
 * bytes only after `sync`, and a power failure keeps any subset of the rest.
 *
 * A process reaches its files by descriptors; using one that was closed meanwhile,
 * or has become another file's, is a violation.
 *
 * A disk outlives its process. It knows nothing of what the files mean.
 */
import type {
  Directory,
  FileFailure,
  FileLane,
  FileOperation,
  FileOperationId,
  FilePath,
  FileResult,
} from "@jute-ts/quorum";
import type { DiskImage, DiskView } from "../checkers/checker.js";
import { Descriptors, type DescriptorUse } from "./descriptors.js";
import { DiskFile } from "./disk-file.js";
import { cancel, type EventQueue, type Scheduled } from "./event-queue.js";
import type { Random } from "./random.js";

/** What the disk tells its owner. */
export interface DiskListener {
  /** An operation was carried out on the disk. Called even when nobody waits for it any more. */
  onCarriedOut(operation: FileOperation, result: FileResult): void;
  /** The process that asked may be told now. */
  onDone(id: FileOperationId, result: FileResult): void;
}

/** How long operations take, in milliseconds. */
export interface DiskSpeed {
  readonly operationMs: number;
  /** The mean of an fsync; the distribution has a long tail. */
  readonly syncMs: number;
}

/** What a crash leaves of what was not durable. */
export type CrashLoss =
  /** The process died, the system lives on: its memory of the files is intact, and still not durable. */
  | { readonly kind: "process" }
  /** The power failed: each thing is kept with this probability; the last write may end at any byte. */
  | { readonly kind: "power"; readonly keepProbability: number; readonly tear: boolean };

/** An operation that will not do what it is asked for. */
export interface DiskFault {
  readonly operation: FileOperation["kind"];
  readonly reason: Exclude<FileFailure, "missing">;
}

/** Files and their bytes. */
export type DiskCopy = readonly (readonly [path: FilePath, bytes: Uint8Array])[];

type NameChange =
  | { readonly kind: "link"; readonly name: string; readonly file: DiskFile }
  | { readonly kind: "unlink"; readonly name: string }
  | {
      readonly kind: "rename";
      readonly from: string;
      readonly to: string;
      readonly file: DiskFile;
    };

interface Folder {
  readonly current: Map<string, DiskFile>;
  readonly durable: Map<string, DiskFile>;
  /** What happened to the names since the directory was last synced, in order. */
  changes: NameChange[];
}

interface Request {
  readonly id: FileOperationId;
  readonly operation: FileOperation;
}

interface Lane {
  readonly waiting: Request[];
  busy: Scheduled | undefined;
  /** How many times as long as on a healthy disk the operation under way takes. */
  slowness: number;
  /** The open file that the operation under way uses, if it uses one. */
  use: DescriptorUse | undefined;
}

export class Disk implements DiskView {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #listener: DiskListener;
  readonly #folders: Readonly<Record<Directory, Folder>> = {
    data: newFolder(),
    log: newFolder(),
  };
  readonly #lanes: Readonly<Record<FileLane, Lane>> = {
    log: { waiting: [], busy: undefined, slowness: 1, use: undefined },
    epoch: { waiting: [], busy: undefined, slowness: 1, use: undefined },
    snapshot: { waiting: [], busy: undefined, slowness: 1, use: undefined },
  };
  readonly #descriptors = new Descriptors((path) => this.#current(path));
  readonly #speed: DiskSpeed;
  #slowness = 1;
  #hangs = false;
  #faults: DiskFault[] = [];
  /** How many processes have gone. */
  #crashes = 0;

  constructor(queue: EventQueue, random: Random, speed: DiskSpeed, listener: DiskListener) {
    this.#queue = queue;
    this.#random = random;
    this.#speed = speed;
    this.#listener = listener;
  }

  /** Takes an operation; those of a lane are carried out in the order in which they were asked for. */
  request(id: FileOperationId, lane: FileLane, operation: FileOperation): void {
    const queue = this.#lanes[lane];
    queue.waiting.push({ id, operation });
    if (queue.busy === undefined) this.#begin(queue);
  }

  /** No operation begins any more. What is under way is carried out. */
  hang(): void {
    this.#hangs = true;
  }

  /** Operations begin again. */
  goOn(): void {
    this.#hangs = false;
    for (const lane of Object.values(this.#lanes)) if (lane.busy === undefined) this.#begin(lane);
  }

  /** Everything takes this many times as long, from the next operation on. */
  slowDown(factor: number): void {
    this.#slowness = factor;
  }

  /** The next operation of this kind fails. */
  failNext(fault: DiskFault): void {
    this.#faults.push(fault);
  }

  /** Repairs what was to fail, and hastens what a slow disk has begun. */
  heal(): void {
    this.#faults = [];
    this.#slowness = 1;
    for (const lane of Object.values(this.#lanes)) this.#hasten(lane);
  }

  /**
   * The process is gone, and with it what it was waiting for. An operation under
   * way may have happened; of what is not durable, `loss` says what is kept.
   * Returns the kinds of the operations that were under way.
   */
  crash(loss: CrashLoss, random: Random): FileOperation["kind"][] {
    const interrupted: FileOperation["kind"][] = [];
    this.#crashes++;
    for (const lane of Object.values(this.#lanes)) {
      const request = lane.busy === undefined ? undefined : lane.waiting[0];
      cancel(lane.busy);
      lane.busy = undefined;
      lane.use = undefined;
      lane.waiting.length = 0;
      if (request === undefined) continue;
      interrupted.push(request.operation.kind);
      this.#interrupt(request.operation, random);
    }
    this.#descriptors.closeAll();
    if (loss.kind === "power") this.#losePower(loss.keepProbability, loss.tear, random);
    return interrupted;
  }

  names(directory: Directory, image: DiskImage): readonly string[] {
    return [...this.#folders[directory][image].keys()].sort();
  }

  contents(path: FilePath, image: DiskImage): Uint8Array | undefined {
    const file = this.#folders[path.directory][image].get(path.name);
    if (file === undefined) return undefined;
    return image === "current" ? file.read(0, file.size) : file.durableContents();
  }

  isDurable({ directory, name }: FilePath): boolean {
    const { current, durable } = this.#folders[directory];
    const file = current.get(name);
    return file?.isDurable === true && durable.get(name) === file;
  }

  /** Turns over one bit of a file, whichever process looks at it. False when it is not there. */
  rot(path: FilePath, byteAt: number, bit: number): boolean {
    const file = this.#folders[path.directory].current.get(path.name);
    if (file === undefined || byteAt >= file.size) return false;
    file.rot(byteAt, bit);
    return true;
  }

  /** Loses a part of a file, whichever process looks at it. False when it is not there. */
  loseBytes(path: FilePath, start: number, length: number): boolean {
    const file = this.#folders[path.directory].current.get(path.name);
    if (file === undefined || start >= file.size) return false;
    file.loseBytes(start, length);
    return true;
  }

  /** Has a part of a file hold other bytes, whichever process looks at it. False when it is not there. */
  replaceBytes(path: FilePath, start: number, bytes: Uint8Array): boolean {
    const file = this.#folders[path.directory].current.get(path.name);
    if (file === undefined || start >= file.size) return false;
    file.replaceBytes(start, bytes);
    return true;
  }

  /** A copy of all files, as processes see them or as a power failure would leave them. */
  copy(image: DiskImage): DiskCopy {
    return DIRECTORIES.flatMap((directory) =>
      this.names(directory, image).map((name): DiskCopy[number] => {
        const path = { directory, name };
        return [path, this.contents(path, image) ?? new Uint8Array(0)];
      }),
    );
  }

  /** Makes it a disk that holds this and nothing else, durably. No process may be using it. */
  replace(files: DiskCopy): void {
    for (const { current, durable, changes } of Object.values(this.#folders)) {
      current.clear();
      durable.clear();
      // What the last process did and nobody synced was on the other disk.
      changes.length = 0;
    }
    for (const [path, bytes] of files) this.place(path, bytes);
  }

  /** Puts a file on the disk, durably, as if it had always been there. */
  place(path: FilePath, bytes: Uint8Array): void {
    this.lose(path);
    const file = new DiskFile();
    file.write(0, bytes);
    file.sync();
    this.#folders[path.directory].current.set(path.name, file);
    this.#folders[path.directory].durable.set(path.name, file);
  }

  /** Takes a file off the disk, durably, as if it had never been there. False when it is not there. */
  lose(path: FilePath): boolean {
    const folder = this.#folders[path.directory];
    const wasThere = folder.current.delete(path.name);
    folder.durable.delete(path.name);
    // A change that made it and is not durable yet would bring it back.
    folder.changes = folder.changes.flatMap((change) => withoutName(change, path.name));
    return wasThere;
  }

  #begin(lane: Lane): void {
    const request = lane.waiting[0];
    if (request === undefined || this.#hangs) return;
    lane.use = this.#descriptors.begin(request.operation);
    lane.slowness = this.#slowness;
    this.#endAfter(this.#duration(request.operation), lane, request);
  }

  #hasten(lane: Lane): void {
    const [request] = lane.waiting;
    if (lane.busy === undefined || request === undefined || lane.slowness === 1) return;
    const leftMs = lane.busy.atMs - this.#queue.nowMs;
    cancel(lane.busy);
    this.#endAfter(leftMs / lane.slowness, lane, request);
    lane.slowness = 1;
  }

  #endAfter(delayMs: number, lane: Lane, request: Request): void {
    lane.busy = this.#queue.after(delayMs, () => {
      lane.waiting.shift();
      lane.busy = undefined;
      this.#descriptors.check(lane.use);
      const result = this.#carryOut(request.operation);
      this.#descriptors.end(lane.use, request.operation);
      const crashes = this.#crashes;
      this.#listener.onCarriedOut(request.operation, result);
      // Whoever asked is gone, and the next process may have begun at once.
      if (this.#crashes !== crashes) return;
      this.#begin(lane);
      this.#listener.onDone(request.id, result);
    });
  }

  #duration(operation: FileOperation): number {
    const isSync = operation.kind === "sync" || operation.kind === "syncDirectory";
    const meanMs = isSync ? this.#speed.syncMs : this.#speed.operationMs;
    return this.#random.exponential(meanMs) * this.#slowness;
  }

  #carryOut(operation: FileOperation): FileResult {
    const faultAt = this.#faults.findIndex((fault) => fault.operation === operation.kind);
    const fault = faultAt < 0 ? undefined : this.#faults.splice(faultAt, 1)[0];
    return fault === undefined ? this.#perform(operation) : this.#fail(operation, fault);
  }

  #perform(operation: FileOperation): FileResult {
    switch (operation.kind) {
      case "list":
        return { kind: "names", names: this.names(operation.directory, "current") };
      case "read": {
        const file = this.#current(operation.file);
        if (file === undefined) return missing(operation.file);
        const bytes = file.read(operation.offset, operation.length);
        return { kind: "bytes", bytes: placed(bytes, operation.into), size: file.size };
      }
      case "create": {
        const existing = this.#current(operation.file);
        if (existing !== undefined) {
          existing.truncate(0);
          return DONE;
        }
        const file = new DiskFile();
        const folder = this.#folders[operation.file.directory];
        folder.current.set(operation.file.name, file);
        folder.changes.push({ kind: "link", name: operation.file.name, file });
        return DONE;
      }
      case "write": {
        const file = this.#current(operation.file);
        if (file === undefined) return missing(operation.file);
        file.write(operation.offset, operation.bytes);
        return DONE;
      }
      case "sync": {
        const file = this.#current(operation.file);
        if (file === undefined) return missing(operation.file);
        file.sync();
        return DONE;
      }
      case "truncate": {
        const file = this.#current(operation.file);
        if (file === undefined) return missing(operation.file);
        file.truncate(operation.size);
        return DONE;
      }
      case "rename": {
        const file = this.#current(operation.file);
        if (file === undefined) return missing(operation.file);
        const folder = this.#folders[operation.file.directory];
        const { name: from } = operation.file;
        folder.current.delete(from);
        folder.current.set(operation.to, file);
        folder.changes.push({ kind: "rename", from, to: operation.to, file });
        return DONE;
      }
      case "remove": {
        if (this.#current(operation.file) === undefined) return missing(operation.file);
        const folder = this.#folders[operation.file.directory];
        folder.current.delete(operation.file.name);
        folder.changes.push({ kind: "unlink", name: operation.file.name });
        return DONE;
      }
      case "syncDirectory": {
        const folder = this.#folders[operation.directory];
        for (const change of folder.changes) applyNameChange(folder.durable, change);
        folder.changes = [];
        return DONE;
      }
    }
  }

  /** Fails an operation half way, as real ones do. */
  #fail(operation: FileOperation, fault: DiskFault): FileResult {
    if (operation.kind === "write") this.#writePart(operation, this.#random);
    if (operation.kind === "sync") this.#current(operation.file)?.failSync(this.#random);
    return { kind: "failed", reason: fault.reason, message: `simulated: ${fault.reason}` };
  }

  /** An operation that was under way when the process ended: it happened, half of it happened, or nothing did. */
  #interrupt(operation: FileOperation, random: Random): void {
    const fate = random.integer(0, 2);
    if (fate === 1 && operation.kind === "write") this.#writePart(operation, random);
    if (fate === 2) this.#perform(operation);
  }

  #writePart(operation: FileOperation & { kind: "write" }, random: Random): void {
    const part = operation.bytes.subarray(0, random.integer(0, operation.bytes.length));
    this.#current(operation.file)?.write(operation.offset, part);
  }

  #losePower(keepProbability: number, tear: boolean, random: Random): void {
    for (const folder of Object.values(this.#folders)) {
      for (const change of folder.changes) {
        if (random.chance(keepProbability)) applyNameChange(folder.durable, change);
      }
      folder.changes = [];
      folder.current.clear();
      // A file under two names, after half a rename, is still one file and loses its bytes once.
      const files = new Set(folder.durable.values());
      for (const file of files) file.loseUnsynced(random, keepProbability, tear);
      for (const [name, file] of folder.durable) folder.current.set(name, file);
    }
  }

  #current(path: FilePath): DiskFile | undefined {
    return this.#folders[path.directory].current.get(path.name);
  }
}

const DIRECTORIES: readonly Directory[] = ["data", "log"];

const DONE: FileResult = { kind: "done" };

function missing(path: FilePath): FileResult {
  return {
    kind: "failed",
    reason: "missing",
    message: `no file ${path.name} in the ${path.directory} directory`,
  };
}

function newFolder(): Folder {
  return { current: new Map(), durable: new Map(), changes: [] };
}

/** What is left of a change when this name is, durably, as it is: nothing, or that another one went. */
function withoutName(change: NameChange, name: string): NameChange[] {
  if (change.kind !== "rename") return change.name === name ? [] : [change];
  return change.to === name ? [{ kind: "unlink", name: change.from }] : [change];
}

function applyNameChange(names: Map<string, DiskFile>, change: NameChange): void {
  switch (change.kind) {
    case "link":
      names.set(change.name, change.file);
      break;
    case "unlink":
      names.delete(change.name);
      break;
    case "rename":
      // A file that was renamed twice may have left this name already.
      if (names.get(change.from) === change.file) names.delete(change.from);
      names.set(change.to, change.file);
      break;
  }
}

/** As real disks give them: over what was read before, where nobody needs that any more. */
function placed(bytes: Uint8Array, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined) return bytes;
  into.set(bytes);
  return into.subarray(0, bytes.length);
}
