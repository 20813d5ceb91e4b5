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

type Convert<T, U> = (element: T) => U;

/** The elements of a vector, converted. */
export function convertVector<T, U>(vector: readonly T[], convert: Convert<T, U>): U[];
export function convertVector<T, U>(
  vector: readonly T[] | null,
  convert: Convert<T, U>,
): U[] | null;
export function convertVector<T, U>(
  vector: readonly T[] | undefined,
  convert: Convert<T, U>,
): U[] | undefined;
export function convertVector<T, U>(
  vector: readonly T[] | null | undefined,
  convert: Convert<T, U>,
): U[] | null | undefined;
export function convertVector<T, U>(vector: unknown, convert: Convert<T, U>): unknown {
  return Array.isArray(vector) ? vector.map((element: T) => convert(element)) : vector;
}

type ConvertEntry<K, V, L, W> = (key: K, value: V) => readonly [L, W];

/** The entries of a map, converted. */
export function convertMap<K, V, L, W>(
  map: ReadonlyMap<K, V>,
  convert: ConvertEntry<K, V, L, W>,
): Map<L, W>;
export function convertMap<K, V, L, W>(
  map: ReadonlyMap<K, V> | undefined,
  convert: ConvertEntry<K, V, L, W>,
): Map<L, W> | undefined;
export function convertMap(
  map: unknown,
  convert: ConvertEntry<unknown, unknown, unknown, unknown>,
): unknown {
  return isMap(map) ? new Map(Array.from(map, ([key, value]) => convert(key, value))) : map;
}
