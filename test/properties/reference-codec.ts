/**
 * The slow, obvious twin of the runtime: Jute's wire rules once more, written from
 * their description alone. It walks a descriptor, holds bytes in plain arrays of
 * numbers, calls itself for everything nested, and never looks at a generated
 * class or at the runtime's code, so that the two can only agree by being right.
 *
 * Decoded records are plain objects keyed by property, maps are lists of entries.
 */
import type { FieldDescriptor, FieldType, RecordDescriptor } from "@jute-ts/runtime";

export type Bytes = number[];

export type StringForm = "utf8" | "java";

/** A value as the twin holds it: like a generated record's field, but records are plain objects and maps entry lists. */
export type PlainValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PlainValue[]
  | PlainRecord
  | PlainMap;

export interface PlainRecord {
  readonly [property: string]: PlainValue;
}

export class PlainMap {
  readonly entries: readonly (readonly [PlainValue, PlainValue])[];

  constructor(entries: readonly (readonly [PlainValue, PlainValue])[]) {
    this.entries = entries;
  }
}

/** Why the twin refuses some bytes. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The bytes of a record. `value` may be a generated record or what `referenceDecode` returned. */
export function referenceEncode(
  record: RecordDescriptor,
  value: unknown,
  strings: StringForm = "utf8",
): Bytes {
  return encodeRecord(record, value as PlainRecord, strings);
}

/** The record that fills `bytes` exactly; throws `Refused` when there is none. */
export function referenceDecode(record: RecordDescriptor, bytes: Uint8Array): PlainRecord {
  const input = new Input([...bytes]);
  const value = decodeRecord(record, input, 0);
  if (input.left() > 0) throw new Refused(`${String(input.left())} bytes left over`);
  return value;
}

/** A text that is equal for equal content, whether of generated or of plain records. */
export function contentText(record: RecordDescriptor, value: unknown): string {
  return recordText(record, value as PlainRecord);
}

// ---------------------------------------------------------------- encoding

function encodeRecord(record: RecordDescriptor, value: PlainRecord, strings: StringForm): Bytes {
  return record.fields.flatMap((field) => {
    const fieldValue = value[field.property];
    if (field.optional === true && fieldValue === undefined) return [];
    return encodeValue(field.type, fieldValue, strings);
  });
}

function encodeValue(type: FieldType, value: PlainValue, strings: StringForm): Bytes {
  switch (type.kind) {
    case "boolean":
      return [value === true ? 1 : 0];
    case "byte":
      return bigEndian(BigInt(value as number), 1);
    case "int":
      return bigEndian(BigInt(value as number), 4);
    case "long":
      return bigEndian(value as bigint, 8);
    case "float":
      return bigEndian(floatBits(value as number), 4);
    case "double":
      return bigEndian(doubleBits(value as number), 8);
    case "ustring": {
      if (value === null) return bigEndian(-1n, 4);
      const bytes = encodeString(value as string, strings);
      return [...bigEndian(BigInt(bytes.length), 4), ...bytes];
    }
    case "buffer": {
      if (value === null) return bigEndian(-1n, 4);
      const bytes = [...(value as Uint8Array)];
      return [...bigEndian(BigInt(bytes.length), 4), ...bytes];
    }
    case "vector": {
      if (value === null) return bigEndian(-1n, 4);
      const elements = value as readonly PlainValue[];
      return [
        ...bigEndian(BigInt(elements.length), 4),
        ...elements.flatMap((element) => encodeValue(type.element, element, strings)),
      ];
    }
    case "map": {
      const entries = [...entriesOf(value)].sort(([a], [b]) =>
        compareKeys(type.key, a, b, strings),
      );
      return [
        ...bigEndian(BigInt(entries.length), 4),
        ...entries.flatMap(([key, entry]) => [
          ...encodeValue(type.key, key, strings),
          ...encodeValue(type.value, entry, strings),
        ]),
      ];
    }
    case "record":
      return encodeRecord(type.type().descriptor, value as PlainRecord, strings);
  }
}

/** Two's complement, most significant byte first. */
function bigEndian(value: bigint, byteCount: number): Bytes {
  const bytes: Bytes = [];
  for (let i = byteCount - 1; i >= 0; i--) bytes.push(Number((value >> BigInt(8 * i)) & 0xffn));
  return bytes;
}

/** Java writes every NaN as the same bits. */
function floatBits(value: number): bigint {
  if (Number.isNaN(value)) return 0x7fc0_0000n;
  return BigInt(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0);
}

function doubleBits(value: number): bigint {
  if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n;
  return new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
}

/**
 * UTF-8 of a UTF-16 string. In Java's form, and for lone surrogates in both, a
 * surrogate is a character by itself and takes three bytes.
 */
export function encodeString(text: string, form: StringForm): Bytes {
  const characters =
    form === "utf8"
      ? Array.from(text, (character) => character.codePointAt(0) ?? 0)
      : Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return characters.flatMap(encodeCodePoint);
}

function encodeCodePoint(c: number): Bytes {
  const tail = (shift: number) => 0x80 | ((c >> shift) & 0x3f);
  if (c < 0x80) return [c];
  if (c < 0x800) return [0xc0 | (c >> 6), tail(0)];
  if (c < 0x1_0000) return [0xe0 | (c >> 12), tail(6), tail(0)];
  return [0xf0 | (c >> 18), tail(12), tail(6), tail(0)];
}

// ---------------------------------------------------------------- decoding

class Input {
  readonly #bytes: Bytes;
  #position = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  left(): number {
    return this.#bytes.length - this.#position;
  }

  take(count: number): Bytes {
    if (count > this.left()) throw new Refused(`${String(count)} bytes wanted, fewer left`);
    this.#position += count;
    return this.#bytes.slice(this.#position - count, this.#position);
  }

  unsigned(byteCount: number): bigint {
    return this.take(byteCount).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  }

  signed(byteCount: number): bigint {
    return BigInt.asIntN(8 * byteCount, this.unsigned(byteCount));
  }

  /** A length or count; undefined stands for null. */
  size(): number | undefined {
    const size = Number(this.signed(4));
    if (size < -1) throw new Refused(`length ${String(size)}`);
    return size === -1 ? undefined : size;
  }
}

/** `outerDepth` is the number of recursive records around this one. */
function decodeRecord(record: RecordDescriptor, input: Input, outerDepth: number): PlainRecord {
  const depth = outerDepth + (containsItself(record) ? 1 : 0);
  if (depth > MAX_DEPTH) throw new Refused("nested too deeply");
  const value: Record<string, PlainValue> = {};
  for (const field of record.fields) value[field.property] = decodeField(field, input, depth);
  return value;
}

function decodeField(field: FieldDescriptor, input: Input, depth: number): PlainValue {
  if (field.optional === true && input.left() === 0) return undefined;
  const value = decodeValue(field.type, input, depth);
  if (field.nonNull === true && value === null) throw new Refused(`${field.name} is null`);
  if (field.nonNullElements === true && holdsNull(value)) {
    throw new Refused(`${field.name} holds null`);
  }
  return value;
}

/** Whether null lies in a vector or a map, other than inside of a record. */
function holdsNull(value: PlainValue): boolean {
  const held: readonly PlainValue[] = Array.isArray(value)
    ? value
    : value instanceof PlainMap
      ? [...entriesOf(value)].flat()
      : [];
  return held.some((each) => each === null || holdsNull(each));
}

function decodeValue(type: FieldType, input: Input, depth: number): PlainValue {
  switch (type.kind) {
    case "boolean":
      return input.unsigned(1) !== 0n;
    case "byte":
      return Number(input.signed(1));
    case "int":
      return Number(input.signed(4));
    case "long":
      return input.signed(8);
    case "float":
      return new Float32Array(Uint32Array.of(Number(input.unsigned(4))).buffer)[0];
    case "double":
      return new Float64Array(BigUint64Array.of(input.unsigned(8)).buffer)[0];
    case "ustring": {
      const length = input.size();
      return length === undefined ? null : decodeString(input.take(length));
    }
    case "buffer": {
      const length = input.size();
      return length === undefined ? null : Uint8Array.from(input.take(length));
    }
    case "vector": {
      const count = input.size();
      if (count === undefined) return null;
      const elements: PlainValue[] = [];
      for (let i = 0; i < count; i++) elements.push(decodeValue(type.element, input, depth));
      return elements;
    }
    case "map": {
      const count = input.size() ?? 0;
      const entries: (readonly [PlainValue, PlainValue])[] = [];
      for (let i = 0; i < count; i++) {
        const key = decodeValue(type.key, input, depth);
        if (key === null) throw new Refused("a null key");
        entries.push([key, decodeValue(type.value, input, depth)]);
      }
      return new PlainMap(withoutRepeatedKeys(entries));
    }
    case "record":
      return decodeRecord(type.type().descriptor, input, depth);
  }
}

const recursiveRecords = new Map<RecordDescriptor, boolean>();

/** Found out by following the fields, whatever the descriptor says about itself. */
function containsItself(record: RecordDescriptor): boolean {
  let answer = recursiveRecords.get(record);
  if (answer === undefined) {
    const reached = new Set<RecordDescriptor>();
    const visit = (type: FieldType): void => {
      if (type.kind === "vector") visit(type.element);
      if (type.kind === "map") [type.key, type.value].forEach(visit);
      if (type.kind === "record") follow(type.type().descriptor);
    };
    const follow = (next: RecordDescriptor): void => {
      if (reached.has(next)) return;
      reached.add(next);
      for (const field of next.fields) visit(field.type);
    };
    for (const field of record.fields) visit(field.type);
    answer = reached.has(record);
    recursiveRecords.set(record, answer);
  }
  return answer;
}

/** What a JavaScript Map makes of entries: of keys equal by value the last entry wins, and -0 becomes 0. */
function withoutRepeatedKeys(
  entries: readonly (readonly [PlainValue, PlainValue])[],
): readonly (readonly [PlainValue, PlainValue])[] {
  const key = (value: PlainValue) => (value === 0 ? 0 : value);
  return entries
    .map(([k, v]) => [key(k), v] as const)
    .filter(([k], i, all) => !all.slice(i + 1).some(([later]) => sameMapKey(k, later)));
}

function sameMapKey(a: PlainValue, b: PlainValue): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** Standard UTF-8, and beside it three-byte surrogates, paired or alone. Nothing over-long. */
export function decodeString(bytes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i] ?? 0;
    const length = sequenceLength(lead);
    let codePoint = length === 1 ? lead : lead & (0x7f >> length);
    for (let k = 1; k < length; k++) {
      const next = bytes[i + k];
      if (next === undefined || next >> 6 !== 0b10) throw new Refused("UTF-8 sequence cut short");
      codePoint = codePoint * 64 + (next & 0x3f);
    }
    if (encodeCodePoint(codePoint).length !== length) throw new Refused("over-long UTF-8");
    if (codePoint > 0x10_ffff) throw new Refused("beyond Unicode");
    text += String.fromCodePoint(codePoint);
    i += length;
  }
  return text;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >> 5 === 0b110) return 2;
  if (lead >> 4 === 0b1110) return 3;
  if (lead >> 3 === 0b11110) return 4;
  throw new Refused("no UTF-8 lead byte");
}

// ---------------------------------------------------------------- order of map keys

/** Java's natural order, where Java has one; the order of the encoded bytes elsewhere. */
function compareKeys(type: FieldType, a: PlainValue, b: PlainValue, strings: StringForm): number {
  switch (type.kind) {
    case "boolean":
      return Number(a) - Number(b);
    case "byte":
    case "int":
    case "float":
    case "double":
      return compareNumbers(a as number, b as number);
    case "long":
      return (a as bigint) < (b as bigint) ? -1 : Number((a as bigint) > (b as bigint));
    case "ustring":
      return (a as string) < (b as string) ? -1 : Number((a as string) > (b as string));
    default:
      return compareBytes(encodeValue(type, a, strings), encodeValue(type, b, strings));
  }
}

/** As Double.compare: -0 before 0, NaN after everything. */
function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === 0 && b === 0) return Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  return a < b ? -1 : Number(a > b);
}

function compareBytes(a: Bytes, b: Bytes): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  // No difference: `a` begins `b`.
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

// ---------------------------------------------------------------- content

function recordText(record: RecordDescriptor, value: PlainRecord): string {
  const fields = record.fields.map(
    (field) => `${field.name}: ${valueText(field.type, value[field.property])}`,
  );
  return `${record.fullName} { ${fields.join(", ")} }`;
}

function valueText(type: FieldType, value: PlainValue): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  switch (type.kind) {
    case "boolean":
      return JSON.stringify(value);
    case "byte":
    case "int":
    case "float":
    case "double":
      return Object.is(value, -0) ? "-0" : (value as number).toString();
    case "long":
      return `${(value as bigint).toString()}n`;
    case "ustring":
      return JSON.stringify(value);
    case "buffer":
      return `<${(value as Uint8Array).join(" ")}>`;
    case "vector":
      return `[${(value as readonly PlainValue[]).map((v) => valueText(type.element, v)).join(", ")}]`;
    case "map": {
      const entries = [...entriesOf(value)].map(
        ([key, entry]) => `${valueText(type.key, key)} => ${valueText(type.value, entry)}`,
      );
      return `{${entries.sort().join(", ")}}`;
    }
    case "record":
      return recordText(type.type().descriptor, value as PlainRecord);
  }
}

function entriesOf(value: PlainValue): Iterable<readonly [PlainValue, PlainValue]> {
  if (value instanceof PlainMap) return value.entries;
  return (value as unknown as ReadonlyMap<PlainValue, PlainValue>).entries();
}

/** The runtime's default, restated. */
const MAX_DEPTH = 64;
