/**
 * Reads a record of fixed size where it lies, field by field, when somebody
 * asks. A view is made once and moved from message to message: it allocates
 * nothing but the longs that are read. Generated views derive from this class.
 */
import { bytesNeeded } from "./quantity.js";
import { doubleAt, floatAt, intAt, longAt } from "./big-endian.js";
import type { BinaryInputArchive } from "./binary-input-archive.js";
import { JuteDecodeError } from "./errors.js";

const noBytes = new Uint8Array(0);

export abstract class RecordView {
  /** The number of bytes that the record takes. */
  abstract readonly byteLength: number;

  #bytes: Uint8Array = noBytes;
  #at = 0;

  /** Moves to the archive's position and takes the record's bytes. Valid while the archive's input does not change. */
  moveTo(input: BinaryInputArchive): this {
    this.#at = input.take(this.byteLength);
    this.#bytes = input.bytes;
    return this;
  }

  /** Moves to `offset` in bytes that the caller keeps. Valid while they do not change. */
  moveToBytes(bytes: Uint8Array, offset = 0): this {
    if (!(offset >= 0 && offset + this.byteLength <= bytes.length)) {
      const left = Math.max(bytes.length - offset, 0);
      throw new JuteDecodeError("truncated", offset, bytesNeeded(this.byteLength, left));
    }
    this.#at = offset;
    this.#bytes = bytes;
    return this;
  }

  protected boolAt(offset: number): boolean {
    return this.#bytes[this.#at + offset] !== 0;
  }

  protected byteAt(offset: number): number {
    return ((this.#bytes[this.#at + offset] as number) << 24) >> 24;
  }

  protected intAt(offset: number): number {
    return intAt(this.#bytes, this.#at + offset);
  }

  protected longAt(offset: number): bigint {
    return longAt(this.#bytes, this.#at + offset);
  }

  protected floatAt(offset: number): number {
    return floatAt(this.#bytes, this.#at + offset);
  }

  protected doubleAt(offset: number): number {
    return doubleAt(this.#bytes, this.#at + offset);
  }

  /** Moves the view of a nested record to its place in this one. */
  protected nestedAt<V extends RecordView>(view: V, offset: number): V {
    return view.moveToBytes(this.#bytes, this.#at + offset);
  }
}
