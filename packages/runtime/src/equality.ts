/** Deep equality and deep copies of records, by descriptor. */
import { explainEncoding } from "./explain.js";
import { entriesInOrder } from "./reflect.js";
import type { AnyRecordType, FieldType, JuteRecord } from "./record.js";
import { checkValue } from "./values.js";

interface Fields {
  [property: string]: unknown;
}

/**
 * Whether both are records of this type with the same wire content. NaN equals
 * NaN, 0 and -0 differ, maps are equal whatever the order of their entries.
 * Throws a `JuteEncodeError` where a field holds what is no value of its type.
 */
export function recordsEqual(type: AnyRecordType, a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (!(a instanceof type) || !(b instanceof type)) {
    return false;
  }
  try {
    return fieldsEqual(type, a, b);
  } catch (error) {
    const explained = explainEncoding(error, type, a);
    throw explained === error ? explainEncoding(error, type, b) : explained;
  }
}

function fieldsEqual(type: AnyRecordType, a: unknown, b: unknown): boolean {
  const left = a as Fields;
  const right = b as Fields;
  return type.descriptor.fields.every((field) =>
    valuesEqual(field.type, left[field.property], right[field.property]),
  );
}

function valuesEqual(type: FieldType, a: unknown, b: unknown): boolean {
  if (a === null || b === null || a === undefined || b === undefined) {
    return a === b;
  }
  checkValue(type, a);
  checkValue(type, b);
  switch (type.kind) {
    case "boolean":
    case "byte":
    case "int":
    case "long":
    case "ustring":
      // An int of -0 is an int of 0: the wire knows only one.
      return a === b;
    case "float":
      return Object.is(Math.fround(a as number), Math.fround(b as number));
    case "double":
      return Object.is(a, b);
    case "buffer":
      return bytesEqual(a as Uint8Array, b as Uint8Array);
    case "vector":
      return vectorsEqual(type.element, a as readonly unknown[], b as readonly unknown[]);
    case "map":
      return mapsEqual(
        type,
        a as ReadonlyMap<unknown, unknown>,
        b as ReadonlyMap<unknown, unknown>,
      );
    case "record":
      return fieldsEqual(type.type(), a, b);
  }
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}

function vectorsEqual(element: FieldType, a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => valuesEqual(element, item, b[i]));
}

function mapsEqual(
  type: FieldType & { kind: "map" },
  a: ReadonlyMap<unknown, unknown>,
  b: ReadonlyMap<unknown, unknown>,
): boolean {
  if (a.size !== b.size) {
    return false;
  }
  const left = entriesInOrder(type.key, a);
  const right = entriesInOrder(type.key, b);
  return left.every(({ key, value }, i) => {
    const other = right[i];
    return (
      other !== undefined &&
      valuesEqual(type.key, key, other.key) &&
      valuesEqual(type.value, value, other.value)
    );
  });
}

/**
 * A copy that shares nothing with the record, bytes included. Throws a
 * `JuteEncodeError` where a field holds what is no value of its type.
 */
export function cloneRecord<T extends JuteRecord>(type: AnyRecordType<T>, record: T): T {
  try {
    return copyFields(type, record);
  } catch (error) {
    throw explainEncoding(error, type, record);
  }
}

function copyFields<T extends JuteRecord>(type: AnyRecordType<T>, record: T): T {
  const copy = new type(null);
  const from = record as unknown as Fields;
  const to = copy as unknown as Fields;
  for (const { property, type: fieldType } of type.descriptor.fields) {
    to[property] = cloneValue(fieldType, from[property]);
  }
  return copy;
}

function cloneValue(type: FieldType, value: unknown): unknown {
  if (value === null || value === undefined) {
    return value;
  }
  checkValue(type, value);
  switch (type.kind) {
    case "boolean":
    case "byte":
    case "int":
    case "long":
    case "float":
    case "double":
    case "ustring":
      return value;
    case "buffer":
      return new Uint8Array(value as Uint8Array);
    case "vector":
      return (value as readonly unknown[]).map((item) => cloneValue(type.element, item));
    case "map":
      return new Map(
        [...(value as ReadonlyMap<unknown, unknown>)].map(([k, v]) => [
          cloneValue(type.key, k),
          cloneValue(type.value, v),
        ]),
      );
    case "record":
      return copyFields(type.type(), value as JuteRecord);
  }
}
