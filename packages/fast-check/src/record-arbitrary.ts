/**
 * Arbitraries for generated records, built from their descriptors alone: any
 * class that the compiler emits works, and nothing here knows a single record.
 * Values stay inside what the wire can carry and a JavaScript value can hold, so
 * that a failing round trip is always the codec's fault.
 *
 * Everything shrinks towards the plainest record: null, empty, zero, absent.
 */
import fc, { type Arbitrary } from "fast-check";
import type { AnyRecordType, FieldDescriptor, FieldType, JuteRecord } from "@jute-ts/runtime";
import { bufferArbitrary } from "./buffer-arbitrary.js";
import { contentKey } from "./content.js";
import { descriptorOf, isRecord, propertyOf, type FieldValue } from "./field-value.js";
import { integerArbitrary, longArbitrary } from "./integer-arbitrary.js";
import { stringArbitrary, type StringFlavour } from "./string-arbitrary.js";

export interface RecordArbitraryOptions {
  /**
   * `"any"` (default) includes lone surrogates, which JavaScript strings may hold and Jute
   * can carry; `"wellFormed"` leaves them out, for peers that insist on standard UTF-8.
   */
  readonly strings?: StringFlavour;
  /** How many times a recursive record may contain itself. Default 3. */
  readonly maxDepth?: number;
  /**
   * The longest vector or map at the outermost level, half of it for one of records, which
   * may have containers of their own. Each level further in halves it again. Default 8.
   */
  readonly maxLength?: number;
}

/** Any instance of a generated class. The element type is inferred from the class. */
export function recordArbitrary<C extends AnyRecordType>(
  type: C,
  options: RecordArbitraryOptions = {},
): Arbitrary<InstanceType<C>> {
  const scope = new ArbitraryScope(options);
  return scope.record(type, OUTERMOST, scope.maxDepth) as Arbitrary<InstanceType<C>>;
}

/** Any value of one field type, null included where the type has a null. */
export function fieldArbitrary(
  type: FieldType,
  options: RecordArbitraryOptions = {},
): Arbitrary<FieldValue> {
  const scope = new ArbitraryScope(options);
  return scope.field(type, OUTERMOST, scope.maxDepth, NULLS_ANYWHERE);
}

/**
 * The arbitraries of one call. They are shared by class, nesting level and
 * remaining depth, so a schema with many references to one record stays small,
 * and a recursive one is finite.
 */
class ArbitraryScope {
  readonly maxDepth: number;
  readonly #maxLength: number;
  readonly #strings: StringFlavour;
  readonly #records = new Map<string, Map<AnyRecordType, Arbitrary<JuteRecord>>>();

  constructor(options: RecordArbitraryOptions) {
    this.maxDepth = options.maxDepth ?? 3;
    this.#maxLength = options.maxLength ?? 8;
    this.#strings = options.strings ?? "any";
  }

  /**
   * `level` counts the containers around the value, `depth` how often a recursive
   * record may still be entered.
   */
  record(type: AnyRecordType, level: number, depth: number): Arbitrary<JuteRecord> {
    const key = `${String(level)}/${String(depth)}`;
    const siblings = this.#records.get(key) ?? new Map<AnyRecordType, Arbitrary<JuteRecord>>();
    this.#records.set(key, siblings);
    const arbitrary = siblings.get(type) ?? this.#newRecord(type, level, depth);
    siblings.set(type, arbitrary);
    return arbitrary;
  }

  field(type: FieldType, level: number, depth: number, nulls: Nulls): Arbitrary<FieldValue> {
    const withNull = <T extends FieldValue>(values: Arbitrary<T>): Arbitrary<FieldValue> =>
      nulls.itself ? fc.option(values, { nil: null, freq: 6 }) : values;

    switch (type.kind) {
      case "boolean":
        return fc.boolean();
      case "byte":
        return integerArbitrary(8);
      case "int":
        return integerArbitrary(32);
      case "long":
        return longArbitrary;
      case "float":
        return fc.float();
      case "double":
        return fc.double();
      case "ustring":
        return withNull(stringArbitrary(this.#strings, level === OUTERMOST));
      case "buffer":
        return withNull(bufferArbitrary(level === OUTERMOST));
      case "vector":
        return withNull(this.#vector(type.element, level, depth, nulls));
      case "map":
        return this.#map(type.key, type.value, level, depth, nulls);
      case "record":
        return this.record(type.type(), level, isRecursive(type) ? Math.max(0, depth - 1) : depth);
    }
  }

  #vector(
    element: FieldType,
    level: number,
    depth: number,
    { elements }: Nulls,
  ): Arbitrary<FieldValue[]> {
    if (depth === 0 && isRecursive(element)) return fc.constant(null).map(() => []); // A fresh one each time: callers may fill it.
    return fc.array(this.field(element, level + 1, depth, { itself: elements, elements }), {
      maxLength: this.#lengthAt(level, element),
    });
  }

  #map(
    key: FieldType,
    value: FieldType,
    level: number,
    depth: number,
    { elements }: Nulls,
  ): Arbitrary<Map<FieldValue, FieldValue>> {
    if (depth === 0 && (isRecursive(key) || isRecursive(value))) {
      return fc.constant(null).map(() => new Map<FieldValue, FieldValue>());
    }
    // A key is never null, as in Java's TreeMap.
    const keys = this.field(key, level + 1, depth, { itself: false, elements }).map((value) =>
      // A Map turns the key -0 into 0, so -0 would not come back.
      Object.is(value, -0) ? 0 : value,
    );
    const values = this.field(value, level + 1, depth, { itself: elements, elements });
    return fc
      .uniqueArray(fc.tuple(keys, values), {
        maxLength: this.#lengthAt(level, key, value),
        // A Map compares bytes, vectors and records by identity, the wire by content.
        selector: ([entryKey]) => contentKey(entryKey),
      })
      .map((entries) => new Map(entries));
  }

  #newRecord(type: AnyRecordType, level: number, depth: number): Arbitrary<JuteRecord> {
    const fields = type.descriptor.fields.filter(reachableAt(depth));
    const firstOptional = fields.findIndex((field) => field.optional === true);
    const mandatoryCount = firstOptional === -1 ? fields.length : firstOptional;
    const values = fc.tuple(
      ...fields.map((field) =>
        this.field(field.type, level, depth, {
          itself: field.nonNull !== true,
          elements: field.nonNullElements !== true,
        }),
      ),
    );
    // The end of the input is the only sign of absence: once a field is absent, all later ones are.
    const presentCount = fc.integer({ min: mandatoryCount, max: fields.length });
    return fc.tuple(values, presentCount).map(([all, present]): JuteRecord => {
      const last = fields[present - 1];
      // A present record without any field looks like an absent one on the wire.
      const looksAbsent = last?.optional === true && takesNoBytes(all[present - 1]);
      const kept = fields.slice(0, looksAbsent ? present - 1 : present);
      return new type(Object.fromEntries(kept.map((field, i) => [field.property, all[i]])));
    });
  }

  /** A container of records counts twice: each of them has containers of its own, beside each other. */
  #lengthAt(level: number, ...held: readonly FieldType[]): number {
    const steps = level + (held.some(holdsRecords) ? 1 : 0);
    return Math.max(1, this.#maxLength >> steps);
  }
}

/** True for a record all of whose fields are absent, or are such records themselves. */
function takesNoBytes(value: FieldValue | undefined): boolean {
  if (value === undefined) return true;
  return (
    isRecord(value) &&
    descriptorOf(value).fields.every(({ property }) => takesNoBytes(propertyOf(value, property)))
  );
}

/** True for a record (not for a container of it) whose instances can hold another one, at any distance. */
function isRecursive(type: FieldType): boolean {
  return type.kind === "record" && type.type().descriptor.recursive === true;
}

/** Whether a value of this type has records in it. */
function holdsRecords(type: FieldType): boolean {
  switch (type.kind) {
    case "vector":
      return holdsRecords(type.element);
    case "map":
      return holdsRecords(type.key) || holdsRecords(type.value);
    default:
      return type.kind === "record";
  }
}

/** With no depth left, the optional tail ends before the first field that would recurse. */
function reachableAt(depth: number): (field: FieldDescriptor) => boolean {
  let cut = false;
  return (field) => {
    if (depth === 0 && field.optional === true && isRecursive(field.type)) cut = true;
    return !cut;
  };
}

/** Where the schema allows null: for the value itself, and for what lies inside its vectors and maps. */
interface Nulls {
  readonly itself: boolean;
  readonly elements: boolean;
}

const NULLS_ANYWHERE: Nulls = { itself: true, elements: true };

const OUTERMOST = 0;
