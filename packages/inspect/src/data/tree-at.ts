/** The tree of a data directory as it was after a txn: the newest whole snapshot before it, and the logs up to it. */
import { DataTree, SnapshotContentError } from "@jute-ts/data-tree";
import {
  SnappyFormatError,
  SnapshotFileDecoder,
  SnapshotFormatError,
  type SnapshotTrailer,
  TxnLogDecoder,
  type TxnLogEnd,
  TxnLogFormatError,
  type TxnLogRecord,
} from "@jute-ts/persistence";
import { JuteDecodeError } from "@jute-ts/runtime";
import {
  decodeTxn,
  follows,
  formatZxid,
  makeZxid,
  OpCode,
  TXN_READING,
  TxnHeader,
  UnknownOpCodeError,
  unpackMultiTxn,
  type Zxid,
} from "@jute-ts/zookeeper";
import {
  DamagedFileError,
  type DataFile,
  dataFilesOf,
  logsAfter,
  type NamedDataFile,
  plainSnapshot,
} from "./data-files.js";
import { type TornEnd, tornEndFlaw } from "./torn-end.js";

/** A tree, and what it was made of. */
export interface TreeAt {
  readonly tree: DataTree;
  /** The snapshot that it began with; undefined if there was none. */
  readonly snapshot: string | undefined;
  /** Snapshots that were passed over, and logs of which txns are missing, each with the reason. */
  readonly flaws: readonly DataFlaw[];
  /** Txns after which the tree was not what the leader had said, as far as that was told. */
  readonly digestMismatches: readonly Zxid[];
}

/** Why the tree may not be what the servers had. */
export interface DataFlaw {
  /** Its name. */
  readonly file: string;
  readonly reason: string;
}

/** The tree after the txn with this zxid, or after the last one. */
export async function treeAt(files: readonly DataFile[], zxid?: Zxid): Promise<TreeAt> {
  const logs = dataFilesOf(files, "log");
  const flaws: DataFlaw[] = [];
  const snapshots = dataFilesOf(files, "snapshot");
  const candidates = snapshots.filter((each) => zxid === undefined || each.zxid <= zxid);
  for (const candidate of candidates.reverse()) {
    const loaded = await loadSnapshot(candidate);
    if (loaded.kind === "loaded") {
      const { tree } = loaded;
      const replayed = await replay(tree, logs, zxid);
      flaws.push(...replayed.flaws, ...laterFlaws(tree.lastProcessedZxid, logs, zxid));
      return { ...replayed, tree, snapshot: candidate.file.name, flaws };
    }
    flaws.push({ file: candidate.file.name, reason: loaded.reason });
  }
  const tree = new DataTree(TREE_OPTIONS);
  tree.clear();
  const replayed = await replay(tree, logs, zxid);
  flaws.push(...replayed.flaws, ...laterFlaws(tree.lastProcessedZxid, logs, zxid));
  if (zxid !== undefined && zxid > 0n && !hasStart(logs, zxid)) {
    const [oldest] = [...logs, ...snapshots].sort((a, b) => (a.zxid < b.zxid ? -1 : 1));
    const reason = `txns are missing before ${formatZxid(oldest?.zxid ?? zxid)}`;
    if (oldest !== undefined) flaws.push({ file: oldest.file.name, reason });
  }
  return { ...replayed, tree, snapshot: undefined, flaws };
}

/** A txn that is asked for and is not there was in a log that is gone, if the next log does not go on from the last one. */
function laterFlaws(
  last: Zxid,
  logs: readonly NamedDataFile[],
  zxid: Zxid | undefined,
): DataFlaw[] {
  const next = logs.find((log) => log.zxid > last);
  if (zxid === undefined || last >= zxid || next === undefined) return [];
  if (next.zxid <= zxid || follows(last, next.zxid)) return [];
  return [{ file: next.file.name, reason: missing(last, next.zxid) }];
}

/** Whether a log begins at or before `zxid`, or with the first txn that an ensemble can have. */
function hasStart(logs: readonly NamedDataFile[], zxid: Zxid): boolean {
  const [first] = logs;
  return first !== undefined && (first.zxid <= zxid || first.zxid === makeZxid(1, 1));
}

/** What was odd when logs were applied. */
export interface Replayed {
  readonly digestMismatches: readonly Zxid[];
  readonly flaws: readonly DataFlaw[];
}

/**
 * Applies the txns of the logs that come after what the tree has, up to `zxid`. A log that
 * is none is a flaw, and so is a txn that cannot be decoded, which is where it ends.
 */
export async function replay(
  tree: DataTree,
  logs: readonly NamedDataFile[],
  zxid: Zxid | undefined,
): Promise<Replayed> {
  const digestMismatches: Zxid[] = [];
  const flaws: DataFlaw[] = [];
  let torn: { readonly file: string; readonly end: TornEnd } | undefined;
  /** The tree is that of a snapshot, or has nothing, so that no record was passed over. */
  let isAtStart = true;
  for (const { file, zxid: first } of logsAfter(logs, tree.lastProcessedZxid)) {
    if (zxid !== undefined && first > zxid) break;
    const { name } = file;
    let gap: Zxid | undefined;
    let last = tree.lastProcessedZxid;
    let undecodable: string | undefined;
    let hasRecords = false;
    const apply = (txn: TxnLogRecord): void => {
      hasRecords = true;
      if (txn.zxid <= tree.lastProcessedZxid || (zxid !== undefined && txn.zxid > zxid)) return;
      undecodable ??= whyUndecodable(txn);
      if (undecodable !== undefined) return;
      if (gap === undefined && !follows(tree.lastProcessedZxid, txn.zxid)) {
        last = tree.lastProcessedZxid;
        gap = txn.zxid;
      } else if (torn !== undefined) {
        const reason = tornEndFlaw(torn.end, txn.zxid, isAtStart);
        if (reason !== undefined) flaws.push({ file: torn.file, reason });
      }
      torn = undefined;
      isAtStart = false;
      if (!applyTxn(tree, txn)) digestMismatches.push(txn.zxid);
    };
    const { reason, tornAt } = await endOf(file, apply);
    if (gap !== undefined) flaws.push({ file: name, reason: missing(last, gap) });
    if (undecodable !== undefined) {
      flaws.push({ file: name, reason: undecodable });
      break;
    }
    const isReached = zxid !== undefined && tree.lastProcessedZxid >= zxid;
    if (!isReached && reason !== undefined) flaws.push({ file: name, reason });
    if (tornAt === undefined) continue;
    torn = { file: name, end: { offset: tornAt, last: tree.lastProcessedZxid, hasRecords } };
  }
  return { digestMismatches, flaws };
}

/** What is wrong with how a log ends. */
interface LogFlaw {
  readonly reason?: string;
  /** Where a torn end begins: whether that matters, the next txn tells. */
  readonly tornAt?: number;
}

async function endOf(file: DataFile, onRecord: (record: TxnLogRecord) => void): Promise<LogFlaw> {
  try {
    const end = await readLog(file, onRecord);
    if (end.kind === "torn") return { tornAt: end.offset };
    return end.kind === "rotten" ? { reason: `${end.reason} at byte ${end.offset}` } : {};
  } catch (error) {
    if (!(error instanceof TxnLogFormatError)) throw error;
    return { reason: error.message };
  }
}

/** Whether the digest is then what the leader had, if that was told. */
function applyTxn(tree: DataTree, { zxid, bytes }: TxnLogRecord): boolean {
  const header = TxnHeader.decode(bytes.subarray(0, HEADER_BYTES));
  const { expectedDigest } = tree.apply({ zxid, header, bytes });
  return expectedDigest === undefined || expectedDigest === tree.digest();
}

function missing(last: Zxid, next: Zxid): string {
  return `txns are missing between ${formatZxid(last)} and ${formatZxid(next)}`;
}

/** Why no server could apply a record whose checksum is right; undefined if it can be decoded. */
export function whyUndecodable({ zxid, offset, bytes }: TxnLogRecord): string | undefined {
  try {
    const { type, body } = decodeTxn(bytes, TXN_READING);
    if (type === OpCode.multi) unpackMultiTxn(body, TXN_READING);
    return undefined;
  } catch (error) {
    if (!(error instanceof JuteDecodeError || error instanceof UnknownOpCodeError)) throw error;
    return `the txn ${formatZxid(zxid)} at byte ${offset} is whole but cannot be decoded: ${error.message}`;
  }
}

/** Reads a log record by record, up to its first flaw, and says why it ended. Throws TxnLogFormatError. */
export async function readLog(
  file: DataFile,
  onRecord: (record: TxnLogRecord) => void,
): Promise<TxnLogEnd> {
  const decoder = new TxnLogDecoder({ maxTxnBytes: MAX_TXN_BYTES });
  try {
    for await (const chunk of file.chunks()) for (const each of decoder.push(chunk)) onRecord(each);
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    const { offset } = decoder.finish();
    return { kind: "rotten", offset, reason: error.message, nextValidOffset: undefined };
  }
  return decoder.finish();
}

/** What became of a snapshot file. */
export type LoadedSnapshot =
  | { readonly kind: "loaded"; readonly tree: DataTree; readonly trailer: SnapshotTrailer }
  | { readonly kind: "refused"; readonly reason: string };

/** A tree from a snapshot file, or why there is none. */
export async function loadSnapshot({ file, zxid }: NamedDataFile): Promise<LoadedSnapshot> {
  const tree = new DataTree(TREE_OPTIONS);
  const decoder = new SnapshotFileDecoder(tree.restore(zxid));
  try {
    for await (const chunk of plainSnapshot(file)) decoder.push(chunk);
    return { kind: "loaded", tree, trailer: decoder.finish() };
  } catch (error) {
    const isDamage =
      error instanceof SnapshotFormatError ||
      error instanceof SnapshotContentError ||
      error instanceof SnappyFormatError ||
      error instanceof DamagedFileError;
    if (!isDamage) throw error;
    return { kind: "refused", reason: error.message };
  }
}

/** A tree that only looks back knows znodes with a time to live, whatever the server's setting. */
export const TREE_OPTIONS = { extendedTypes: true } as const;
const HEADER_BYTES = 32;
const MAX_TXN_BYTES: number = 64 << 20;
