/**
 * Faults of disks that outlast their processes: they are replaced, by empty ones or by
 * what they were before, or files on them are damaged. What a server votes with
 * must not become less than it has promised: so this happens while those that are
 * left are a quorum without it, or while they all have what it had.
 */
import { parseDataFileName } from "@jute-ts/persistence";
import type { FilePath } from "@jute-ts/quorum";
import { NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { DiskImage } from "../checkers/checker.js";
import type { DiskCopy } from "../world/disk.js";
import type { PeerProcess } from "../world/peer-process.js";
import type { FaultSupport } from "./fault-support.js";
import type { Fault, FaultyWorld } from "./faults.js";
import { type DataFile, type OlderFile, olderFiles } from "./older-files.js";

type FaultOf<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

interface WholeDisk {
  readonly files: DiskCopy;
  readonly damage: FaultOf<"damage">;
  /** Between which processes it was damaged. */
  readonly life: number;
  /** Whether what is left is all that a server needs. */
  readonly mustStart: boolean;
}

export class DiskFaults {
  readonly #world: FaultyWorld;
  readonly #support: FaultSupport;
  /** Whose disk was replaced, and who has not caught up since. */
  readonly #wiped = new Set<Sid>();
  /** The snapshots that rot has hit. */
  readonly #rotten = new Map<Sid, Set<string>>();
  /** The newest snapshot when an older file went missing, which may be needed where that snapshot is not read. */
  readonly #thinned = new Map<Sid, Zxid>();
  /** What damaged disks held before, until their servers have started from them. */
  readonly #whole = new Map<Sid, WholeDisk>();

  constructor(world: FaultyWorld, support: FaultSupport) {
    this.#world = world;
    this.#support = support;
  }

  wipe(process: PeerProcess, fault: FaultOf<"wipe">): void {
    if (!this.#mayWipe(process)) return;
    this.#support.count(fault);
    process.crash(KILL);
    this.#replace(process, []);
    this.#support.restartLater(process, fault.downMs);
  }

  rot(process: PeerProcess, fault: FaultOf<"rot">): void {
    const { disk, sid } = process;
    const newest = this.#newestSnapshot(process);
    if (!process.up || newest === undefined) return;
    process.crash(KILL);
    const size = disk.contents(newest, "current")?.length ?? 0;
    if (disk.rot(newest, Math.floor(size * fault.at), fault.bit)) {
      this.#support.count(fault);
      this.#support.tell(sid, `a bit of ${newest.name} turns over`);
    }
    this.#support.restartLater(process, fault.downMs);
  }

  /** The copy is made now; the disk is replaced by it when its time has come and the others have everything. */
  olderDisk(process: PeerProcess, fault: FaultOf<"olderDisk">): void {
    const { ageMs, downMs } = fault;
    const files = ageMs === undefined ? TOLD_TO_VOTE : this.#copyOf(process);
    this.#support.later(ageMs ?? 0, () => {
      this.#whenSpared(process, () => {
        this.#support.count(fault, ageMs === undefined ? "told to vote" : "copy");
        process.crash(KILL);
        this.#replace(process, files);
        this.#support.restartLater(process, downMs);
      });
    });
  }

  damage(process: PeerProcess, damage: FaultOf<"damage">): void {
    if (damage.how === "older missing") {
      this.#loseOlder(process, damage);
      return;
    }
    this.#whenSpared(process, () => {
      const path = this.#fileToDamage(process, damage.file);
      if (path === undefined) return;
      this.#spoil(process, damage, false, () => {
        this.#damageFile(process, path, damage);
      });
    });
  }

  /** As soon as there is an older file. */
  #loseOlder(process: PeerProcess, damage: FaultOf<"damage">): void {
    let file: OlderFile | undefined;
    const isThere = (): boolean => {
      file = this.#olderFile(process, damage.file);
      return file !== undefined;
    };
    const lose = (): void => {
      if (file === undefined) return;
      const { path, kind, isNeeded } = file;
      this.#spoil(process, damage, !isNeeded, () => {
        this.#loseFile(process, path);
        const what = `older ${kind}, ${isNeeded ? "needed" : "not needed"}`;
        this.#support.count(damage, `missing of an ${what}`);
        this.#support.tell(process.sid, `${path.name} is gone: an ${what}`);
      });
    };
    this.#whenSpared(process, lose, isThere);
  }

  /** Has a process crash, and something done to its disk before it starts again. */
  #spoil(
    process: PeerProcess,
    damage: FaultOf<"damage">,
    mustStart: boolean,
    spoil: () => void,
  ): void {
    process.crash(KILL);
    const files = process.disk.copy("current");
    this.#replace(process, files);
    spoil();
    this.#whole.set(process.sid, { files, damage, life: process.life, mustStart });
    this.#support.restartLater(process, damage.downMs);
  }

  /** A server does not start from what its disk holds. Whether that is right; then it has the whole disk again. */
  onRefused(process: PeerProcess): boolean {
    const before = this.#restore(process);
    if (before === undefined || before.mustStart) return false;
    this.#support.count(before.damage, "refused");
    return true;
  }

  /** Servers that are down get whole disks. */
  heal(): void {
    for (const process of this.#world.processes) if (!process.up) this.#restore(process);
  }

  #restore(process: PeerProcess): WholeDisk | undefined {
    const before = this.#wholeOf(process);
    this.#whole.delete(process.sid);
    if (before !== undefined) this.#world.replaceDisk(process.sid, before.files);
    return before;
  }

  /** Once a server has started from a damaged disk, that is what it has. */
  #wholeOf({ sid, lastRecoveredLife }: PeerProcess): WholeDisk | undefined {
    const before = this.#whole.get(sid);
    return before === undefined || lastRecoveredLife > before.life ? undefined : before;
  }

  /** Nobody keeps a copy of a disk that no server starts from. */
  #copyOf(process: PeerProcess): DiskCopy {
    return this.#wholeOf(process)?.files ?? process.disk.copy("durable");
  }

  #replace(process: PeerProcess, files: DiskCopy): void {
    this.#world.replaceDisk(process.sid, files);
    this.#wiped.add(process.sid);
  }

  #damageFile(process: PeerProcess, path: FilePath, damage: FaultOf<"damage">): void {
    const { disk, sid } = process;
    const contents = disk.contents(path, "current") ?? new Uint8Array(0);
    const at = Math.floor(usedBytes(contents) * damage.at);
    const block = at - (at % BLOCK_BYTES);
    switch (damage.how) {
      case "missing":
      case "older missing":
        disk.lose(path);
        break;
      case "history":
        this.#loseHistory(process);
        this.#support.count(damage, "history of a disk");
        this.#support.tell(sid, "all its files are gone but those of the epochs");
        return;
      case "bit":
        disk.rot(path, at, at % 8);
        break;
      case "block":
        disk.loseBytes(path, block, BLOCK_BYTES);
        break;
      case "misplaced":
        // The block before, or, where there is none, the one after: a write that went astray.
        disk.replaceBytes(
          path,
          block,
          blockOf(contents, block === 0 ? BLOCK_BYTES : block - BLOCK_BYTES),
        );
        break;
    }
    const kind = parseDataFileName(path.name)?.kind ?? "file";
    this.#support.count(damage, `${damage.how} of a ${kind}`);
    this.#support.tell(sid, `${path.name} is damaged: ${damage.how} at ${at}`);
  }

  /** One that is not the newest of its kind; undefined when there is none, or the newest snapshot cannot be read. */
  #olderFile(process: PeerProcess, which: number): OlderFile | undefined {
    const { disk, sid } = process;
    const snapshots = namedFilesOf(process, "snapshot", "current").map(dataFile);
    const logs = namedFilesOf(process, "log", "current").map(dataFile);
    const newest = snapshots.at(-1);
    if (newest === undefined || isInstalling(process)) return undefined;
    if (this.#rotten.get(sid)?.has(newest.path.name) === true) return undefined;
    const durable = new Set(
      (["log", "snapshot"] as const)
        .flatMap((kind) => filesOf(process, kind))
        .map(({ name }) => name),
    );
    const files = olderFiles(disk, snapshots, logs).filter(({ path }) => durable.has(path.name));
    const needed = files.filter(({ isNeeded }) => isNeeded);
    // Needed ones are rare.
    const wanted = needed.length > 0 ? needed : files;
    return wanted[Math.floor(wanted.length * which)];
  }

  #loseFile(process: PeerProcess, path: FilePath): void {
    const newest = namedFilesOf(process, "snapshot", "current").map(dataFile).at(-1);
    if (newest !== undefined) this.#thinned.set(process.sid, newest.zxid);
    process.disk.lose(path);
  }

  #loseHistory({ disk }: PeerProcess): void {
    for (const directory of ["data", "log"] as const)
      for (const name of disk.names(directory, "current"))
        if (!EPOCH_FILES.has(name)) disk.lose({ directory, name });
  }

  /**
   * The newest log, or the newest of several snapshots. No log while a newer one has
   * no durable name yet: where the end of an earlier log has become zeros and a new
   * epoch follows, no server can tell.
   */
  #fileToDamage(process: PeerProcess, which: number): FilePath | undefined {
    const snapshot = which < 0.5 ? this.#newestSnapshot(process) : undefined;
    if (snapshot !== undefined) return snapshot;
    const newest = namedFilesOf(process, "log", "current").at(-1);
    return filesOf(process, "log").find(({ name }) => name === newest?.name);
  }

  /**
   * The newest snapshot, where a server can start from another one. Each is hit once.
   * While a leader's snapshot is being installed there is no other: the mark says that
   * the next start removes them all, because logs of a history that is not the leader's
   * may have been behind them.
   */
  #newestSnapshot(process: PeerProcess): FilePath | undefined {
    if (isInstalling(process)) return undefined;
    const rotten = this.#rotten.get(process.sid) ?? new Set<string>();
    const snapshots = filesOf(process, "snapshot").filter(({ name }) => !rotten.has(name));
    const newest = snapshots.at(-1);
    const other = snapshots.at(-2);
    if (newest === undefined || other === undefined) return undefined;
    // With an older one a server may need what has gone missing.
    if (dataFile(other).zxid < (this.#thinned.get(process.sid) ?? NO_TXN)) return undefined;
    this.#rotten.set(process.sid, rotten.add(newest.name));
    return newest;
  }

  /** Acts as soon as all voters have everything that this one has, and `also` holds; never, when that takes too long. */
  #whenSpared(process: PeerProcess, act: () => void, also: () => boolean = () => true): void {
    const look = (): boolean => {
      const isSpared = this.#isSpared(process) && also();
      if (isSpared) act();
      return isSpared;
    };
    this.#support.lookout.keep(look, { looks: MOST_LOOKS });
  }

  #isSpared({ up, sid, status }: PeerProcess): boolean {
    const { ensemble } = this.#world;
    if (!up || status?.serving !== true || ensemble.containsQuorum([sid])) return false;
    return [...ensemble.voters]
      .filter((other) => other !== sid)
      .map((other) => this.#world.process(other).status)
      .every(
        (other) =>
          other?.serving === true &&
          other.epoch === status.epoch &&
          other.acceptedEpoch >= status.acceptedEpoch &&
          other.lastDurableZxid >= status.lastLoggedZxid,
      );
  }

  /** Whether those that vote can go on without this one, which does not vote before it has caught up. */
  #mayWipe(process: PeerProcess): boolean {
    const { ensemble } = this.#world;
    for (const sid of this.#wiped)
      if (this.#world.process(sid).status?.serving === true) this.#wiped.delete(sid);
    const left = [...ensemble.voters].filter((sid) => sid !== process.sid && !this.#wiped.has(sid));
    return process.up && ensemble.containsQuorum(left);
  }
}

function isInstalling({ disk }: PeerProcess): boolean {
  return disk.names("data", "current").some((name) => INSTALLING.test(name));
}

function dataFile(path: FilePath): DataFile {
  return { path, zxid: parseDataFileName(path.name)?.zxid ?? NO_TXN };
}

/** Without the zeros that are allocated in advance. */
function usedBytes(contents: Uint8Array | undefined): number {
  let size = contents?.length ?? 0;
  while (size > 0 && contents?.[size - 1] === 0) size -= 1;
  return size;
}

/** As much as there is of a block. */
function blockOf(contents: Uint8Array, start: number): Uint8Array {
  return contents.slice(start, start + BLOCK_BYTES);
}

/** Those that are there whether a crash loses changes of names or not, by their zxids. */
function filesOf(process: PeerProcess, kind: "log" | "snapshot"): readonly FilePath[] {
  const current = new Set(namedFilesOf(process, kind, "current").map(({ name }) => name));
  return namedFilesOf(process, kind, "durable").filter(({ name }) => current.has(name));
}

function namedFilesOf(
  { disk }: PeerProcess,
  kind: "log" | "snapshot",
  image: DiskImage,
): readonly FilePath[] {
  return (["data", "log"] as const)
    .flatMap((directory) =>
      disk
        .names(directory, image)
        .map((name) => ({ path: { directory, name }, parsed: parseDataFileName(name) })),
    )
    .filter(({ parsed }) => parsed?.kind === kind)
    .sort((one, other) => ((one.parsed?.zxid ?? 0n) < (other.parsed?.zxid ?? 0n) ? -1 : 1))
    .map(({ path }) => path);
}

const KILL = { loss: { kind: "process" }, silently: false } as const;

/** A new disk on which somebody has said that this server may vote. */
const TOLD_TO_VOTE: DiskCopy = [[{ directory: "data", name: "../initialize" }, new Uint8Array(0)]];

const BLOCK_BYTES = 512;

const EPOCH_FILES: ReadonlySet<string> = new Set(["acceptedEpoch", "currentEpoch"]);

/** What a server calls the mark that a leader's snapshot is being installed. */
const INSTALLING = /^installing-/u;

const MOST_LOOKS = 2000;
