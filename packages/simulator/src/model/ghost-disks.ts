/**
 * Which txns lie in the log of each peer, and which of them would survive a power
 * failure now, gathered from the file operations as the disk carries them out: a
 * peer's own belief about that is what is to be judged. After a crash, and when
 * an operation failed, the disk is read again.
 *
 * Knows how a log's records are cut apart, and nothing of when they are written.
 */
import { parseDataFileName, readTxnLog } from "@jute-ts/persistence";
import type { Directory, FileOperation, FilePath, FileResult } from "@jute-ts/quorum";
import { NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { Checker, DiskView, Observation, PeerView, WorldView } from "../checkers/checker.js";
import { equalBytes } from "./equal-bytes.js";
import type { GhostHistory } from "./ghost-history.js";

/** A record of a log: which txn, and where it ends in its file. */
export interface LoggedTxn {
  readonly zxid: Zxid;
  readonly endOffset: number;
}

/** What is known of a file in a data directory. */
interface GhostFile {
  readonly directory: Directory;
  readonly kind: "log" | "snapshot" | "other";
  /** The zxid in the name. */
  readonly nameZxid: Zxid;
  records: LoggedTxn[];
  /** How many of the records survive a power failure, if the file does. */
  syncedRecords: number;
  /** Whether what was written has been synced. */
  synced: boolean;
  /** Whether the file has its name after a power failure. */
  nameDurable: boolean;
}

/** What happened to a log's records, for checkers that judge appends and cuts. */
export type LogChange =
  /** `previous`: the last record before it in any log; 0 when there was none. */
  | {
      readonly kind: "appended";
      readonly sid: Sid;
      readonly previous: Zxid;
      readonly zxid: Zxid;
    }
  | { readonly kind: "removed"; readonly sid: Sid; readonly zxids: readonly Zxid[] };

export class GhostDisks implements Checker {
  readonly name = "ghost-disks";
  readonly watches = ["file", "crash", "restart", "newDisk"] as const;
  readonly #history: GhostHistory;
  readonly #disks = new Map<Sid, GhostDisk>();
  /** The last txn that was on a disk when it was taken away. */
  readonly #taken = new Map<Sid, Zxid>();
  /** What the observation that was seen last did to a log. */
  #changes: LogChange[] = [];

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  /** What the last observation changed in a log. */
  get changes(): readonly LogChange[] {
    return this.#changes;
  }

  observe(observation: Observation, world: WorldView): void {
    if (this.#changes.length > 0) this.#changes = [];
    switch (observation.kind) {
      case "file": {
        const { sid, operation, result } = observation;
        this.#disk(sid).onFile(operation, result, viewOf(world, sid), this.#changes);
        return;
      }
      case "newDisk": {
        const { sid } = observation;
        const had = this.durableZxid(sid, world);
        if (had > (this.#taken.get(sid) ?? NO_TXN)) this.#taken.set(sid, had);
        this.#disk(sid).forget();
        return;
      }
      case "crash":
      case "restart":
        this.#disk(observation.sid).forget();
        return;
      default:
        return;
    }
  }

  /** The last txn that a power failure now would leave to the peer; 0 when it would leave none. */
  durableZxid(sid: Sid, world: WorldView): Zxid {
    return this.#disk(sid).durableZxid(viewOf(world, sid));
  }

  /**
   * Whether a power failure now would leave this txn to the peer. One whose disk was
   * replaced counts for what it had: it said so, and it does not vote before it has
   * it again, or everybody else has it.
   */
  holds(sid: Sid, zxid: Zxid, world: WorldView): boolean {
    if (this.#history.contains(this.durableZxid(sid, world), zxid)) return true;
    const taken = this.#taken.get(sid);
    return taken !== undefined && this.#history.contains(taken, zxid);
  }

  /** The records of all logs as they are now, in the order of the files. */
  loggedZxids(sid: Sid, world: WorldView): readonly Zxid[] {
    return this.#disk(sid).loggedZxids(viewOf(world, sid));
  }

  /** The zxids of all snapshots, as files are named now. */
  snapshotZxids(sid: Sid, world: WorldView): readonly Zxid[] {
    return this.#disk(sid).snapshotZxids(viewOf(world, sid));
  }

  /** The newest snapshot's zxid, as files are named now; undefined when there is none. */
  snapshotZxid(sid: Sid, world: WorldView): Zxid | undefined {
    return this.#disk(sid).snapshotZxid(viewOf(world, sid));
  }

  /** The newest snapshot's zxid that a power failure now would leave; undefined when there is none. */
  durableSnapshotZxid(sid: Sid, world: WorldView): Zxid | undefined {
    return this.#disk(sid).durableSnapshotZxid(viewOf(world, sid));
  }

  #disk(sid: Sid): GhostDisk {
    let disk = this.#disks.get(sid);
    if (disk === undefined) {
      disk = new GhostDisk(sid, this.#history);
      this.#disks.set(sid, disk);
    }
    return disk;
  }
}

function viewOf(world: WorldView, sid: Sid): PeerView {
  const peer = world.peers.get(sid);
  if (peer === undefined) throw new RangeError(`there is no peer ${sid}`);
  return peer;
}

class GhostDisk {
  readonly #sid: Sid;
  readonly #history: GhostHistory;
  #files = new Map<string, GhostFile>();
  /** Whether the disk may differ from what is known here. */
  #stale = true;

  constructor(sid: Sid, history: GhostHistory) {
    this.#sid = sid;
    this.#history = history;
  }

  forget(): void {
    this.#stale = true;
  }

  durableZxid(peer: PeerView): Zxid {
    this.#refresh(peer);
    let last: Zxid = NO_TXN;
    for (const file of this.#files.values()) {
      if (!file.nameDurable) continue;
      const zxid =
        file.kind === "log"
          ? (file.records[file.syncedRecords - 1]?.zxid ?? NO_TXN)
          : file.kind === "snapshot" && file.synced
            ? file.nameZxid
            : NO_TXN;
      if (zxid > last) last = zxid;
    }
    return last;
  }

  snapshotZxids(peer: PeerView): readonly Zxid[] {
    this.#refresh(peer);
    return [...this.#files.values()]
      .filter(({ kind }) => kind === "snapshot")
      .map(({ nameZxid }) => nameZxid);
  }

  snapshotZxid(peer: PeerView): Zxid | undefined {
    return this.#newestSnapshot(peer, () => true);
  }

  durableSnapshotZxid(peer: PeerView): Zxid | undefined {
    return this.#newestSnapshot(peer, ({ synced, nameDurable }) => synced && nameDurable);
  }

  #newestSnapshot(peer: PeerView, counts: (file: GhostFile) => boolean): Zxid | undefined {
    this.#refresh(peer);
    let newest: Zxid | undefined;
    for (const file of this.#files.values()) {
      const { kind, nameZxid } = file;
      if (kind === "snapshot" && (newest === undefined || nameZxid > newest) && counts(file))
        newest = nameZxid;
    }
    return newest;
  }

  loggedZxids(peer: PeerView): readonly Zxid[] {
    this.#refresh(peer);
    return this.#logs().flatMap(({ records }) => records.map(({ zxid }) => zxid));
  }

  onFile(operation: FileOperation, result: FileResult, peer: PeerView, changes: LogChange[]): void {
    if (operation.kind === "read" || operation.kind === "list") return;
    if (result.kind === "failed") {
      // Nothing is known of what a failed operation has done.
      this.#stale = true;
      return;
    }
    if (this.#stale) {
      // The disk has carried the operation out already, so it is read with it.
      this.#refresh(peer);
      return;
    }
    this.#carryOut(operation, changes);
  }

  #carryOut(operation: Exclude<FileOperation, { kind: "read" | "list" }>, changes: LogChange[]) {
    switch (operation.kind) {
      case "create":
        this.#removed(this.#files.get(operation.file.name), 0, changes);
        this.#files.set(operation.file.name, newFile(operation.file));
        return;
      case "write":
        this.#onWrite(operation.file, operation.offset, operation.bytes, changes);
        return;
      case "truncate": {
        const file = this.#files.get(operation.file.name);
        if (file !== undefined) this.#cut(file, operation.size, changes);
        return;
      }
      case "sync": {
        const file = this.#files.get(operation.file.name);
        if (file === undefined) return;
        file.synced = true;
        file.syncedRecords = file.records.length;
        return;
      }
      case "rename": {
        const file = this.#files.get(operation.file.name);
        this.#files.delete(operation.file.name);
        if (file === undefined) return;
        const { directory } = file;
        const { kind, nameZxid } = newFile({ directory, name: operation.to });
        this.#files.set(operation.to, { ...file, kind, nameZxid, nameDurable: false });
        return;
      }
      case "remove":
        this.#removed(this.#files.get(operation.file.name), 0, changes);
        this.#files.delete(operation.file.name);
        return;
      case "syncDirectory":
        for (const file of this.#files.values())
          if (file.directory === operation.directory) file.nameDurable = true;
        return;
    }
  }

  #onWrite({ name }: FilePath, offset: number, bytes: Uint8Array, changes: LogChange[]): void {
    const file = this.#files.get(name);
    if (file === undefined) {
      this.#stale = true;
      return;
    }
    file.synced = false;
    if (file.kind !== "log") return;
    this.#cut(file, offset, changes);
    for (const record of recordsIn(offset, bytes)) {
      const previous = this.#lastLogged();
      file.records.push({ zxid: record.zxid, endOffset: record.endOffset });
      this.#history.noteTxn(record.zxid, record.txn, this.#sid);
      changes.push({ kind: "appended", sid: this.#sid, previous, zxid: record.zxid });
    }
  }

  /** The last record of all logs; 0 when there is none. */
  #lastLogged(): Zxid {
    let last: Zxid = NO_TXN;
    for (const { kind, records } of this.#files.values()) {
      const zxid = kind === "log" ? records.at(-1)?.zxid : undefined;
      if (zxid !== undefined && zxid > last) last = zxid;
    }
    return last;
  }

  #cut(file: GhostFile, size: number, changes: LogChange[]): void {
    const last = file.records.at(-1);
    if (last === undefined || last.endOffset <= size) return;
    const kept = file.records.findIndex(({ endOffset }) => endOffset > size);
    this.#removed(file, kept, changes);
    file.records.length = kept;
    file.synced = false;
    // A cut is as little durable as a write: what it takes away is still promised by nobody.
    file.syncedRecords = Math.min(file.syncedRecords, kept);
  }

  #removed(file: GhostFile | undefined, kept: number, changes: LogChange[]): void {
    const zxids = file?.records.slice(kept).map(({ zxid }) => zxid) ?? [];
    if (zxids.length > 0) changes.push({ kind: "removed", sid: this.#sid, zxids });
  }

  #logs(): readonly GhostFile[] {
    return [...this.#files.values()]
      .filter(({ kind }) => kind === "log")
      .sort((a, b) => (a.nameZxid < b.nameZxid ? -1 : 1));
  }

  #refresh({ disk }: PeerView): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#files = new Map();
    for (const directory of ["data", "log"] as const) {
      const durableNames = new Set(disk.names(directory, "durable"));
      for (const name of disk.names(directory, "current"))
        this.#files.set(name, this.#readFile({ directory, name }, disk, durableNames.has(name)));
    }
  }

  #readFile(path: FilePath, disk: DiskView, nameDurable: boolean): GhostFile {
    const file = newFile(path);
    file.nameDurable = nameDurable;
    if (file.kind !== "log" && disk.isDurable(path)) {
      file.synced = true;
      return file;
    }
    const current = disk.contents(path, "current") ?? NOTHING;
    const durable = disk.isDurable(path) ? current : (disk.contents(path, "durable") ?? NOTHING);
    file.synced = equalBytes(current, durable);
    if (file.kind !== "log") return file;
    file.records = recordsOf(current, (zxid, txn) => {
      this.#history.noteTxn(zxid, txn, this.#sid);
    });
    file.syncedRecords = file.synced
      ? file.records.length
      : commonLength(file.records, recordsOf(durable));
    return file;
  }
}

const NOTHING = new Uint8Array(0);

function newFile({ directory, name }: FilePath): GhostFile {
  const parsed = parseDataFileName(name);
  return {
    directory,
    kind: parsed?.kind ?? "other",
    nameZxid: parsed?.zxid ?? NO_TXN,
    records: [],
    syncedRecords: 0,
    synced: false,
    nameDurable: false,
  };
}

/** The records of a whole log, up to whatever is no record. */
function recordsOf(bytes: Uint8Array, note?: (zxid: Zxid, txn: Uint8Array) => void): LoggedTxn[] {
  if (bytes.length < HEADER_BYTES) return [];
  let records;
  try {
    ({ records } = readTxnLog(bytes));
  } catch {
    // Not even a header: a crash came before it was durable.
    return [];
  }
  return records.map(({ zxid, endOffset, bytes: txn }) => {
    note?.(zxid, txn);
    return { zxid, endOffset };
  });
}

/** The whole records in what is written at this offset of a log; the header and the padding are none. */
function recordsIn(
  offset: number,
  bytes: Uint8Array,
): { readonly zxid: Zxid; readonly endOffset: number; readonly txn: Uint8Array }[] {
  const records = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = offset === 0 ? HEADER_BYTES : 0;
  while (at + RECORD_HEAD_BYTES + TXN_HEADER_BYTES < bytes.length) {
    const length = view.getInt32(at + 8);
    const end = at + RECORD_HEAD_BYTES + length + 1;
    if (length < TXN_HEADER_BYTES || end > bytes.length) break;
    const txn = bytes.subarray(at + RECORD_HEAD_BYTES, end - 1);
    const zxid = view.getBigInt64(at + RECORD_HEAD_BYTES + ZXID_OFFSET);
    records.push({ zxid, endOffset: offset + end, txn });
    at = end;
  }
  return records;
}

function commonLength(one: readonly LoggedTxn[], other: readonly LoggedTxn[]): number {
  let count = 0;
  while (count < one.length && count < other.length && one[count]?.zxid === other[count]?.zxid)
    count++;
  return count;
}

/** A log's header: magic, version, database id. */
const HEADER_BYTES = 16;
/** A record's checksum and length. */
const RECORD_HEAD_BYTES = 12;
/** Session, cxid, zxid, time and type. */
const TXN_HEADER_BYTES = 32;
const ZXID_OFFSET = 12;
