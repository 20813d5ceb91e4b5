/** The actions of `jute data`. */
import { type WriteStream, createWriteStream, readdirSync, realpathSync, statSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import {
  changesBetween,
  createDecoder,
  DamagedFileError,
  type DataFile,
  dataFilesOf,
  imageOf,
  type Item,
  itemFilter,
  itemJson,
  itemLine,
  loadSnapshot,
  readLog,
  treeAt,
  verifyData,
} from "@jute-ts/inspect";
import type { DataTree } from "@jute-ts/data-tree";
import { parseDataFileName, TxnLogFormatError } from "@jute-ts/persistence";
import { formatZxid } from "@jute-ts/zookeeper";
import { type ExitCode, FileSystemError, type Surroundings, UsageError } from "../surroundings.js";
import { DamagedGzipError, fileSource } from "./input.js";
import { ResultWriter } from "./result-writer.js";

export interface DataFlags {
  readonly logDir?: string | undefined;
  readonly path?: string | undefined;
  readonly zxid?: bigint | undefined;
  readonly from?: bigint | undefined;
  readonly to?: bigint | undefined;
  readonly out?: string | undefined;
  readonly output: "text" | "json";
}

/** Prints each finding; 1 if one is an error. */
export async function verify(
  place: string,
  flags: DataFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const findings = await verifyData(dataFiles(place, flags, surroundings));
  const writer = new ResultWriter(surroundings.stdout);
  for (const finding of findings) {
    const { severity, file, text } = finding;
    const line = `${severity.padEnd(5)}  ${file === "" ? place : file}: ${text}`;
    writer.line(flags.output === "json" ? JSON.stringify(finding) : line);
  }
  writer.flush();
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** Prints the paths of the tree after a txn; 1 if it may not be what the servers had. */
export async function showTree(
  place: string,
  flags: DataFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { tree, exitCode } = await loadTree(place, flags, flags.zxid, surroundings);
  const writer = new ResultWriter(surroundings.stdout);
  for (const znode of [...tree.paths()].sort()) {
    if (!isBelow(znode, flags.path)) continue;
    const view = tree.getNode(znode);
    if (view === undefined) continue;
    const { stat, acl } = view;
    const owner = stat.ephemeralOwner === 0n ? "" : `  owner=${formatZxid(stat.ephemeralOwner)}`;
    const text = `${znode}  version=${stat.version} bytes=${stat.dataLength} mzxid=${formatZxid(stat.mzxid)}${owner}`;
    const json = { path: znode, stat: stat.toJSON(), acl: acl.map((entry) => entry.toJSON()) };
    writer.line(flags.output === "json" ? JSON.stringify(json) : text);
    await writer.drained();
  }
  writer.flush();
  return exitCode;
}

/** Prints what changed between two txns, or what differs in another place; 1 if that may be wrong. */
export async function showDiff(
  place: string,
  other: string | undefined,
  flags: DataFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { from, to } = flags;
  if (from === undefined && other === undefined) {
    throw new UsageError("diff needs --from, the earlier txn, or another place to compare with");
  }
  if (other === undefined && to !== undefined && from !== undefined && to < from) {
    throw new UsageError("--to is before --from");
  }
  const earlier = await loadTree(place, flags, from, surroundings);
  const before = imageOf(earlier.tree);
  const later = await loadTree(other ?? place, flags, to, surroundings);
  const after = imageOf(later.tree);
  const writer = new ResultWriter(surroundings.stdout);
  for (const change of changesBetween(before, after)) {
    if (!isBelow(change.path, flags.path)) continue;
    const what = change.what.length === 0 ? "" : `  ${change.what.join(", ")}`;
    const text = `${change.kind.padEnd(9)}  ${change.path}${what}`;
    writer.line(flags.output === "json" ? JSON.stringify(change) : text);
    await writer.drained();
  }
  writer.flush();
  return earlier.exitCode === 0 ? later.exitCode : earlier.exitCode;
}

/** Prints the txns of all logs that are about a path. */
export async function showHistory(
  place: string,
  flags: DataFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  if (flags.path === undefined) throw new UsageError("history needs --path: whose history?");
  const { from, to } = flags;
  if (from !== undefined && to !== undefined && to < from) {
    throw new UsageError("--to is before --from");
  }
  const logs = dataFilesOf(dataFiles(place, flags, surroundings), "log");
  if (logs.length === 0) throw new UsageError(`there is no log in ${flags.logDir ?? place}`);
  const matches = itemFilter({ paths: [flags.path], fromZxid: from, toZxid: to });
  const writer = new ResultWriter(surroundings.stdout);
  let exitCode: ExitCode = 0;
  const show = (items: readonly Item[]): void => {
    for (const item of items) {
      if (!matches(item)) continue;
      if (item.hasFaults) exitCode = 1;
      writer.line(flags.output === "json" ? JSON.stringify(itemJson(item)) : itemLine(item));
    }
  };
  for (const { file } of logs) {
    const decoder = createDecoder("log");
    try {
      for await (const chunk of file.chunks()) {
        show(decoder.push(chunk));
        await writer.drained();
      }
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      surroundings.stderr.write(`jute: ${error.message}\n`);
      exitCode = 1;
    }
    show(decoder.finish());
  }
  writer.flush();
  return exitCode;
}

/** Copies a log up to and with a txn. */
export async function cut(
  place: string,
  { zxid, out }: DataFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  if (zxid === undefined) throw new UsageError("cut needs --zxid: the last txn to keep");
  if (out === undefined) throw new UsageError("cut needs --out: the new file");
  if (place === "-")
    throw new UsageError("cut reads a log twice, which standard input cannot give");
  const file = { name: path.basename(place), chunks: () => contentOf(place, surroundings) };
  let end = LOG_HEADER_BYTES;
  let count = 0;
  let last = 0n;
  const verdict = await readLog(file, (record) => {
    last = record.zxid;
    if (record.zxid > zxid) return;
    end = record.endOffset;
    count++;
  }).catch((error: unknown) => {
    if (error instanceof TxnLogFormatError) throw new FileSystemError(`${place}: ${error.message}`);
    throw error;
  });
  if (verdict.offset < LOG_HEADER_BYTES) {
    throw new FileSystemError(`${place} has no header of a log: nothing was written`);
  }
  await copyStart(file, end, path.resolve(surroundings.cwd, out), out);
  surroundings.stdout.write(`${out}: ${count} txns, ${end} bytes\n`);
  warnIfBefore(zxid, last, place, surroundings);
  if (verdict.kind === "end" || verdict.kind === "padding") return 0;
  surroundings.stderr.write(`jute: ${place}: ${verdict.reason} at byte ${verdict.offset}\n`);
  return 1;
}

async function copyStart(
  file: DataFile,
  end: number,
  target: string,
  shown: string,
): Promise<void> {
  // Never over anything that is there.
  const stream: WriteStream = createWriteStream(target, { flags: "wx" });
  try {
    await once(stream, "open");
    let left = end;
    for await (const chunk of file.chunks()) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (!stream.write(part)) await once(stream, "drain");
      // What may be damaged after this is not asked for.
      if (left <= 0) break;
    }
    stream.end();
    await once(stream, "close");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new UsageError(`${shown} is there already, and nothing is written over`);
    }
    if (error instanceof Error && "code" in error) {
      throw new FileSystemError(`${shown} cannot be written: ${error.message}`);
    }
    throw error;
  }
}

/** The tree of a directory or of a snapshot alone, with a word about what is wrong with it. */
async function loadTree(
  place: string,
  flags: DataFlags,
  zxid: bigint | undefined,
  surroundings: Surroundings,
): Promise<{ readonly tree: DataTree; readonly exitCode: ExitCode }> {
  const { cwd, stderr } = surroundings;
  if (statSync(path.resolve(cwd, place), { throwIfNoEntry: false })?.isFile() === true) {
    if (zxid !== undefined) {
      throw new UsageError(`${place} is a file: a txn can be named for directories only`);
    }
    return { tree: await snapshotTree(place, surroundings), exitCode: 0 };
  }
  const files = dataFiles(place, flags, surroundings);
  const count = dataFilesOf(files, "log").length + dataFilesOf(files, "snapshot").length;
  if (count === 0) throw new UsageError(`there is neither a log nor a snapshot in ${place}`);
  const { tree, flaws, digestMismatches } = await treeAt(files, zxid);
  for (const { file, reason } of flaws) stderr.write(`jute: ${file}: ${reason}\n`);
  const [mismatch] = digestMismatches;
  if (mismatch !== undefined) {
    stderr.write(`jute: after ${formatZxid(mismatch)} the tree is not what its leader had\n`);
  }
  if (zxid !== undefined) warnIfBefore(zxid, tree.lastProcessedZxid, place, surroundings);
  return { tree, exitCode: flaws.length + digestMismatches.length > 0 ? 1 : 0 };
}

/** What there is ends before the txn that was asked for: it may be in another file, or not be there at all. */
function warnIfBefore(zxid: bigint, last: bigint, place: string, { stderr }: Surroundings): void {
  if (last >= zxid) return;
  stderr.write(`jute: ${place}: the last txn is ${formatZxid(last)}, before ${formatZxid(zxid)}\n`);
}

async function snapshotTree(place: string, surroundings: Surroundings): Promise<DataTree> {
  const name = path.basename(place);
  const parsed = parseDataFileName(name);
  if (parsed?.kind === "log") throw new UsageError(`${place} is a log: name its directory`);
  const file = { name, chunks: () => contentOf(place, surroundings) };
  const loaded = await loadSnapshot({ file, zxid: parsed?.zxid ?? 0n });
  if (loaded.kind === "loaded") return loaded.tree;
  throw new FileSystemError(`${place}: ${loaded.reason}`);
}

/** Of one directory, or of two; of one that is named twice, once. */
function dataFiles(place: string, { logDir }: DataFlags, surroundings: Surroundings): DataFile[] {
  const files = filesIn(place, surroundings);
  if (logDir === undefined) return files;
  const logs = filesIn(logDir, surroundings);
  const placeOf = (directory: string): string =>
    realpathSync(path.resolve(surroundings.cwd, directory));
  return placeOf(place) === placeOf(logDir) ? files : [...files, ...logs];
}

function filesIn(directory: string, surroundings: Surroundings): DataFile[] {
  const resolved = path.resolve(surroundings.cwd, directory);
  let names: string[];
  try {
    names = readdirSync(resolved, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  } catch {
    throw new UsageError(`there is no directory ${directory}`);
  }
  return names.map((name) => ({
    name,
    chunks: () => contentOf(path.join(directory, name), surroundings),
  }));
}

/** Throws DamagedFileError where `fileSource` throws DamagedGzipError. */
async function* contentOf(
  file: string,
  surroundings: Surroundings,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* fileSource(file, "raw", surroundings).chunks();
  } catch (error) {
    throw error instanceof DamagedGzipError ? new DamagedFileError(error.message) : error;
  }
}

function isBelow(path: string, top: string | undefined): boolean {
  if (top === undefined || top === "/") return true;
  const trimmed = top.replace(/\/+$/, "");
  return path === trimmed || path.startsWith(`${trimmed}/`);
}

const LOG_HEADER_BYTES = 16;
