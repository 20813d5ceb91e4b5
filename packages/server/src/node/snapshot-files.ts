/**
 * Reads snapshots that Java has compressed with gzip as if they were not
 * compressed: piece by piece from the front, so that no snapshot is ever held
 * whole. It does not know what a snapshot is.
 */
import { createReadStream, type ReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

/** Whether a file of this name is presented inflated. */
export function isGzipped(name: string): boolean {
  return name.endsWith(".gz");
}

export class InflatedFile {
  readonly path: string;
  #source: ReadStream | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  /** Inflated and not yet handed out. */
  #rest: Uint8Array = new Uint8Array(0);
  /** How much was handed out or passed over. */
  #position = 0;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Bytes of the inflated file; fewer than `length` only at its end. `size` is
   * its size once that is known, and before that just more than was read. What
   * cannot be inflated ends the file, like a file that was cut there: whoever
   * knows the format notices. Rejects when the file cannot be opened or read.
   */
  async read(
    offset: number,
    length: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
    if (offset < this.#position || this.#pieces === undefined) this.#begin();
    while (this.#position < offset) {
      if ((await this.#take(offset - this.#position)).length === 0) break;
    }
    const parts: Uint8Array[] = [];
    let filled = 0;
    while (filled < length) {
      const part = await this.#take(length - filled);
      if (part.length === 0) return { bytes: Buffer.concat(parts), size: this.#position };
      parts.push(part);
      filled += part.length;
    }
    return { bytes: Buffer.concat(parts), size: this.#position + 1 };
  }

  /** Releases the file. Reading begins at its front again. */
  close(): void {
    this.#source?.destroy();
    this.#source = undefined;
    this.#pieces = undefined;
    this.#rest = new Uint8Array(0);
    this.#position = 0;
  }

  #begin(): void {
    this.close();
    const source = createReadStream(this.path);
    const inflated = createGunzip();
    // `pipe` hands no error on; without it, the reader would wait forever.
    source.on("error", (error) => inflated.destroy(error));
    this.#source = source;
    const pieces: AsyncIterable<Uint8Array> = source.pipe(inflated);
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes, at most `most`; none at the end. */
  async #take(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#next();
      if (next === undefined) return this.#rest;
      this.#rest = next;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    this.#position += taken.length;
    return taken;
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#pieces?.next();
      return next === undefined || next.done === true ? undefined : next.value;
    } catch (error) {
      if (isInflateError(error)) return undefined;
      throw error;
    }
  }
}

function isInflateError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("Z_")
  );
}
