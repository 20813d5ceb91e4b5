/** The Jute files of a git revision, written to a directory of their own, where they can be read like any other. */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeDirectory } from "./make-directory.js";
import { UsageError } from "./surroundings.js";

export interface Revision {
  /** Absolute: what the working tree's root is in the revision. */
  readonly root: string;
  /** Absolute: the root of the working tree. */
  readonly workingTree: string;
  /** Deletes the directory. */
  readonly dispose: () => void;
}

/** Throws {@link UsageError} when git, the repository or the revision is not there. */
export function checkOutJuteFiles(revision: string, cwd: string): Revision {
  const workingTree = git(["rev-parse", "--show-toplevel"], cwd).toString().trim();
  const commit = commitOf(revision, cwd);
  const entries = git(["ls-tree", "-r", "-z", commit], workingTree)
    .toString()
    .split("\0")
    .map(entryOf)
    .filter(({ name }) => name.endsWith(".jute"));
  const root = mkdtempSync(path.join(tmpdir(), "jute-revision-"));
  const dispose = () => {
    rmSync(root, { recursive: true, force: true });
  };
  try {
    for (const { name, isLink } of entries) {
      const file = path.join(root, name);
      makeDirectory(path.dirname(file));
      const content = git(["cat-file", "blob", `${commit}:${name}`], workingTree);
      if (!isLink) writeFileSync(file, content);
      else if (leadsInto(root, file, content.toString())) symlinkSync(content.toString(), file);
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { root, workingTree, dispose };
}

function commitOf(revision: string, cwd: string): string {
  // So named, a revision cannot be taken for an option, and a path cannot stand for one.
  const line = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const { status, stdout } = run(line, cwd);
  if (status === 0) return stdout.toString().trim();
  const isShallow = git(["rev-parse", "--is-shallow-repository"], cwd).toString().trim() === "true";
  const help = isShallow
    ? "; the clone is shallow: fetch more of the history, as by git fetch --unshallow"
    : "; fetch it, or name another";
  throw new UsageError(`git knows no commit "${revision}"${help}`);
}

/** A line of `git ls-tree`: mode, type and id, a tab, and the path. */
function entryOf(line: string): { readonly name: string; readonly isLink: boolean } {
  return { name: line.slice(line.indexOf("\t") + 1), isLink: line.startsWith("120000 ") };
}

/** Whether a link stays among the files of the revision. What leads elsewhere is left out. */
function leadsInto(root: string, link: string, target: string): boolean {
  if (path.isAbsolute(target)) return false;
  const relative = path.relative(root, path.resolve(path.dirname(link), target));
  return relative !== ".." && !relative.startsWith(`..${path.sep}`);
}

function git(line: readonly string[], cwd: string): Buffer {
  const { status, stdout, stderr } = run(line, cwd);
  if (status !== 0) throw new UsageError(`git: ${stderr.toString().trim()}`);
  return stdout;
}

function run(line: readonly string[], cwd: string): SpawnSyncReturns<Buffer> {
  const result = spawnSync("git", line, { cwd, maxBuffer: 64 * 1024 * 1024 });
  if (result.error !== undefined) throw new UsageError(`cannot run git: ${result.error.message}`);
  return result;
}
