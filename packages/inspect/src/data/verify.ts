/** Checks a data directory: each file by itself, the order of all txns, and the digests that leaders have told. */
import { quantity } from "../quantity.js";
import { DataTree } from "@jute-ts/data-tree";
import {
  decodeEpochFile,
  EpochFileError,
  type TxnLogEnd,
  TxnLogFormatError,
} from "@jute-ts/persistence";
import { epochOf, follows, formatZxid, makeZxid, type Zxid } from "@jute-ts/zookeeper";
import { type DataFile, dataFilesOf, type NamedDataFile } from "./data-files.js";
import { type TornEnd, tornEndFlaw } from "./torn-end.js";
import { loadSnapshot, readLog, replay, TREE_OPTIONS, whyUndecodable } from "./tree-at.js";

/** What was found in a file. */
export interface Finding {
  /** Its name; empty for the directory as a whole. */
  readonly file: string;
  /** `error`: a server would lose something, or refuse to start. `note`: worth knowing. */
  readonly severity: "ok" | "note" | "error";
  readonly text: string;
}

/** All findings, file by file. Does not throw for what a file holds. */
export async function verifyData(files: readonly DataFile[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const logs = dataFilesOf(files, "log");
  const snapshots = dataFilesOf(files, "snapshot");
  const lastZxid = await verifyLogs(logs, snapshots, findings);
  await verifySnapshots(snapshots, logs, findings);
  await verifyEpochs(files, lastZxid, findings);
  if (logs.length + snapshots.length === 0) {
    findings.push({ file: "", severity: "error", text: "there is neither a log nor a snapshot" });
  } else if (snapshots.length === 0) await verifyWithoutSnapshot(logs, findings);
  return findings;
}

async function verifyLogs(
  logs: readonly NamedDataFile[],
  snapshots: readonly NamedDataFile[],
  findings: Finding[],
): Promise<Zxid | undefined> {
  let last: Zxid | undefined;
  /** Logs that end in a torn record, and where their findings are: whether that matters, the next txn tells. */
  let torn: { readonly at: number; readonly end: TornEnd }[] = [];
  for (const log of logs) {
    const { name } = log.file;
    const gaps: string[] = [];
    let undecodable: string | undefined;
    let first: Zxid | undefined;
    let count = 0;
    let end: TxnLogEnd;
    try {
      end = await readLog(log.file, (record) => {
        const { zxid } = record;
        undecodable ??= whyUndecodable(record);
        first ??= zxid;
        count++;
        if (last !== undefined && !follows(last, zxid)) {
          gaps.push(`${formatZxid(zxid)} follows ${formatZxid(last)}`);
        }
        last = zxid;
      });
    } catch (error) {
      if (!(error instanceof TxnLogFormatError)) throw error;
      findings.push({ file: name, severity: "error", text: error.message });
      continue;
    }
    if (first !== undefined) {
      const next = first;
      for (const { at, end: earlier } of torn) {
        const finding = findings[at];
        // A server begins with its newest snapshot, and needs nothing from before that.
        const isSnapshotTaken = snapshots.some(({ zxid }) => zxid >= (earlier.last ?? 0n));
        if (finding === undefined || tornEndFlaw(earlier, next, isSnapshotTaken) === undefined)
          continue;
        findings[at] = { ...finding, severity: "error" };
      }
      torn = [];
    }
    const text = `${quantity(count, "txn")}, ${end.kind} at byte ${end.offset}`;
    if (end.kind === "torn") {
      torn.push({ at: findings.length, end: { offset: end.offset, last, hasRecords: count > 0 } });
      findings.push({ file: name, severity: "note", text: `${text}: ${end.reason}` });
    } else if (end.kind === "rotten") {
      findings.push({ file: name, severity: "error", text: `${text}: ${end.reason}` });
    } else findings.push({ file: name, severity: "ok", text });
    if (first !== undefined && first !== log.zxid) {
      const named = `its first txn is ${formatZxid(first)}, and its name says ${formatZxid(log.zxid)}`;
      findings.push({ file: name, severity: "error", text: named });
    }
    if (undecodable !== undefined) {
      findings.push({ file: name, severity: "error", text: undecodable });
    }
    findings.push(...gapFindings(name, gaps));
  }
  return last;
}

function gapFindings(file: string, gaps: readonly string[]): Finding[] {
  const shown = gaps.slice(0, SHOWN_GAPS).map((gap) => `a gap: ${gap}`);
  const more = gaps.length - shown.length;
  if (more > 0) shown.push(quantity(more, "more gap"));
  return shown.map((text) => ({ file, severity: "note", text }));
}

async function verifySnapshots(
  snapshots: readonly NamedDataFile[],
  logs: readonly NamedDataFile[],
  findings: Finding[],
): Promise<void> {
  let isReplayed = false;
  for (const snapshot of snapshots) {
    const file = snapshot.file.name;
    const loaded = await loadSnapshot(snapshot);
    if (loaded.kind === "refused") {
      findings.push({ file, severity: "error", text: loaded.reason });
      continue;
    }
    const { tree } = loaded;
    const text = `${quantity(tree.nodeCount, "znode")}, ${quantity(tree.sessions.size, "session")}`;
    findings.push({ file, severity: "ok", text });
    // One replay from the oldest on compares the digest of each txn.
    if (!isReplayed) await verifyDigests(snapshot, tree, logs, findings);
    isReplayed = true;
  }
}

/** Servers refuse such a directory: something has deleted what they began with, or it is kept elsewhere. */
async function verifyWithoutSnapshot(
  logs: readonly NamedDataFile[],
  findings: Finding[],
): Promise<void> {
  const text =
    "there are logs and no snapshot: a server starts only with snapshot.trust.empty=true";
  findings.push({ file: "", severity: "error", text });
  const [first] = logs;
  // Nothing came before the first txn of an ensemble, or of a server that stands alone.
  if (first === undefined || (first.zxid !== makeZxid(1, 1) && first.zxid !== 1n)) return;
  const tree = new DataTree(TREE_OPTIONS);
  tree.clear();
  await verifyDigests({ file: first.file, zxid: 0n }, tree, logs, findings);
}

/** Replays the logs on a tree, which is what the ensemble had after `zxid`. */
async function verifyDigests(
  { file, zxid }: NamedDataFile,
  tree: DataTree,
  logs: readonly NamedDataFile[],
  findings: Finding[],
): Promise<void> {
  const { digestMismatches } = await replay(tree, logs, undefined);
  const text = `replayed from ${formatZxid(zxid)} to ${formatZxid(tree.lastProcessedZxid)}`;
  const [first] = digestMismatches;
  findings.push(
    first === undefined
      ? { file: file.name, severity: "ok", text }
      : {
          file: file.name,
          severity: "error",
          text: `${text}: after ${formatZxid(first)} the tree is not what its leader had`,
        },
  );
}

async function verifyEpochs(
  files: readonly DataFile[],
  lastZxid: Zxid | undefined,
  findings: Finding[],
): Promise<void> {
  const epochs = new Map<string, number>();
  for (const name of ["acceptedEpoch", "currentEpoch"]) {
    const file = files.find((each) => each.name === name);
    if (file === undefined) continue;
    try {
      const epoch = decodeEpochFile(await startOf(file));
      epochs.set(name, epoch);
      findings.push({ file: name, severity: "ok", text: `epoch ${epoch}` });
    } catch (error) {
      if (!(error instanceof EpochFileError)) throw error;
      findings.push({ file: name, severity: "error", text: error.message });
    }
  }
  const current = epochs.get("currentEpoch");
  const accepted = epochs.get("acceptedEpoch");
  if (current === undefined) return;
  if (accepted !== undefined && accepted < current) {
    const text = `epoch ${accepted} is before the current epoch ${current}`;
    findings.push({ file: "acceptedEpoch", severity: "error", text });
  }
  if (lastZxid !== undefined && epochOf(lastZxid) > current) {
    const text = `epoch ${current} is before that of the last txn, ${formatZxid(lastZxid)}`;
    findings.push({ file: "currentEpoch", severity: "error", text });
  }
}

async function startOf(file: DataFile): Promise<Uint8Array> {
  for await (const chunk of file.chunks()) return chunk.subarray(0, MAX_EPOCH_BYTES);
  return new Uint8Array(0);
}

const SHOWN_GAPS = 5;
const MAX_EPOCH_BYTES = 2048;
