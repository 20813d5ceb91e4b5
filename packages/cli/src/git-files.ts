/** The Jute files of a git revision, written to a directory of their own, where they can be read like any other. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
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
  // So named, a revision cannot be taken for an option, and a path cannot stand for one.
  const commit = git(["rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`], cwd)
    .toString()
    .trim();
  const names = git(["ls-tree", "-r", "-z", "--name-only", commit], workingTree)
    .toString()
    .split("\0")
    .filter((name) => name.endsWith(".jute"));
  const root = mkdtempSync(path.join(tmpdir(), "jute-revision-"));
  const dispose = () => {
    rmSync(root, { recursive: true, force: true });
  };
  try {
    for (const name of names) {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, git(["cat-file", "blob", `${commit}:${name}`], workingTree));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { root, workingTree, dispose };
}

function git(line: readonly string[], cwd: string): Buffer {
  const { status, stdout, stderr, error } = spawnSync("git", line, {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw new UsageError(`cannot run git: ${error.message}`);
  if (status !== 0) throw new UsageError(`git: ${stderr.toString().trim()}`);
  return stdout;
}
