/**
 * Takes bytes apart into fields, one after the other, until they end or are not what
 * they should be. Whatever happens, the fields cover all of the bytes.
 */
import { quantity } from "./quantity.js";
import {
  type AnyRecordType,
  type JuteRecord,
  type ReadOptions,
  tracePrefix,
} from "@jute-ts/runtime";
import type { Fault, Field, FieldValue } from "./item.js";
import { meaningOfField } from "./meanings.js";

export class FieldTrace {
  readonly fields: Field[] = [];
  readonly faults: Fault[] = [];
  readonly #bytes: Uint8Array;
  /** What is added to an index to make it an offset in the source. */
  readonly #base: number;
  readonly #end: number;
  #at: number;

  /** `offset` is where in the source the bytes lie. */
  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#base = offset;
    this.#at = 0;
    this.#end = bytes.length;
  }

  /** Whether nothing can be read any more, because something was wrong. */
  get failed(): boolean {
    return this.faults.length > 0;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** The offset in the source of the next byte. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Borrows what is left. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** Reads a record. `prefix` ends with a dot, or is empty. Undefined when it is damaged. */
  record<T extends JuteRecord>(type: AnyRecordType<T>, prefix: string): T | undefined {
    if (this.failed) return undefined;
    const { record, values, length, error } = tracePrefix(type, this.peek(), READING);
    const { name } = type.descriptor;
    const { offset } = this;
    for (const value of values) {
      this.fields.push({
        path: prefix + value.path,
        offset: offset + value.offset,
        length: value.length,
        value: value.value,
        meaning: meaningOfField(name, value.path, value.value),
      });
    }
    this.#at += length;
    if (error !== undefined) {
      const path = error.path === undefined ? undefined : prefix + withoutName(error.path);
      this.fail(error.reason, { path, offset: offset + error.offset });
    }
    return record;
  }

  int(path: string, meaning?: (value: number) => string | undefined): number | undefined {
    const at = this.fixed(path, 4, "an int");
    if (at === undefined) return undefined;
    const value = viewOf(this.#bytes).getInt32(at);
    this.push(path, at, 4, value, meaning?.(value));
    return value;
  }

  long(path: string, meaning?: (value: bigint) => string | undefined): bigint | undefined {
    const at = this.fixed(path, 8, "a long");
    if (at === undefined) return undefined;
    const value = viewOf(this.#bytes).getBigInt64(at);
    this.push(path, at, 8, value, meaning?.(value));
    return value;
  }

  byte(path: string, meaning?: (value: number) => string | undefined): number | undefined {
    const at = this.fixed(path, 1, "a byte");
    if (at === undefined) return undefined;
    const value = this.#bytes[at] ?? 0;
    this.push(path, at, 1, value, meaning?.(value));
    return value;
  }

  /** Reads bytes without a length. */
  raw(path: string, count: number, meaning?: string): Uint8Array | undefined {
    const at = this.fixed(path, count, quantity(count, "byte"));
    if (at === undefined) return undefined;
    const value = this.#bytes.subarray(at, at + count);
    if (count > 0) this.push(path, at, count, value, meaning);
    return value;
  }

  /**
   * Puts what is in each field whose path matches in the place of its bytes, if they are
   * a buffer. Only the length stays under the field's own name.
   */
  expandEach(path: RegExp, lay: (content: FieldTrace, match: RegExpExecArray) => void): void {
    const fields = this.fields.splice(0);
    for (const field of fields) {
      const match = field.value instanceof Uint8Array ? path.exec(field.path) : null;
      if (match === null || !(field.value instanceof Uint8Array)) {
        this.fields.push(field);
        continue;
      }
      const { value } = field;
      const { offset } = field;
      const start = offset + LENGTH_BYTES;
      const content = new FieldTrace(value, start);
      const length = { path: field.path, offset, length: LENGTH_BYTES, value: value.length };
      this.fields.push({ ...length, meaning: "bytes" });
      lay(content, match);
      content.finish();
      this.fields.push(...content.fields);
      this.faults.push(...content.faults);
    }
  }

  /** Marks what is wrong with the next bytes, which are not read any more. */
  fail(reason: string, where?: { path?: string | undefined; offset?: number | undefined }): void {
    this.faults.push({ offset: where?.offset ?? this.offset, path: where?.path, reason });
  }

  /** Says that the bytes should have ended; those that are left become a field of their own. */
  finish(): void {
    const { left } = this;
    if (left === 0) return;
    if (!this.failed)
      this.fail(
        `${quantity(left, "byte")} ${left === 1 ? "follows" : "follow"} where nothing should`,
      );
    this.rest("undecoded");
  }

  /** Makes one field of the bytes that are left, without a judgement. */
  rest(path: string, meaning?: string): void {
    const { left } = this;
    if (left === 0) return;
    this.push(path, this.#at, left, this.peek(), meaning);
    this.#at = this.#end;
  }

  private fixed(path: string, count: number, what: string): number | undefined {
    if (this.failed) return undefined;
    if (count > this.left) {
      const left = `${this.left} ${this.left === 1 ? "is" : "are"} left`;
      this.fail(`${what} needs ${quantity(count, "byte")}, and ${left}`, { path });
      return undefined;
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  private push(
    path: string,
    at: number,
    length: number,
    value: FieldValue,
    meaning: string | undefined,
  ): void {
    this.fields.push({ path, offset: this.#base + at, length, value, meaning });
  }
}

/** The path of a field without the record's name, with which errors begin. */
function withoutName(path: string): string {
  return path.slice(path.indexOf(".") + 1);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const LENGTH_BYTES = 4;

/** Nothing is allocated for a length that goes beyond the bytes. Text as Java reads it: what is no UTF-8 shows as U+FFFD. */
const READING: ReadOptions = { maxBuffer: 0x7fff_ffff, invalidUtf8: "replace", trailing: "ignore" };
