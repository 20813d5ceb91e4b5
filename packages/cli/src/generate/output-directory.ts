/**
 * The output directory: what would change, and changing it. No file is replaced before
 * everything is known: new contents go to temporary files first, and the
 * renames come last, so a run that fails leaves the old output as it was.
 *
 * Every generated file starts with its target's marker. A file without it belongs to
 * somebody else: it is never deleted, and replaced only by force.
 */
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { EmittedFile, Target } from "@jute-ts/compiler";
import { FileSystemError } from "../surroundings.js";
import { hash } from "./cache.js";
import type { StagedFile, StagedFiles } from "./staged-files.js";

/**
 * `missing` and `stale` files are to be written, `unchanged` ones are left alone with
 * their times, `orphan`s are generated files that nothing produces any more, and
 * `foreign` ones stand where output should go but were not generated.
 */
export type FileStatus = "unchanged" | "missing" | "stale" | "orphan" | "foreign";

export interface PlannedFile {
  /** Relative to the output directory, with forward slashes. */
  readonly path: string;
  readonly status: FileStatus;
  /** Of the content that it is to have; undefined for an orphan, which has none. */
  readonly hash?: string;
}

export interface OutputPlan {
  /** Absolute. */
  readonly outDir: string;
  /** Emitted files in their order, then orphans by path. */
  readonly files: readonly PlannedFile[];
}

/** Whether a file that was not generated stands where one of these is to go. Throws {@link FileSystemError}. */
export function hasForeignFiles(
  outDir: string,
  paths: readonly string[],
  { marker }: Target,
): boolean {
  return (
    isThere(outDir) &&
    paths.some((relative) => {
      const file = path.join(outDir, relative);
      return isThere(file) && unlessMissing(file, () => startsWith(marker, file)) === false;
    })
  );
}

/**
 * Compares emitted files with what is on disk, one at a time. What is to be written goes to `staged`, if that is
 * given; nothing else is written. Throws {@link FileSystemError}, and InterruptedError as `staged` does.
 */
export async function planFiles(
  outDir: string,
  emitted: AsyncIterable<EmittedFile> | Iterable<EmittedFile>,
  target: Target,
  staged: StagedFiles | undefined,
): Promise<readonly PlannedFile[]> {
  const files: PlannedFile[] = [];
  for await (const { path: relative, text } of emitted) {
    const file = path.join(outDir, relative);
    if (files.length % FILES_UNTIL_REST === 0) await staged?.rest();
    const place = staged && reserveIn(staged, file);
    const comparison = compareFile(file, text, target.marker, place);
    if (place !== undefined && comparison.status === "unchanged") staged?.release(place);
    files.push({ path: relative, ...comparison });
  }
  return files;
}

const FILES_UNTIL_REST = 20;

/** What is to become of one file. */
export interface Comparison {
  readonly status: FileStatus;
  /** Of the content that it is to have. */
  readonly hash: string;
}

/**
 * Compares a file (absolute) with what it is to hold. Where they differ and a place is given, the content is
 * written there. Throws {@link FileSystemError}.
 */
export function compareFile(
  file: string,
  text: string,
  marker: string,
  place: StagedFile | undefined,
): Comparison {
  const content = encoded(text);
  const status = place?.isNew === true ? "missing" : statusOf(file, content, marker);
  if (status !== "unchanged" && place !== undefined) {
    writing(() => {
      writeFileSync(place.temporary, content);
    });
  }
  return { status, hash: hash(content) };
}

/** Makes the directory, too. Throws {@link FileSystemError}. */
export function reserveIn(staged: StagedFiles, file: string): StagedFile {
  return writing(() => staged.reserve(file));
}

/** The plan, and what is in the output directory beside its files and would be deleted. Throws {@link FileSystemError}. */
export function withOrphans({ outDir, files }: OutputPlan, target: Target): OutputPlan {
  return { outDir, files: [...files, ...findOrphans(outDir, files, target)] };
}

/**
 * Carries out plans, all of them or, as far as a file system lets itself be asked, none: what they
 * replace is in `staged`. The caller has dealt with foreign files: here they are replaced. Throws
 * {@link FileSystemError}.
 */
export function applyPlans(plans: readonly OutputPlan[], staged: StagedFiles): void {
  writing(() => {
    // Where the file system ignores case, an orphan and a new file can be one: that orphan goes first.
    for (const plan of plans) deleteOrphans(plan, (file) => isReplaced(plan, file));
    staged.commit();
    for (const plan of plans) deleteOrphans(plan, (file) => !isReplaced(plan, file));
  });
}

function writing<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw new FileSystemError(`cannot write the output: ${(error as Error).message}`);
  }
}

function statusOf(file: string, content: Buffer, marker: string): FileStatus {
  const size = sizeOf(file);
  if (size === undefined) return "missing";
  if (size === content.length && readOutputFile(file)?.equals(content) === true) return "unchanged";
  const isOurs = unlessMissing(file, () => startsWith(marker, file));
  if (isOurs === undefined) return "missing";
  return isOurs ? "stale" : "foreign";
}

/** Space that is used again for each file: for ten thousand of them, making it takes longer than filling it. */
let writingSpace = Buffer.alloc(0);
let readingSpace = Buffer.alloc(0);

/** As UTF-8; valid until the next call. */
function encoded(text: string): Buffer {
  const most = text.length * MOST_BYTES_OF_A_UNIT;
  if (writingSpace.length < most) writingSpace = Buffer.allocUnsafeSlow(2 * most);
  return writingSpace.subarray(0, writingSpace.write(text));
}

const MOST_BYTES_OF_A_UNIT = 3;

/** A file of the output, undefined when there is none. Valid until the next call. Throws {@link FileSystemError}. */
export function readOutputFile(file: string): Buffer | undefined {
  return isThere(file) ? unlessMissing(file, () => readWhole(file)) : undefined;
}

function readWhole(file: string): Buffer {
  const descriptor = openSync(file, "r");
  try {
    // One byte more than the file has, so that its end is seen by the first read.
    const { size } = fstatSync(descriptor);
    if (readingSpace.length <= size) readingSpace = Buffer.allocUnsafeSlow(2 * size + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, readingSpace, length, readingSpace.length - length, null);
      length += count;
      if (count === 0) return readingSpace.subarray(0, length);
      if (length === readingSpace.length) readingSpace = Buffer.concat([readingSpace], 2 * length);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Asked before a file is opened, because an exception for each of ten thousand missing ones takes longer. */
function isThere(file: string): boolean {
  return sizeOf(file) !== undefined;
}

function sizeOf(file: string): number | undefined {
  return unlessMissing(file, () => statSync(file, { throwIfNoEntry: false })?.size);
}

function unlessMissing<T>(file: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // ENOTDIR: a file stands where a directory should be. Making the directory will say so.
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new FileSystemError(`cannot read ${file}: ${message}`);
  }
}

/** Generated files below `outDir` that are not among the emitted ones. */
function findOrphans(
  outDir: string,
  emitted: readonly PlannedFile[],
  target: Target,
): PlannedFile[] {
  const expected = new Set(emitted.map((file) => file.path));
  const orphans: PlannedFile[] = [];
  const pending = [""];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const absolute = path.join(outDir, directory);
    if (directory !== "" && isOutputRoot(absolute, target)) continue;
    const entries = unlessMissing(absolute, () => readdirSync(absolute, { withFileTypes: true }));
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const entry of entries ?? []) {
      const relative = prefix + entry.name;
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) pending.push(relative);
      } else if (
        entry.isFile() &&
        entry.name.endsWith(target.extension) &&
        !expected.has(relative) &&
        startsWith(target.marker, path.join(outDir, relative))
      ) {
        orphans.push({ path: relative, status: "orphan" });
      }
    }
  }
  return orphans.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Whether a directory holds the output of another run, whose files are nobody's orphans here. */
function isOutputRoot(directory: string, { rootFile, marker }: Target): boolean {
  const text = readOutputFile(path.join(directory, rootFile.path))?.toString();
  return text !== undefined && text.startsWith(marker) && text.includes(rootFile.content);
}

/** Reads no more of the file than the marker is long: an output directory may hold large files of others. */
function startsWith(text: string, file: string): boolean {
  const marker = Buffer.from(text);
  const start = Buffer.alloc(marker.length);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, start, 0, start.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return start.equals(marker);
}

/** Whether an emitted file has the orphan's name but for its case. */
function isReplaced({ files }: OutputPlan, orphan: string): boolean {
  const name = orphan.toLowerCase();
  return files.some(({ path, status }) => status !== "orphan" && path.toLowerCase() === name);
}

function deleteOrphans({ outDir, files }: OutputPlan, applies: (file: string) => boolean): void {
  const directories = new Set<string>();
  for (const { path: relative, status } of files) {
    if (status !== "orphan" || !applies(relative)) continue;
    rmSync(path.join(outDir, relative), { force: true });
    for (let parent = path.posix.dirname(relative); parent !== ".";) {
      directories.add(parent);
      parent = path.posix.dirname(parent);
    }
  }
  // The deepest first; a directory that still holds something stays.
  for (const directory of [...directories].sort((left, right) => right.length - left.length)) {
    try {
      rmdirSync(path.join(outDir, directory));
    } catch {
      continue;
    }
  }
}
