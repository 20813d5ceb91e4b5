/** Jute's wire format as plainly as it can be written: for tests, slow, and without a line of the runtime. */
import type { RecordSchema, TypeSchema } from "../../src/schema/model.js";

/**
 * Numbers, strings and lists of values; booleans, strings and buffers are texts that start with the
 * letter of their type, so that none is ever equal to a value of another type.
 * `undefined` is an optional field that is not there.
 */
export type PlainValue = string | number | undefined | readonly PlainValue[];

/** A value of the type that depends on the seed, never null, and never like another type's bytes by chance. */
export function sample(type: TypeSchema, seed: number): PlainValue {
  switch (type.kind) {
    case "boolean":
      return `z${String(seed % 2)}`;
    case "byte":
      return (seed % 100) + 20;
    case "ustring":
      return `s-${String(seed)}`;
    case "buffer":
      return `B-${String(seed)}`;
    case "vector":
      return [sample(type.element, seed + 1), sample(type.element, seed + 2)];
    case "map":
      return [sample(type.key, seed + 1), sample(type.value, seed + 2)];
    case "record":
      return type.record.fields.map((field, index) => sample(field.type, seed + index));
    default:
      return seed + 0.5 * Number(type.kind === "float" || type.kind === "double");
  }
}

/** The bytes of a record; of its optional fields only as many are written as there are values. */
export function writeRecord(record: RecordSchema, values: readonly PlainValue[]): Buffer {
  const fields = record.fields.slice(0, values.length);
  const parts = fields.map((field, index) => write(field.type, values[index]));
  return Buffer.concat(parts);
}

/** The values of a record; bytes after it are ignored. Undefined when the bytes are not those of such a record. */
export function readRecord(record: RecordSchema, bytes: Buffer): readonly PlainValue[] | undefined {
  const reader = new PlainReader(bytes);
  try {
    return record.fields.map((field) =>
      field.optional && reader.isAtEnd() ? undefined : reader.read(field.type),
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function write(type: TypeSchema, value: PlainValue): Buffer {
  const list = Array.isArray(value) ? (value as readonly PlainValue[]) : [];
  const number = Number(value);
  const text = String(value).slice(1);
  switch (type.kind) {
    case "boolean":
      return Buffer.from([Number(text)]);
    case "byte":
      return Buffer.from([number]);
    case "int":
      return int(number);
    case "long": {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(number));
      return bytes;
    }
    case "float": {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatBE(number);
      return bytes;
    }
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(number);
      return bytes;
    }
    case "ustring":
    case "buffer":
      return Buffer.concat([int(text.length), Buffer.from(text, "latin1")]);
    case "vector":
      return Buffer.concat([int(list.length), ...list.map((each) => write(type.element, each))]);
    case "map":
      return Buffer.concat([int(1), write(type.key, list[0]), write(type.value, list[1])]);
    case "record":
      return writeRecord(type.record, list);
  }
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Throws RangeError at the end of the bytes, and where a length makes no sense. */
class PlainReader {
  private readonly bytes: Buffer;
  private offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  read(type: TypeSchema): PlainValue {
    switch (type.kind) {
      case "boolean":
        return `z${String(this.take(1).readInt8())}`;
      case "byte":
        return this.take(1).readInt8();
      case "int":
        return this.take(4).readInt32BE();
      case "long":
        return Number(this.take(8).readBigInt64BE());
      case "float":
        return this.take(4).readFloatBE();
      case "double":
        return this.take(8).readDoubleBE();
      case "ustring":
        return `s${this.take(this.length()).toString("latin1")}`;
      case "buffer":
        return `B${this.take(this.length()).toString("latin1")}`;
      case "vector":
        return this.many(() => [this.read(type.element)]);
      case "map":
        return this.many(() => [this.read(type.key), this.read(type.value)]);
      case "record":
        return type.record.fields.map((field) => this.read(field.type));
    }
  }

  private many(next: () => readonly PlainValue[]): readonly PlainValue[] {
    return Array.from({ length: this.length() }, next).flat();
  }

  private length(): number {
    const length = this.take(4).readInt32BE();
    if (length < 0 || length > this.bytes.length) throw new RangeError("no length");
    return length;
  }

  private take(count: number): Buffer {
    const taken = this.bytes.subarray(this.offset, this.offset + count);
    if (taken.length < count) throw new RangeError("the bytes end here");
    this.offset += count;
    return taken;
  }
}
