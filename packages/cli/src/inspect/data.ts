/** The actions of `jute data`. */
import {
  type Dirent,
  type WriteStream,
  createWriteStream,
  readdirSync,
  realpathSync,
} from "node:fs";
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
  plainText,
  readLog,
  type TornEnd,
  tornEndFlaw,
  treeAt,
  verifyData,
} from "@jute-ts/inspect";
import type { DataTree } from "@jute-ts/data-tree";
import { parseDataFileName, TxnLogFormatError } from "@jute-ts/persistence";
import { follows, formatZxid } from "@jute-ts/zookeeper";
import { quantity } from "../quantity.js";
import { removeTemporary } from "../remove-temporary.js";
import {
  type ExitCode,
  FileSystemError,
  InterruptedError,
  type Surroundings,
  UsageError,
} from "../surroundings.js";
import { statsIfKnown, statsOf, whyRefused } from "../system-error.js";
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
    const line = `${severity.padEnd(5)}  ${file === "" ? place : file}: ${plainText(text)}`;
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
  let count = 0;
  for (const znode of [...tree.paths()].sort()) {
    if (!isBelow(znode, flags.path)) continue;
    count++;
    const view = tree.getNode(znode);
    if (view === undefined) continue;
    const { stat, acl } = view;
    const owner = stat.ephemeralOwner === 0n ? "" : `  owner=${formatZxid(stat.ephemeralOwner)}`;
    const text = `${plainText(znode)}  version=${stat.version} bytes=${stat.dataLength} mzxid=${formatZxid(stat.mzxid)}${owner}`;
    const json = { path: znode, stat: stat.toJSON(), acl: acl.map((entry) => entry.toJSON()) };
    writer.line(flags.output === "json" ? JSON.stringify(json) : text);
    await writer.drained();
  }
  writer.flush();
  if (count > 0) return exitCode;
  const last = formatZxid(tree.lastProcessedZxid);
  surroundings.stderr.write(
    `jute: ${place}: there is no znode ${flags.path ?? "/"} after ${last}\n`,
  );
  return 1;
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
  let count = 0;
  for (const change of changesBetween(before, after)) {
    if (!isBelow(change.path, flags.path)) continue;
    count++;
    const what = change.what.length === 0 ? "" : `  ${change.what.join(", ")}`;
    const text = `${change.kind.padEnd(9)}  ${plainText(change.path)}${what}`;
    writer.line(flags.output === "json" ? JSON.stringify(change) : text);
    await writer.drained();
  }
  writer.flush();
  if (count === 0) surroundings.stderr.write("jute: nothing differs\n");
  return earlier.exitCode === 0 ? later.exitCode : earlier.exitCode;
}

/** Prints the txns of all logs that are about a path; 1 if some may be missing or wrong. */
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
  const files = dataFiles(place, flags, surroundings);
  const logs = dataFilesOf(files, "log");
  const snapshots = new Set(dataFilesOf(files, "snapshot").map(({ zxid }) => zxid));
  if (logs.length === 0) throw new UsageError(`there is no log in ${flags.logDir ?? place}`);
  const matches = itemFilter({ paths: [flags.path], fromZxid: from, toZxid: to });
  const writer = new ResultWriter(surroundings.stdout);
  let count = 0;
  let exitCode: ExitCode = 0;
  const flaw = (file: string, reason: string): void => {
    surroundings.stderr.write(`jute: ${file}: ${reason}\n`);
    exitCode = 1;
  };
  let last: bigint | undefined;
  let torn: { readonly file: string; readonly end: TornEnd } | undefined;
  for (const { file } of logs) {
    const decoder = createDecoder("log");
    let faultOffset: number | undefined;
    const show = (items: readonly Item[]): void => {
      for (const item of items) {
        if (!matches(item)) continue;
        count++;
        if (item.hasFaults) faultOffset ??= item.offset;
        writer.line(flags.output === "json" ? JSON.stringify(itemJson(item)) : itemLine(item));
      }
    };
    const shown: DataFile = {
      name: file.name,
      async *chunks() {
        for await (const chunk of file.chunks()) {
          show(decoder.push(chunk));
          await writer.drained();
          yield chunk;
        }
      },
    };
    const before = last;
    const earlier = torn;
    let first: bigint | undefined;
    try {
      const end = await readLog(shown, ({ zxid }) => {
        first ??= zxid;
        last = zxid;
      });
      show(decoder.finish());
      const isReached = to !== undefined && last !== undefined && last >= to;
      if (end.kind === "rotten" && !isReached) {
        flaw(file.name, `${end.reason} at byte ${end.offset}`);
      }
      if (end.kind === "torn") {
        const { offset } = end;
        torn = { file: file.name, end: { offset, last, hasRecords: first !== undefined } };
      } else if (first !== undefined) torn = undefined;
      // What a crash tears nobody was promised; if more is missing, the next txn tells.
      const isRestHarmless = end.kind === "torn" || isReached;
      if (isRestHarmless && faultOffset !== undefined && faultOffset >= end.offset) {
        faultOffset = undefined;
      }
    } catch (error) {
      if (!(error instanceof TxnLogFormatError)) throw error;
      show(decoder.finish());
      flaw(file.name, error.message);
    }
    if (faultOffset !== undefined) exitCode = 1;
    if (first === undefined) continue;
    const isAskedFor =
      (to === undefined || (before ?? 0n) < to) && (from === undefined || first > from);
    if (!isAskedFor) continue;
    if (before !== undefined && !follows(before, first)) {
      flaw(file.name, `txns are missing between ${formatZxid(before)} and ${formatZxid(first)}`);
    } else if (earlier !== undefined) {
      // Only one of what is left shows that no later txn is missing in the logs.
      const isSnapshotTaken = before !== undefined && snapshots.has(before);
      const reason = tornEndFlaw(earlier.end, first, isSnapshotTaken);
      if (reason !== undefined) flaw(earlier.file, reason);
    }
  }
  writer.flush();
  if (count === 0) surroundings.stderr.write(`jute: no txn of these logs is about ${flags.path}\n`);
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
  await copyStart(file, end, out, surroundings);
  surroundings.stdout.write(`${out}: ${quantity(count, "txn")}, ${end} bytes\n`);
  warnIfBefore(zxid, last, place, surroundings);
  if (verdict.kind === "end" || verdict.kind === "padding") return 0;
  surroundings.stderr.write(`jute: ${place}: ${verdict.reason} at byte ${verdict.offset}\n`);
  return 1;
}

/** A copy that cannot be finished is removed: it would look like a whole log. */
async function copyStart(
  file: DataFile,
  end: number,
  shown: string,
  { cwd, interruption }: Surroundings,
): Promise<void> {
  const target = path.resolve(cwd, shown);
  const interrupted = interruption();
  // Never over anything that is there.
  const stream: WriteStream = createWriteStream(target, { flags: "wx" });
  let isOurs = false;
  try {
    await once(stream, "open");
    isOurs = true;
    let left = end;
    for await (const chunk of file.chunks()) {
      if (interrupted.aborted) throw new InterruptedError("interrupted: nothing was written");
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (!stream.write(part)) await once(stream, "drain");
      // What may be damaged after this is not asked for.
      if (left <= 0) break;
    }
    stream.end();
    await once(stream, "close");
  } catch (error) {
    stream.destroy();
    if (isOurs) removeTemporary(target);
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new UsageError(`${shown} is there already, and nothing is written over`);
    }
    if (error instanceof Error && "code" in error) {
      throw new FileSystemError(`${shown} cannot be written: ${whyRefused(error)}`);
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
  if (statsOf(path.resolve(cwd, place), place)?.isFile() === true) {
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

/** The txn that was asked for is not there: it may be in another file, or never have been. */
function warnIfBefore(zxid: bigint, last: bigint, place: string, { stderr }: Surroundings): void {
  if (last >= zxid) return;
  const rest = last === 0n ? "none is before it" : `the last before it is ${formatZxid(last)}`;
  stderr.write(`jute: ${place}: there is no txn ${formatZxid(zxid)}; ${rest}\n`);
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
    realpathSync(path.resolve(surroundings.cwd, filesDirectory(directory, surroundings)));
  return placeOf(place) === placeOf(logDir) ? files : [...files, ...logs];
}

function filesIn(place: string, surroundings: Surroundings): DataFile[] {
  const directory = filesDirectory(place, surroundings);
  const names = entriesOf(directory, surroundings)
    .filter((entry) => entry.isFile() || isLinkToFile(entry, directory, surroundings))
    .map(({ name }) => name)
    .sort();
  return names.map((name) => ({
    name,
    chunks: () => contentOf(path.join(directory, name), surroundings),
  }));
}

/** A server opens what a link leads to. One that leads nowhere stays, so that reading says so. */
function isLinkToFile(entry: Dirent, directory: string, { cwd }: Surroundings): boolean {
  if (!entry.isSymbolicLink()) return false;
  const target = statsIfKnown(path.resolve(cwd, directory, entry.name));
  return target === undefined || target.isFile();
}

/** The directory itself, or `version-2` in it: a `dataDir` of zoo.cfg has its files one level below. */
function filesDirectory(directory: string, surroundings: Surroundings): string {
  const entries = entriesOf(directory, surroundings);
  const hasData = entries.some(({ name }) => parseDataFileName(name) !== undefined);
  const isAbove = entries.some((entry) => entry.name === DATA_VERSION && !entry.isFile());
  return isAbove && !hasData ? path.join(directory, DATA_VERSION) : directory;
}

function entriesOf(directory: string, { cwd }: Surroundings): Dirent[] {
  try {
    return readdirSync(path.resolve(cwd, directory), { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UsageError(`there is no directory ${directory}`);
    if (code === "ENOTDIR") {
      throw new UsageError(
        `${directory} is no directory: name the one that has it, or see jute decode`,
      );
    }
    throw new UsageError(`${directory} cannot be read: ${whyRefused(error)}`);
  }
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

/** What servers call the directory of their files. */
const DATA_VERSION = "version-2";
