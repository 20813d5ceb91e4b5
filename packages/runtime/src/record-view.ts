/**
 * Reads a record of fixed size where it lies, field by field, when somebody
 * asks. A view is made once and moved from message to message: it allocates
 * nothing but the longs that are read. Generated views derive from this class.
 */
import type { BinaryInputArchive } from "./binary-input-archive.js";
import { JuteDecodeError } from "./errors.js";
import { longAt } from "./longs.js";

const nowhere = new DataView(new ArrayBuffer(0));

export abstract class RecordView {
  /** The number of bytes that the record takes. */
  abstract readonly byteLength: number;

  #view: DataView = nowhere;
  #at = 0;

  /** Moves to the archive's position and takes the record's bytes. Valid while the archive's input does not change. */
  moveTo(input: BinaryInputArchive): this {
    this.#at = input.take(this.byteLength);
    this.#view = input.view;
    return this;
  }

  /** Moves to `offset` in a view that the caller keeps. Valid while those bytes do not change. */
  moveToView(view: DataView, offset: number): this {
    if (offset < 0 || offset + this.byteLength > view.byteLength) {
      throw new JuteDecodeError(
        "truncated",
        offset,
        `${String(this.byteLength)} bytes are needed and ${String(Math.max(view.byteLength - offset, 0))} are left`,
      );
    }
    this.#at = offset;
    this.#view = view;
    return this;
  }

  protected boolAt(offset: number): boolean {
    return this.#view.getUint8(this.#at + offset) !== 0;
  }

  protected byteAt(offset: number): number {
    return this.#view.getInt8(this.#at + offset);
  }

  protected intAt(offset: number): number {
    return this.#view.getInt32(this.#at + offset);
  }

  protected longAt(offset: number): bigint {
    return longAt(this.#view, this.#at + offset);
  }

  protected floatAt(offset: number): number {
    return this.#view.getFloat32(this.#at + offset);
  }

  protected doubleAt(offset: number): number {
    return this.#view.getFloat64(this.#at + offset);
  }

  /** Moves the view of a nested record to its place in this one. */
  protected nestedAt<V extends RecordView>(view: V, offset: number): V {
    return view.moveToView(this.#view, this.#at + offset);
  }
}
