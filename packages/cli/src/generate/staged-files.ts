/**
 * New contents of files, under temporary names beside the files that they will replace. So a
 * run holds no text for longer than it takes to write it, and one that fails leaves everything
 * as it was.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmdirSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { removeTemporary } from "../remove-temporary.js";
import { InterruptedError } from "../surroundings.js";

export interface StagedFile {
  /** Absolute. */
  readonly temporary: string;
  readonly target: string;
}

export class StagedFiles {
  readonly #files = new Set<StagedFile>();
  #count = 0;
  /** Directories that are known to be there. */
  readonly #directories = new Set<string>();
  /** The topmost of those that were made for the files. */
  readonly #made: string[] = [];
  readonly #run = randomUUID();

  readonly #interruption: AbortSignal | undefined;

  /** `interruption`: ends the run while nothing is in its place yet. */
  constructor(interruption?: AbortSignal) {
    this.#interruption = interruption;
  }

  /** Gives an interruption the time to be noticed. Rejects with {@link InterruptedError}. */
  async rest(): Promise<void> {
    // Signals come with the events of the process, of which those who only await each other see none.
    await setImmediate();
    if (this.#interruption?.aborted === true) {
      throw new InterruptedError("interrupted: the output is as it was");
    }
  }

  /** Where to write what `target` (absolute) is to hold; makes the directory. Throws what the file system throws. */
  reserve(target: string): StagedFile {
    // In the same directory, because a rename is atomic only within one file system.
    const directory = path.dirname(target);
    if (!this.#directories.has(directory)) {
      const made = mkdirSync(directory, { recursive: true });
      if (made !== undefined) this.#made.push(made);
      this.#directories.add(directory);
    }
    const name = `.${path.basename(target)}.${this.#run}-${String(this.#count++)}.tmp`;
    const file = { temporary: path.join(directory, name), target };
    this.#files.add(file);
    return file;
  }

  /** Takes back what was reserved and not written. */
  release(file: StagedFile): void {
    this.#files.delete(file);
  }

  /** Puts all files into their places. Throws what the file system throws; {@link discard} then deletes those that are left. */
  commit(): void {
    for (const { temporary, target } of this.#files) renameSync(temporary, target);
  }

  /** Deletes what was written and is in no place yet, and the directories that were made for it, as far as they are empty. */
  discard(): void {
    for (const { temporary } of this.#files) removeTemporary(temporary);
    const directories = [...this.#directories].sort((left, right) => right.length - left.length);
    for (const top of this.#made) {
      for (const directory of directories) {
        for (let current = directory; isWithin(current, top); current = path.dirname(current)) {
          if (!removeIfEmpty(current)) break;
        }
      }
    }
  }
}

function isWithin(directory: string, top: string): boolean {
  return directory === top || directory.startsWith(top + path.sep);
}

function removeIfEmpty(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
