/** A data directory that is being drawn: its files, and what a server has to make of them. */
import type { FilePath } from "@jute-ts/quorum";
import { type Epoch, epochOf, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { ascii, joined } from "../model/plain-bytes.js";
import type { DiskCopy } from "../world/disk.js";
import type { Random } from "../world/random.js";
import {
  type DrawnHistory,
  type DrawnLog,
  type DrawnSnapshot,
  type DrawnTxn,
  drawHistory,
  drawLogs,
  drawSnapshot,
  epochLogs,
  standsOf,
} from "./drawn-history.js";
import { syncedFile, syncedMark } from "./file-bytes.js";
import { digestOf } from "./listed-state.js";

/** What a server is told that starts there. */
export interface StartOptions {
  readonly readBytes: number;
  readonly commitLogCount: number;
  readonly maxPacketBytes: number | undefined;
  readonly autocreate: boolean;
  readonly trustEmptySnapshot: boolean;
  readonly digestInSnapshots: boolean;
}

/** What must become of it. */
export type Outcome =
  /** `tells`: what it has to say of the reason. */
  | { readonly kind: "refuses"; readonly tells?: readonly string[] }
  | {
      readonly kind: "starts";
      /** What the snapshot has that was loaded, and the txns that were replayed. */
      readonly restored: readonly Zxid[];
      readonly applied: readonly Zxid[];
      /** How many, as it says. */
      readonly txns: number;
      readonly lastZxid: Zxid;
      readonly acceptedEpoch: Epoch;
      readonly currentEpoch: Epoch;
      readonly mayVote: boolean;
      readonly tornBytes: number;
      /** At which txns the digest is another than somebody had. */
      readonly mismatches: readonly Zxid[];
    };

export interface DrawnDirectory {
  readonly what: string;
  readonly files: DiskCopy;
  readonly options: StartOptions;
  readonly outcome: Outcome;
  /** What a start takes away. */
  readonly leftovers: readonly FilePath[];
}

/** What a server loads, as far as it is drawn. */
export interface Loaded {
  readonly snapshot: Pick<DrawnSnapshot, "zxid" | "held" | "trailer"> | undefined;
  readonly replayed: readonly DrawnTxn[];
  readonly tornBytes?: number;
  readonly mayVote?: boolean;
}

export class Draft {
  readonly random: Random;
  readonly history: DrawnHistory;
  readonly logs: readonly DrawnLog[];
  /** The newest last. */
  readonly snapshots: readonly DrawnSnapshot[];
  readonly #files = new Map<string, readonly [FilePath, Uint8Array]>();
  readonly #leftovers: FilePath[] = [];
  options: StartOptions;

  constructor(random: Random, logs: "anyhow" | "an epoch each" = "anyhow") {
    this.random = random;
    this.history = drawHistory(random);
    this.logs = logs === "anyhow" ? drawLogs(random, this.history) : epochLogs(this.history);
    const possible = standsOf(this.history);
    const early = logs === "anyhow" ? possible : possible.slice(0, 4);
    const stands = random.shuffled(early).slice(0, random.integer(1, 3));
    this.snapshots = stands
      .sort((one, other) => (one < other ? -1 : 1))
      .map((zxid) => drawSnapshot(random, this.history, zxid));
    this.options = {
      readBytes: random.pick([40, 100, 4096]),
      commitLogCount: random.pick([0, 1, 3, 500]),
      maxPacketBytes: random.pick([undefined, undefined, 60]),
      autocreate: random.chance(0.5),
      trustEmptySnapshot: random.chance(0.3),
      digestInSnapshots: random.chance(0.8),
    };
    for (const log of this.logs) this.putLog(log, log.bytes);
    for (const { name, bytes } of this.snapshots) this.put("data", name, bytes);
  }

  /** The last log and the newest snapshot. Each directory has them at first. */
  get lastLog(): DrawnLog {
    return this.logs.at(-1) as DrawnLog;
  }

  get newest(): DrawnSnapshot {
    return this.snapshots.at(-1) as DrawnSnapshot;
  }

  put(directory: FilePath["directory"], name: string, bytes: Uint8Array): FilePath {
    const path = { directory, name };
    this.#files.set(`${directory}/${name}`, [path, bytes]);
    return path;
  }

  take(directory: FilePath["directory"], name: string): void {
    this.#files.delete(`${directory}/${name}`);
  }

  clear(): void {
    this.#files.clear();
  }

  /** With zeros that were allocated in advance. */
  putLog({ name }: Pick<DrawnLog, "name">, bytes: Uint8Array): void {
    const zeros = new Uint8Array(this.random.pick([0, 0, 7, 600]));
    this.put("log", name, joined(bytes, zeros));
  }

  /** Something that a start takes away. */
  leave(directory: FilePath["directory"], name: string, bytes: Uint8Array): void {
    this.#leftovers.push(this.put(directory, name, bytes));
  }

  /** Says how far a log is durable; in both places, or one after the other, the last in either. */
  putMark(name: string, bytes: number, isCut = false, directory: "data" | "log" = "data"): void {
    const mark = syncedMark(name, bytes, isCut);
    const older = isCut ? mark : syncedMark(name, this.random.pick([0, bytes]));
    const torn = this.random.chance(0.3) ? mark.slice(0, -9) : older;
    const places = this.random.pick([[mark, mark], [mark, torn], [torn, mark], [mark]] as const);
    if (directory === "log") this.leave("log", "synced", syncedFile(...places));
    else this.put("data", "synced", syncedFile(...places));
  }

  /** Maybe a mark, which says no more than this of the last log. */
  drawMark(mostBytes: number): void {
    const { random, lastLog } = this;
    const bytes = random.pick([0, ...lastLog.ends.filter((end) => end <= mostBytes)]);
    const where = random.pick(["none", "data", "data", "log"] as const);
    if (where !== "none") this.putMark(lastLog.name, bytes, false, where);
  }

  epochFile(
    name: "acceptedEpoch" | "currentEpoch",
    epoch: Epoch,
    where: "data" | "log" = "data",
  ): void {
    const text = this.random.pick([
      `${epoch}`,
      `${epoch}`,
      `${epoch}\n`,
      `00${epoch}`,
      `+${epoch}`,
    ]);
    this.put(where, name, ascii(text));
  }

  /** `tells`: what says where the reason is, as the name of a file. */
  refuses(what: string, ...tells: readonly string[]): DrawnDirectory {
    return this.#drawn(what, { kind: "refuses", tells });
  }

  /** With files of epochs that go with it, unless they are given. */
  starts(what: string, loaded: Loaded, epochs?: readonly [Epoch, Epoch]): DrawnDirectory {
    const { snapshot, replayed, tornBytes = 0, mayVote = true } = loaded;
    const lastZxid = replayed.at(-1)?.zxid ?? snapshot?.zxid ?? NO_TXN;
    const [acceptedEpoch, currentEpoch] = epochs ?? this.drawEpochs(epochOf(lastZxid));
    return this.#drawn(what, {
      kind: "starts",
      restored: snapshot?.held ?? [],
      applied: replayed.map(({ zxid }) => zxid),
      txns: replayed.length,
      lastZxid,
      acceptedEpoch,
      currentEpoch,
      mayVote,
      tornBytes,
      mismatches: mismatchesOf(loaded, this.options.digestInSnapshots),
    });
  }

  /** The files of epochs as crashes and elections leave them beside such a last txn. Returns what is to be read of them. */
  drawEpochs(last: Epoch): readonly [Epoch, Epoch] {
    const { random } = this;
    const current = random.pick([undefined, last, last, Math.max(last - 1, 0), last + 1]);
    const least = Math.max(current ?? last, last);
    const accepted = random.pick([undefined, least, least, least + 1]);
    const isRead = accepted !== undefined || least === last;
    if (current !== undefined) this.epochFile("currentEpoch", current);
    if (accepted !== undefined || !isRead) this.epochFile("acceptedEpoch", accepted ?? least);
    return [accepted ?? least, Math.max(current ?? last, last)];
  }

  /** The txns after the newest snapshot, or after another zxid. */
  after(zxid: Zxid = this.newest.zxid): readonly DrawnTxn[] {
    return this.history.txns.filter((txn) => txn.zxid > zxid);
  }

  #drawn(what: string, outcome: Outcome): DrawnDirectory {
    const files = [...this.#files.values()];
    return { what, files, options: this.options, outcome, leftovers: this.#leftovers };
  }
}

/**
 * The digest at the end of a snapshot is that of the state at its txn; where the next txn was half applied
 * when it was written, its leader's digest shows that all is well. Once no traces of
 * later txns are left, leaders' digests are those of the state.
 */
function mismatchesOf({ snapshot, replayed }: Loaded, comparesSnapshots: boolean): readonly Zxid[] {
  const held = [...(snapshot?.held ?? [])];
  const found: Zxid[] = [];
  let open: Zxid | undefined;
  const compare = (zxid: Zxid): void => {
    const claimed = snapshot?.trailer.digest;
    if (!comparesSnapshots || claimed?.zxid !== zxid || zxid === NO_TXN) return;
    if (claimed.version === 2 && claimed.value !== digestOf(held)) open = zxid;
  };
  if (snapshot !== undefined) compare(snapshot.zxid);
  for (const { zxid, digest } of replayed) {
    held.push(zxid);
    const hasTraces = (snapshot?.held ?? []).some((each) => each > zxid);
    const expected = hasTraces ? undefined : digest;
    const isEqual = expected === digestOf(held);
    if (open !== undefined && !isEqual) found.push(open);
    if (expected !== undefined && !isEqual) found.push(zxid);
    open = undefined;
    compare(zxid);
  }
  if (open !== undefined) found.push(open);
  return found;
}
