/**
 * Faults of disks that outlast their processes: they are replaced, by empty ones or by
 * what they were before, or files on them are damaged. What a server votes with
 * must not become less than it has promised: so this happens while those that are
 * left are a quorum without it, or while they all have what it had.
 */
import { parseDataFileName } from "@jute-ts/persistence";
import type { FilePath } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { DiskCopy } from "../world/disk.js";
import type { PeerProcess } from "../world/peer-process.js";
import type { FaultSupport } from "./fault-support.js";
import type { Fault, FaultyWorld } from "./faults.js";

type FaultOf<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

interface WholeDisk {
  readonly files: DiskCopy;
  readonly damage: FaultOf<"damage">;
  /** Between which processes it was damaged. */
  readonly life: number;
}

export class DiskFaults {
  readonly #world: FaultyWorld;
  readonly #support: FaultSupport;
  /** Whose disk was replaced, and who has not caught up since. */
  readonly #wiped = new Set<Sid>();
  /** The snapshots that rot has hit. */
  readonly #rotten = new Map<Sid, Set<string>>();
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
    const files = ageMs === undefined ? TOLD_TO_VOTE : process.disk.copy("durable");
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
    this.#whenSpared(process, () => {
      const path = this.#fileToDamage(process, damage.file);
      if (path === undefined) return;
      process.crash(KILL);
      const files = process.disk.copy("current");
      this.#replace(process, files);
      this.#damageFile(process, path, damage);
      this.#whole.set(process.sid, { files, damage, life: process.life });
      this.#support.restartLater(process, damage.downMs);
    });
  }

  /** A server does not start from what its disk holds. Whether that is right; then it has the whole disk again. */
  onRefused(process: PeerProcess): boolean {
    const before = this.#restore(process);
    if (before !== undefined) this.#support.count(before.damage, "refused");
    return before !== undefined;
  }

  /** Servers that are down get whole disks. */
  heal(): void {
    for (const process of this.#world.processes) if (!process.up) this.#restore(process);
  }

  /** Once a server has started from a damaged disk, that is what it has. */
  #restore({ sid, lastRecoveredLife }: PeerProcess): WholeDisk | undefined {
    const before = this.#whole.get(sid);
    this.#whole.delete(sid);
    if (before === undefined || lastRecoveredLife > before.life) return undefined;
    this.#world.replaceDisk(sid, before.files);
    return before;
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

  #loseHistory({ disk }: PeerProcess): void {
    for (const directory of ["data", "log"] as const)
      for (const name of disk.names(directory, "current"))
        if (!EPOCH_FILES.has(name)) disk.lose({ directory, name });
  }

  /** The newest log, or the newest of several snapshots. */
  #fileToDamage(process: PeerProcess, which: number): FilePath | undefined {
    const snapshot = which < 0.5 ? this.#newestSnapshot(process) : undefined;
    return snapshot ?? filesOf(process, "log").at(-1);
  }

  /** The newest snapshot, where there is another one. Each is hit once. */
  #newestSnapshot(process: PeerProcess): FilePath | undefined {
    const rotten = this.#rotten.get(process.sid) ?? new Set<string>();
    const snapshots = filesOf(process, "snapshot").filter(({ name }) => !rotten.has(name));
    const newest = snapshots.at(-1);
    if (newest === undefined || snapshots.length < 2) return undefined;
    this.#rotten.set(process.sid, rotten.add(newest.name));
    return newest;
  }

  /** Acts as soon as all voters have everything that this one has; never, when that takes too long. */
  #whenSpared(process: PeerProcess, act: () => void): void {
    const look = (): boolean => {
      const isSpared = this.#isSpared(process);
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

function filesOf({ disk }: PeerProcess, kind: "log" | "snapshot"): readonly FilePath[] {
  return (["data", "log"] as const)
    .flatMap((directory) =>
      disk.names(directory, "durable").map((name) => ({
        path: { directory, name },
        parsed: parseDataFileName(name),
      })),
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

const MOST_LOOKS = 2000;
