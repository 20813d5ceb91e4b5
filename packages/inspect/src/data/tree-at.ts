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
import { TxnHeader, type Zxid } from "@jute-ts/zookeeper";
import {
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
  /** Snapshots that were passed over, and why. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
  /** Txns after which the tree was not what the leader had said, as far as that was told. */
  readonly digestMismatches: readonly Zxid[];
}

/** The tree after the txn with this zxid, or after the last one. Throws TxnLogFormatError for a log that is none. */
export async function treeAt(files: readonly DataFile[], zxid?: Zxid): Promise<TreeAt> {
  const logs = dataFilesOf(files, "log");
  const refused: { file: string; reason: string }[] = [];
  const candidates = dataFilesOf(files, "snapshot").filter(
    (each) => zxid === undefined || each.zxid <= zxid,
  );
  for (const candidate of candidates.reverse()) {
    const loaded = await loadSnapshot(candidate);
    if (loaded.kind === "loaded") {
      const { tree } = loaded;
      const digestMismatches = await replay(tree, logs, zxid);
      return { tree, snapshot: candidate.file.name, refused, digestMismatches };
    }
    refused.push({ file: candidate.file.name, reason: loaded.reason });
  }
  const tree = new DataTree(TREE_OPTIONS);
  tree.clear();
  return { tree, snapshot: undefined, refused, digestMismatches: await replay(tree, logs, zxid) };
}

/** Applies the txns of the logs that come after what the tree has, up to `zxid`. Returns those whose digest differs. */
export async function replay(
  tree: DataTree,
  logs: readonly NamedDataFile[],
  zxid: Zxid | undefined,
): Promise<Zxid[]> {
  const mismatches: Zxid[] = [];
  for (const { file, zxid: first } of logsAfter(logs, tree.lastProcessedZxid)) {
    if (zxid !== undefined && first > zxid) break;
    await readLog(file, (txn) => {
      if (txn.zxid <= tree.lastProcessedZxid || (zxid !== undefined && txn.zxid > zxid)) return;
      const header = TxnHeader.decode(txn.bytes.subarray(0, HEADER_BYTES));
      const { expectedDigest } = tree.apply({ zxid: txn.zxid, header, bytes: txn.bytes });
      if (expectedDigest !== undefined && expectedDigest !== tree.digest()) {
        mismatches.push(txn.zxid);
      }
    });
  }
  return mismatches;
}

/** Reads a log record by record, up to its first flaw, and says why it ended. Throws TxnLogFormatError. */
export async function readLog(
  file: DataFile,
  onRecord: (record: TxnLogRecord) => void,
): Promise<TxnLogEnd> {
  const decoder = new TxnLogDecoder({ maxTxnBytes: MAX_TXN_BYTES });
  for await (const chunk of file.chunks()) for (const each of decoder.push(chunk)) onRecord(each);
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
      error instanceof SnappyFormatError;
    if (!isDamage) throw error;
    return { kind: "refused", reason: error.message };
  }
}

/** A tree that only looks back knows znodes with a time to live, whatever the server's setting. */
const TREE_OPTIONS = { extendedTypes: true } as const;
const HEADER_BYTES = 32;
const MAX_TXN_BYTES: number = 64 << 20;
