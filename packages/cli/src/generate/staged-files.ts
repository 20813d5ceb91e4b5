/**
 * New contents of files, under temporary names beside the files that they will replace, or, where their whole
 * directory is new, in a temporary directory beside it. So a run holds no text for longer than it takes to write
 * it, and one that fails leaves everything as it was.
 */
import { randomUUID } from "node:crypto";
import { existsSync, renameSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { makeDirectory } from "../make-directory.js";
import { removeTemporary } from "../remove-temporary.js";
import { InterruptedError } from "../surroundings.js";

export interface StagedFile {
  /** Absolute. */
  readonly temporary: string;
  readonly target: string;
  /** Whether the target's directory is not there yet: then nothing can stand in its place. */
  readonly isNew: boolean;
}

/** Where the files of one directory are written. */
interface Place {
  readonly directory: string;
  readonly isNew: boolean;
}

export class StagedFiles {
  /** Those beside their targets. */
  readonly #files = new Set<StagedFile>();
  /** Where the files of each directory are written, by its path. */
  readonly #places = new Map<string, Place>();
  /** Temporary directories by what they will be called. */
  readonly #newDirectories = new Map<string, string>();
  #count = 0;
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
    const { directory, isNew } = this.#placeOf(path.dirname(target));
    const name = path.basename(target);
    if (isNew) return { temporary: path.join(directory, name), target, isNew };
    // In the same directory, because a rename is atomic only within one file system.
    const temporary = path.join(directory, `.${name}.${this.#run}-${String(this.#count++)}.tmp`);
    const file = { temporary, target, isNew };
    this.#files.add(file);
    return file;
  }

  /** Takes back what was reserved and not written. */
  release(file: StagedFile): void {
    this.#files.delete(file);
  }

  /** Puts all files into their places. Throws what the file system throws; {@link discard} then deletes those that are left. */
  commit(): void {
    for (const [directory, temporary] of this.#newDirectories) renameSync(temporary, directory);
    for (const { temporary, target } of this.#files) renameSync(temporary, target);
  }

  /** Deletes what was written and is in no place yet. */
  discard(): void {
    for (const temporary of this.#newDirectories.values()) removeTemporary(temporary);
    for (const { temporary } of this.#files) removeTemporary(temporary);
  }

  #placeOf(directory: string): Place {
    let place = this.#places.get(directory);
    if (place === undefined) {
      place = existsSync(directory) ? { directory, isNew: false } : this.#newPlace(directory);
      this.#places.set(directory, place);
    }
    return place;
  }

  #newPlace(directory: string): Place {
    let top = directory;
    while (!existsSync(path.dirname(top))) top = path.dirname(top);
    let temporary = this.#newDirectories.get(top);
    if (temporary === undefined) {
      temporary = path.join(path.dirname(top), `.${path.basename(top)}.${this.#run}.tmp`);
      this.#newDirectories.set(top, temporary);
    }
    const place = path.join(temporary, path.relative(top, directory));
    makeDirectory(place);
    return { directory: place, isNew: true };
  }
}
