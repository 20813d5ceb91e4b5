/** The tree of a data directory as it was after a txn: the newest whole snapshot before it, and the logs up to it. */
import { DataTree, SnapshotContentError } from "@jute-ts/data-tree";
import {
  SnappyFormatError,
  SnapshotFileDecoder,
  SnapshotFormatError,
  type SnapshotTrailer,
  TxnLogDecoder,
  type TxnLogEnd,
  type TxnLogRecord,
} from "@jute-ts/persistence";
import { follows, formatZxid, TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import {
  DamagedFileError,
  type DataFile,
  dataFilesOf,
  logsAfter,
  type NamedDataFile,
  plainSnapshot,
} from "./data-files.js";

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

/** The tree after the txn with this zxid, or after the last one. Throws TxnLogFormatError for a log that is none. */
export async function treeAt(files: readonly DataFile[], zxid?: Zxid): Promise<TreeAt> {
  const logs = dataFilesOf(files, "log");
  const flaws: DataFlaw[] = [];
  const candidates = dataFilesOf(files, "snapshot").filter(
    (each) => zxid === undefined || each.zxid <= zxid,
  );
  for (const candidate of candidates.reverse()) {
    const loaded = await loadSnapshot(candidate);
    if (loaded.kind === "loaded") {
      const { tree } = loaded;
      const replayed = await replay(tree, logs, zxid);
      flaws.push(...replayed.flaws);
      return { ...replayed, tree, snapshot: candidate.file.name, flaws };
    }
    flaws.push({ file: candidate.file.name, reason: loaded.reason });
  }
  const tree = new DataTree(TREE_OPTIONS);
  tree.clear();
  const replayed = await replay(tree, logs, zxid);
  flaws.push(...replayed.flaws);
  return { ...replayed, tree, snapshot: undefined, flaws };
}

/** What was odd when logs were applied. */
export interface Replayed {
  readonly digestMismatches: readonly Zxid[];
  readonly flaws: readonly DataFlaw[];
}

/** Applies the txns of the logs that come after what the tree has, up to `zxid`. */
export async function replay(
  tree: DataTree,
  logs: readonly NamedDataFile[],
  zxid: Zxid | undefined,
): Promise<Replayed> {
  const digestMismatches: Zxid[] = [];
  const flaws: DataFlaw[] = [];
  for (const { file, zxid: first } of logsAfter(logs, tree.lastProcessedZxid)) {
    if (zxid !== undefined && first > zxid) break;
    let gap: string | undefined;
    const end = await readLog(file, (txn) => {
      const last = tree.lastProcessedZxid;
      if (txn.zxid <= last || (zxid !== undefined && txn.zxid > zxid)) return;
      if (!follows(last, txn.zxid)) {
        gap ??= `txns are missing between ${formatZxid(last)} and ${formatZxid(txn.zxid)}`;
      }
      const header = TxnHeader.decode(txn.bytes.subarray(0, HEADER_BYTES));
      const { expectedDigest } = tree.apply({ zxid: txn.zxid, header, bytes: txn.bytes });
      if (expectedDigest !== undefined && expectedDigest !== tree.digest()) {
        digestMismatches.push(txn.zxid);
      }
    });
    const { name } = file;
    if (gap !== undefined) flaws.push({ file: name, reason: gap });
    const isReached = zxid !== undefined && tree.lastProcessedZxid >= zxid;
    // What a crash tears nobody was promised; if more is missing, the next log begins after a gap.
    if (!isReached && end.kind === "rotten") {
      flaws.push({ file: name, reason: `${end.reason} at byte ${end.offset}` });
    }
  }
  return { digestMismatches, flaws };
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
const TREE_OPTIONS = { extendedTypes: true } as const;
const HEADER_BYTES = 32;
const MAX_TXN_BYTES: number = 64 << 20;
