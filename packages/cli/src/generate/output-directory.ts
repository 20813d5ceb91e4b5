/**
 * The output directory: what would change, and changing it. Nothing is written
 * before everything is known, contents go to temporary files first, and the
 * renames come last, so a run that fails leaves the old output as it was.
 *
 * Every generated file starts with its target's marker. A file without it belongs to
 * somebody else: it is never deleted, and replaced only by force.
 */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { EmittedFile, Target } from "@jute-ts/compiler";
import { FileSystemError } from "../surroundings.js";

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
  /** The new content; undefined for an orphan, which has none. */
  readonly text?: string;
}

export interface OutputPlan {
  /** Absolute. */
  readonly outDir: string;
  /** Emitted files in their order, then orphans by path. */
  readonly files: readonly PlannedFile[];
}

/** Compares emitted files with what is on disk. Writes nothing. Throws {@link FileSystemError} when the disk cannot be read. */
export function planOutput(
  outDir: string,
  emitted: readonly EmittedFile[],
  target: Target,
): OutputPlan {
  const files = emitted.map(({ path: relative, text }): PlannedFile => {
    const current = readOutputFile(path.join(outDir, relative));
    return { path: relative, text, status: statusOf(current, text, target) };
  });
  return { outDir, files: [...files, ...findOrphans(outDir, emitted, target)] };
}

/**
 * Carries out plans, all of them or, as far as a file system lets itself be asked, none:
 * every new content is on disk under a temporary name before the first file is replaced.
 * The caller has dealt with foreign files: here they are replaced. Throws {@link FileSystemError}.
 */
export function applyPlans(plans: readonly OutputPlan[]): void {
  const staged: { temporary: string; target: string }[] = [];
  try {
    for (const { outDir, files } of plans) {
      for (const { path: relative, text, status } of files) {
        if (text === undefined || status === "unchanged") continue;
        const target = path.join(outDir, relative);
        // In the same directory, because a rename is atomic only within one file system.
        const temporary = path.join(
          path.dirname(target),
          `.${path.basename(target)}.${randomUUID()}.tmp`,
        );
        mkdirSync(path.dirname(target), { recursive: true });
        staged.push({ temporary, target });
        writeFileSync(temporary, text);
      }
    }
    // Where the file system ignores case, an orphan and a new file can be one: that orphan goes first.
    for (const plan of plans) deleteOrphans(plan, (file) => isReplaced(plan, file));
    for (const { temporary, target } of staged) renameSync(temporary, target);
    for (const plan of plans) deleteOrphans(plan, (file) => !isReplaced(plan, file));
  } catch (error) {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    throw new FileSystemError(`cannot write the output: ${(error as Error).message}`);
  }
}

function statusOf(current: string | undefined, text: string, { marker }: Target): FileStatus {
  if (current === undefined) return "missing";
  if (current === text) return "unchanged";
  return current.startsWith(marker) ? "stale" : "foreign";
}

/** The text of a file of the output, undefined when there is none. Throws {@link FileSystemError}. */
export function readOutputFile(file: string): string | undefined {
  return unlessMissing(file, () => readFileSync(file, "utf8"));
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
  emitted: readonly EmittedFile[],
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
  const text = readOutputFile(path.join(directory, rootFile.path));
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
