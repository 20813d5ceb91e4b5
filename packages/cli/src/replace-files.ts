/** Rewriting files that a person wrote: as one step each, and none before all new texts are on disk. */
import { randomUUID } from "node:crypto";
import { realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { shownPath } from "./input-files.js";
import { removeTemporary } from "./remove-temporary.js";
import { FileSystemError, type Surroundings } from "./surroundings.js";
import { whyRefused } from "./system-error.js";

export interface Replacement {
  /** Absolute. A symbolic link stays one: what it leads to is replaced. */
  readonly file: string;
  /** Written as UTF-8. */
  readonly text: string;
}

/**
 * Replaces files that exist; their permissions stay. A reader sees the old text or the new one,
 * never a part. An interruption waits until all files are replaced. Throws {@link FileSystemError},
 * after which no file has changed when it was the writing that failed.
 */
export function replaceFiles(
  replacements: readonly Replacement[],
  { cwd, interruption }: Pick<Surroundings, "cwd" | "interruption">,
): void {
  // Asked for, a signal does not end the process; nobody need look, because this takes no longer than the files do.
  interruption();
  const staged: { readonly temporary: string; readonly target: string }[] = [];
  let current = "";
  try {
    for (const { file, text } of replacements) {
      current = file;
      const target = realpathSync(file);
      // In the same directory, because a rename is atomic only within one file system.
      const name = `.${path.basename(target)}.${randomUUID()}.tmp`;
      const temporary = path.join(path.dirname(target), name);
      staged.push({ temporary, target });
      writeFileSync(temporary, text, { mode: statSync(target).mode, flush: true });
    }
    for (const { temporary, target } of staged) {
      current = target;
      renameSync(temporary, target);
    }
  } catch (error) {
    for (const { temporary } of staged) removeTemporary(temporary);
    throw new FileSystemError(`cannot write ${shownPath(current, cwd)}: ${whyRefused(error)}`);
  }
}
