/**
 * How plain objects become records, in the constructors of generated classes.
 * What can become none stays as it is, so that whoever encodes the record refuses
 * it with the path of its field: nothing is replaced by a default, and lost.
 */
import { isMap } from "./values.js";

/** Whether the constructor of a record can take this. */
export function isInit<T>(value: T): value is T {
  return value === undefined || (typeof value === "object" && value !== null);
}

/** The elements of a vector, converted. */
export function convertVector<T, U>(vector: readonly T[], convert: (element: T) => U): U[];
/** The same for a vector that may be null. */
export function convertVector<T, U>(
  vector: readonly T[] | null,
  convert: (element: T) => U,
): U[] | null;
export function convertVector<T, U>(vector: unknown, convert: (element: T) => U): unknown {
  if (!Array.isArray(vector)) {
    return vector;
  }
  const converted: U[] = [];
  for (const element of vector) {
    converted.push(convert(element as T));
  }
  return converted;
}

/** The entries of a map, converted. */
export function convertMap<K, V, L, W>(
  map: ReadonlyMap<K, V>,
  convert: (key: K, value: V) => readonly [L, W],
): Map<L, W> {
  return isMap(map) ? new Map(Array.from(map, ([key, value]) => convert(key, value))) : map;
}
