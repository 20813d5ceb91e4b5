/**
 * RetainedFiles: where old snapshots are removed, those stay that a server was told to keep, at least
 * three, with the logs that the oldest of them needs, and no others; after each snapshot, or
 * as often as it was told. Where it was told nothing, all stay.
 */
import { boundMsOf, type DiskLimits } from "./finished-snapshots.js";
import type { FileOperation, StorageOptions } from "@jute-ts/quorum";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import {
  type Checker,
  type DiskView,
  InvariantViolation,
  type Observation,
  type PeerView,
  type WorldView,
} from "./checker.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What is known of a process. */
interface Known {
  /** The newest snapshot that it has loaded or written. */
  goodZxid: Zxid;
  /** Whether it has looked for what is too old since there was another one. */
  isSettled: boolean;
  /** Whether it has written a snapshot beside its log, after which it has removed others. */
  hasWritten: boolean;
  /** What it asks of its disk beside the log. */
  readonly asked: WeakSet<FileOperation>;
  /** How often it has looked for what is too old, since when it runs, and when it has done anything last. */
  looks: number;
  readonly sinceMs: number;
  steppedMs: number;
  /** When it looked last, or later by as long as it was asleep. */
  lookedMs: number;
}

interface DataFile {
  readonly name: string;
  readonly zxid: Zxid;
}

export class RetainedFiles implements Checker {
  readonly name = "retained-files";
  readonly watches = ["step", "file", "crash", "restart"] as const;
  readonly #boundMs: number;
  readonly #tickTimeMs: number;
  readonly #known = new Map<Sid, Known>();

  constructor(limits: DiskLimits) {
    this.#boundMs = boundMsOf(limits);
    this.#tickTimeMs = limits.tickTimeMs;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#known.delete(observation.sid);
        return;
      case "restart":
        this.#of(observation.sid, world);
        return;
      case "file":
        this.#onFile(observation, world);
        return;
      case "step":
        this.#onStep(observation, world);
        return;
      default:
        return;
    }
  }

  /** A server whose disk works looks as often as it was told. */
  atEnd({ nowMs, peers }: WorldView): void {
    for (const [sid, { lookedMs }] of this.#known) {
      const interval = peers.get(sid)?.storage?.purgeIntervalMs;
      if (interval === undefined || nowMs - lookedMs <= 2 * interval + this.#boundMs) continue;
      throw violation(sid, `has not looked for old files since ${lookedMs.toFixed(0)} ms`);
    }
  }

  #onStep({ sid, effects }: Step, world: WorldView): void {
    const { nowMs } = world;
    const known = this.#of(sid, world);
    // Whoever is awake does something in each tick; and what the clock asks for waits while it sleeps.
    const idleMs = nowMs - known.steppedMs;
    if (idleMs > this.#tickTimeMs) known.lookedMs += idleMs;
    known.steppedMs = nowMs;
    for (const effect of effects) {
      if (effect.kind === "report" && effect.report.kind === "recovered")
        known.goodZxid = effect.report.snapshotZxid ?? 0n;
      if (effect.kind !== "file" || effect.lane !== "snapshot") continue;
      const { operation } = effect;
      known.asked.add(operation);
      const peer = world.peers.get(sid);
      if (operation.kind === "list" && operation.directory === "data")
        this.#onLook(sid, known, world);
      // What it does next beside its log it does when it has removed what is too old.
      if (operation.kind !== "create" || !known.hasWritten || peer?.storage === undefined) continue;
      if (peer.storage.purgeIntervalMs === undefined) judgeKept(sid, peer.disk, peer.storage);
    }
  }

  #onLook(sid: Sid, known: Known, { nowMs, peers }: WorldView): void {
    const interval = peers.get(sid)?.storage?.purgeIntervalMs;
    known.looks += 1;
    known.lookedMs = nowMs;
    if (interval === undefined) return;
    this.#judgeSettled(sid, known, peers.get(sid));
    const most = 2 + (CLOCK_RATE * (nowMs - known.sinceMs)) / interval;
    if (known.looks > most)
      throw violation(sid, `has looked ${known.looks} times for old files, every ${interval} ms`);
  }

  /** By the clock: since it has looked before, nothing was to be added. */
  #judgeSettled(sid: Sid, known: Known, peer: PeerView | undefined): void {
    if (peer?.storage === undefined) return;
    const newest = filesOf(peer.disk, "snapshot").at(-1)?.zxid ?? 0n;
    if (known.isSettled && newest === known.goodZxid) judgeKept(sid, peer.disk, peer.storage);
    known.isSettled = true;
  }

  #onFile(
    { sid, operation, result }: Extract<Observation, { kind: "file" }>,
    world: WorldView,
  ): void {
    const known = this.#known.get(sid);
    if (known?.asked.has(operation) !== true || result.kind === "failed") return;
    const peer = world.peers.get(sid);
    if (peer?.storage === undefined) return;
    if (operation.kind === "rename") {
      known.hasWritten = true;
      known.isSettled = false;
    }
    if (operation.kind === "remove")
      judgeRemoved(sid, operation.file.name, peer.disk, peer.storage);
  }

  #of(sid: Sid, { nowMs }: WorldView): Known {
    let known = this.#known.get(sid);
    if (known === undefined) {
      known = {
        goodZxid: 0n,
        isSettled: false,
        hasWritten: false,
        asked: new WeakSet(),
        looks: 0,
        sinceMs: nowMs,
        steppedMs: nowMs,
        lookedMs: nowMs,
      };
      this.#known.set(sid, known);
    }
    return known;
  }
}

function judgeRemoved(sid: Sid, name: string, disk: DiskView, storage: StorageOptions): void {
  const { retainSnapshots: retain } = storage;
  const snapshot = zxidIn(name, "snapshot");
  const log = zxidIn(name, "log");
  if (snapshot === undefined && log === undefined) return;
  if (retain === undefined) throw violation(sid, `removes ${name}, and should keep all`);
  const kept = filesOf(disk, "snapshot");
  if (snapshot !== undefined) {
    const newer = kept.filter(({ zxid }) => zxid > snapshot).length;
    if (newer < Math.max(retain, LEAST))
      throw violation(sid, `removes ${name} beside ${newer} newer ones, and should keep ${retain}`);
  }
  if (log === undefined) return;
  const oldest = kept[0]?.zxid ?? 0n;
  if (!isNeeded(log, filesOf(disk, "log"), oldest)) return;
  throw violation(sid, `removes ${name}, which the snapshot of ${oldest.toString(16)} needs`);
}

/** What is there beside what is to be kept. */
function judgeKept(sid: Sid, disk: DiskView, { retainSnapshots: retain }: StorageOptions): void {
  if (retain === undefined) return;
  const snapshots = filesOf(disk, "snapshot");
  const count = Math.max(retain, LEAST);
  const whole =
    snapshots.length <= count ? snapshots : snapshots.filter((each) => isWhole(disk, each));
  if (whole.length > count)
    throw violation(sid, `keeps ${whole.length} snapshots, and should keep ${count}`);
  const oldest = whole.length < count ? undefined : whole[0];
  if (oldest === undefined) return;
  const logs = filesOf(disk, "log");
  const old = logs.find(({ zxid }) => !isNeeded(zxid, logs, oldest.zxid));
  if (old !== undefined)
    throw violation(sid, `keeps ${old.name}, which no snapshot from ${oldest.name} on needs`);
}

/** Whether a log may hold txns after a snapshot: unless another one begins before those. */
function isNeeded(log: Zxid, logs: readonly DataFile[], snapshot: Zxid): boolean {
  return !logs.some(({ zxid }) => zxid > log && zxid <= snapshot + 1n);
}

/** The oldest first. */
function filesOf(disk: DiskView, kind: "log" | "snapshot"): DataFile[] {
  return disk
    .names(kind === "log" ? "log" : "data", "current")
    .flatMap((name) => {
      const zxid = zxidIn(name, kind);
      return zxid === undefined ? [] : [{ name, zxid }];
    })
    .sort((one, other) => (one.zxid < other.zxid ? -1 : 1));
}

function zxidIn(name: string, kind: "log" | "snapshot"): Zxid | undefined {
  const [first, digits, ...rest] = name.split(".");
  const isName = first === kind && digits !== undefined && rest.length === 0;
  return isName && /^[0-9a-f]+$/u.test(digits) ? BigInt(`0x${digits}`) : undefined;
}

/** Whether it ends as a snapshot does that was written to its end: with "/". */
function isWhole(disk: DiskView, { name }: DataFile): boolean {
  const bytes = disk.contents({ directory: "data", name }, "current") ?? new Uint8Array(0);
  return [...bytes.subarray(-5)].join() === "0,0,0,1,47";
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("RetainedFiles", `${sid} ${text}`);
}

const LEAST = 3;
/** By how much faster than the world's a server's clock may run. */
const CLOCK_RATE = 1.05;
