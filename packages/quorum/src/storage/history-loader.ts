/**
 * Loads the state from what is on the disk: the newest snapshot that can be read,
 * then the logs after it. The log is replayed whole, uncommitted tail included,
 * because that is the history with which this server takes part in an election.
 *
 * It changes nothing on the disk. It refuses what has a hole: a server that
 * starts with one would call txns its own that it never had.
 */
import {
  hasSnappyMagic,
  SnappyDecoder,
  SnapshotFileDecoder,
  type SnapshotDigest,
  type SnapshotTrailer,
  type SyncedMark,
  type TxnLogRecord,
} from "@jute-ts/persistence";
import { follows, formatZxid, NO_TXN, TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import type { ReplicatedState, LoggedTxn, TxnResult } from "../replicated-state.js";
import type { Report } from "../report.js";
import {
  type DataDirectory,
  type LogFile,
  logsBehind,
  type SnapshotFile,
} from "./data-directory.js";
import { DirectoryRefused, readInPieces, type Steps } from "./file-steps.js";
import type { LogEnd, LogReader } from "./log-reader.js";
import { TxnCopies } from "./txn-copies.js";

export interface HistoryLoaderOptions {
  /** Bytes of one read of a snapshot. */
  readonly readBytes: number;
  /** How many txns of the log are remembered. */
  readonly commitLogCount: number;
  readonly trustEmptySnapshot: boolean;
  /** Whether the digest at the end of a snapshot is compared with what was loaded. */
  readonly comparesDigests: boolean;
}

/** What was loaded into the state. */
export interface LoadedHistory {
  readonly lastZxid: Zxid;
  /** The snapshot that was loaded; undefined when there is none. */
  readonly snapshot: SnapshotFile | undefined;
  /** The last txns that were replayed, oldest first, without holes; their bytes are copies. */
  readonly recentTxns: readonly LoggedTxn[];
  readonly replayed: number;
  /** The first txn that was replayed; undefined when there was none. */
  readonly firstZxid: Zxid | undefined;
  /** The logs that were read, oldest first. */
  readonly logs: readonly LogFile[];
  /** Where the last of them ends; undefined without logs, or when reading stopped before. */
  readonly end: LogEnd | undefined;
}

export class HistoryLoader {
  private readonly options: HistoryLoaderOptions;
  private readonly state: ReplicatedState;
  private readonly logReader: LogReader;
  private readonly report: (report: Report) => void;

  constructor(
    options: HistoryLoaderOptions,
    state: ReplicatedState,
    logReader: LogReader,
    report: (report: Report) => void,
  ) {
    this.options = options;
    this.state = state;
    this.logReader = logReader;
    this.report = report;
  }

  /**
   * Clears the state and loads it. With `limit`, nothing behind that txn is
   * loaded. Throws DirectoryRefused.
   */
  *load(
    directory: DataDirectory,
    mark: SyncedMark | undefined,
    limit?: Zxid,
  ): Steps<LoadedHistory> {
    this.state.clear();
    const unreadable: string[] = [];
    let newestUnreadable: SnapshotFile | undefined;
    for (const snapshot of directory.snapshots) {
      if (limit !== undefined && snapshot.zxid > limit) continue;
      const loaded = this.checkLimit(yield* this.readSnapshot(snapshot), limit);
      if (loaded.kind === "unreadable") {
        this.state.clear();
        newestUnreadable ??= snapshot;
        unreadable.push(`${snapshot.name} cannot be read: ${loaded.text}`);
        continue;
      }
      const replay = new Replay(snapshot, loaded.digest, unreadable);
      const history = yield* this.replayLogs(directory, mark, replay, limit);
      if (newestUnreadable !== undefined) {
        this.requireReached(newestUnreadable, history.lastZxid, unreadable);
      }
      return history;
    }
    this.requireTrustWithoutSnapshot(directory, unreadable);
    return yield* this.replayLogs(directory, mark, new Replay(undefined, undefined, []), limit);
  }

  /**
   * A snapshot that was written beside running traffic may hold traces of txns
   * after its zxid. Without them in the log it is no state that ever was.
   */
  private checkLimit(loaded: SnapshotOutcome, limit: Zxid | undefined): SnapshotOutcome {
    if (loaded.kind === "unreadable" || limit === undefined || loaded.endZxid <= limit) {
      return loaded;
    }
    const text = `it holds traces of txns up to ${formatZxid(loaded.endZxid)}`;
    return { kind: "unreadable", text };
  }

  /** An older snapshot will do only if the logs make up for the newer one. */
  private requireReached(
    newest: SnapshotFile,
    lastZxid: Zxid,
    unreadable: readonly string[],
  ): void {
    if (lastZxid >= newest.zxid) return;
    throw new DirectoryRefused(
      `${unreadable.join("; ")}; and with an older snapshot the logs reach only ${formatZxid(lastZxid)}, which is less than this server had. ` +
        `Restore the file, or empty this data directory while a quorum of the others is whole`,
    );
  }

  /** Logs without a snapshot look like a directory of which the snapshots were lost (ZOOKEEPER-2325). */
  private requireTrustWithoutSnapshot(
    directory: DataDirectory,
    unreadable: readonly string[],
  ): void {
    if (unreadable.length > 0) {
      throw new DirectoryRefused(
        `no snapshot can be read: ${unreadable.join("; ")}. Restore one, or empty this data directory while a quorum of the others is whole`,
      );
    }
    if (directory.logs.length === 0 || this.options.trustEmptySnapshot) return;
    throw new DirectoryRefused(
      `there are logs (${directory.logs[0]?.name ?? ""}…) but no snapshot to begin with: has it been lost? ` +
        `Restore it; or, if these logs are whole, as they are after an upgrade from ZooKeeper 3.4, ` +
        `start once with snapshot.trust.empty=true in zoo.cfg`,
    );
  }

  private *readSnapshot(snapshot: SnapshotFile): Steps<SnapshotOutcome> {
    const decoder = new SnapshotFileDecoder(this.state.restore(snapshot.zxid));
    const inflater = snapshot.compression === "snappy" ? new SnappyDecoder() : undefined;
    let failure: Error | undefined;
    yield* readInPieces(snapshot, this.options.readBytes, (bytes, offset) => {
      failure = caught(() => {
        if (offset === 0) requireInflated(snapshot, bytes);
        if (inflater === undefined) decoder.push(bytes);
        else for (const inflated of inflater.push(bytes)) decoder.push(inflated);
      });
      return failure === undefined;
    });
    let trailer: SnapshotTrailer = {};
    failure ??= caught(() => {
      inflater?.finish();
      trailer = decoder.finish();
    });
    if (failure !== undefined) return { kind: "unreadable", text: failure.message };
    const { digest, lastProcessedZxid } = trailer;
    const endZxid = lastProcessedZxid ?? digest?.zxid ?? snapshot.zxid;
    return { kind: "loaded", digest, endZxid };
  }

  private *replayLogs(
    directory: DataDirectory,
    mark: SyncedMark | undefined,
    replay: Replay,
    limit: Zxid | undefined,
  ): Steps<LoadedHistory> {
    const { snapshot } = replay;
    const logs = logsBehind(directory.logs, snapshot?.zxid ?? NO_TXN);
    let end: LogEnd | undefined;
    this.compareWithSnapshot(replay);
    for (const log of logs) {
      const isLast = log === logs.at(-1);
      const take = (record: TxnLogRecord): boolean => {
        if (limit !== undefined && record.zxid > limit) return false;
        this.replayRecord(replay, log, record);
        return true;
      };
      end = yield* this.logReader.read(log, isLast ? mark : undefined, take);
      if (end === undefined) break;
      replay.endLog(log, end);
    }
    this.reportUnexplained(replay);
    const { lastZxid = NO_TXN, firstZxid, recentTxns, replayed } = replay;
    return { lastZxid, snapshot, recentTxns, replayed, firstZxid, logs, end };
  }

  /** Applies a record that the snapshot does not surely hold. */
  private replayRecord(replay: Replay, log: LogFile, record: TxnLogRecord): void {
    if (replay.snapshot !== undefined && record.zxid <= replay.snapshot.zxid) return;
    this.requireNoHole(replay, log, record);
    const txn = this.txnOf(replay, log, record);
    let result: TxnResult;
    try {
      result = this.state.apply(txn);
    } catch (error) {
      throw undecodable(log, record, error);
    }
    replay.advance(txn, this.options.commitLogCount);
    this.compareWithLeader(replay, txn.zxid, result);
    this.compareWithSnapshot(replay);
  }

  private requireNoHole(replay: Replay, log: LogFile, record: TxnLogRecord): void {
    const { lastZxid } = replay;
    if (lastZxid === undefined || follows(lastZxid, record.zxid)) {
      this.requireNothingLost(replay, record);
      return;
    }
    const note = replay.unreadable.length === 0 ? "" : `; ${replay.unreadable.join("; ")}`;
    throw new DirectoryRefused(
      `${log.name}, byte ${record.offset}: ${formatZxid(record.zxid)} cannot follow ${formatZxid(lastZxid)}${note}. ` +
        `Txns between them are missing, or logs of different servers are mixed: restore what is missing, or empty this data directory while a quorum of the others is whole`,
    );
  }

  /**
   * The first txn of an epoch may follow any of an earlier one, so it does not show
   * whether a damaged end before it had held txns. It had not where the server began
   * again with what is left: then there is a snapshot of that, as Java takes one.
   */
  private requireNothingLost(
    { damaged, lastZxid, isAtSnapshot }: Replay,
    { zxid }: TxnLogRecord,
  ): void {
    if (damaged === undefined || zxid === (lastZxid ?? NO_TXN) + 1n) return;
    const { log, end } = damaged;
    if (end.hasRecords && isAtSnapshot) return;
    throw new DirectoryRefused(
      `${log.name} is damaged from byte ${end.offset} on, and the next log begins with ${formatZxid(zxid)}: whether there had been txns between them, nobody can tell. ` +
        `Restore the file, or empty this data directory while a quorum of the others is whole, and the server gets everything from them`,
    );
  }

  private txnOf(replay: Replay, log: LogFile, record: TxnLogRecord): LoggedTxn {
    const bytes = replay.copies.copy(record.bytes);
    try {
      const header = TxnHeader.decode(bytes.subarray(0, TXN_HEADER_BYTES));
      return { zxid: record.zxid, header, bytes };
    } catch (error) {
      throw undecodable(log, record, error);
    }
  }

  /** The digest that a snapshot ends with belongs to one txn, at which the state must have it. */
  private compareWithSnapshot(replay: Replay): void {
    const { digest } = replay;
    if (!this.options.comparesDigests) return;
    if (digest === undefined || digest.zxid !== replay.lastZxid) return;
    if (digest.zxid === NO_TXN || digest.version !== DIGEST_VERSION) return;
    const actual = BigInt.asIntN(64, this.state.digest());
    if (actual === digest.digest) return;
    replay.unexplained = {
      kind: "digestMismatch",
      zxid: digest.zxid,
      expected: digest.digest,
      actual,
    };
  }

  /**
   * Java ends a snapshot with the digest after the last txn that was applied whole,
   * while the next may be half applied: its traces are in the snapshot then. Such a
   * snapshot is sound, and that next txn, once replayed, gives the digest that the
   * leader wrote into it.
   */
  private compareWithLeader(replay: Replay, zxid: Zxid, { expectedDigest }: TxnResult): void {
    const actual = this.state.digest();
    if (expectedDigest === actual) replay.unexplained = undefined;
    else this.reportUnexplained(replay);
    if (expectedDigest === undefined || expectedDigest === actual) return;
    this.report({ kind: "digestMismatch", zxid, expected: expectedDigest, actual });
  }

  private reportUnexplained(replay: Replay): void {
    if (replay.unexplained !== undefined) this.report(replay.unexplained);
    replay.unexplained = undefined;
  }
}

/** How far the logs have been replayed. */
class Replay {
  readonly snapshot: SnapshotFile | undefined;
  readonly digest: SnapshotDigest | undefined;
  /** Why newer snapshots were passed over. */
  readonly unreadable: readonly string[];
  readonly copies: TxnCopies = new TxnCopies();
  /** The snapshot's digest differs, unless the next txn explains it. */
  unexplained: Report | undefined;
  /** Undefined: any record may come first. */
  lastZxid: Zxid | undefined;
  firstZxid: Zxid | undefined;
  replayed = 0;
  /** The log before, where it ends with what is neither a record nor zeros. */
  damaged: { readonly log: LogFile; readonly end: LogEnd } | undefined;
  private recent: LoggedTxn[] = [];
  private limit = 0;

  constructor(
    snapshot: SnapshotFile | undefined,
    digest: SnapshotDigest | undefined,
    unreadable: readonly string[],
  ) {
    this.snapshot = snapshot;
    this.digest = digest;
    this.unreadable = unreadable;
    this.lastZxid = snapshot?.zxid;
  }

  /**
   * The last txns. Only those after the snapshot: older ones in the same log may
   * be what a leader's snapshot has overruled (ZOOKEEPER-2846).
   */
  get recentTxns(): readonly LoggedTxn[] {
    return this.limit === 0 ? [] : this.recent.slice(-this.limit);
  }

  /** Whether no record after the snapshot was replayed so far. */
  get isAtSnapshot(): boolean {
    return this.snapshot !== undefined && this.replayed === 0;
  }

  /** A log was read to its end. Not even its header is whole when it ends at 0. */
  endLog(log: LogFile, end: LogEnd): void {
    if (end.tornBytes > 0 || end.offset === 0) this.damaged = { log, end };
  }

  advance(txn: LoggedTxn, limit: number): void {
    this.damaged = undefined;
    this.lastZxid = txn.zxid;
    this.firstZxid ??= txn.zxid;
    this.replayed++;
    this.limit = limit;
    if (limit === 0) return;
    this.recent.push(txn);
    if (this.recent.length >= 2 * limit) this.recent = this.recent.slice(-limit);
  }
}

type SnapshotOutcome =
  | {
      readonly kind: "loaded";
      readonly digest: SnapshotDigest | undefined;
      /** The last txn of which there may be traces in it, as far as it says so. */
      readonly endZxid: Zxid;
    }
  | { readonly kind: "unreadable"; readonly text: string };

/**
 * The core cannot inflate gzip; a driver that can presents such a file inflated.
 * Java may be configured to write either.
 */
function requireInflated(snapshot: SnapshotFile, start: Uint8Array): void {
  if (start[0] === 0x1f && start[1] === 0x8b) {
    throw new DirectoryRefused(
      `${snapshot.name} is compressed with gzip, which this program's disk driver does not inflate: run gunzip on it`,
    );
  }
  if (snapshot.compression === "snappy" && !hasSnappyMagic(start)) {
    throw new Error("its name ends with .snappy, but it is not compressed so");
  }
}

/** What went wrong, if anything. A refusal of the whole directory passes through. */
function caught(action: () => void): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof DirectoryRefused || !(error instanceof Error)) throw error;
    return error;
  }
}

function undecodable(log: LogFile, record: TxnLogRecord, error: unknown): DirectoryRefused {
  const text = error instanceof Error ? error.message : String(error);
  return new DirectoryRefused(
    `${log.name}, byte ${record.offset}: the txn ${formatZxid(record.zxid)} is whole but cannot be understood: ${text}. ` +
      `It may come from a newer ZooKeeper than this program knows`,
  );
}

/** A TxnHeader: session, cxid, zxid, time and type. */
const TXN_HEADER_BYTES = 32;

/** How Java since 3.6, and the data tree here, compute digests. */
const DIGEST_VERSION = 2;
