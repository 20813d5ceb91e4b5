/**
 * The order in which map entries go on the wire: ascending by key, as Java's
 * TreeMap iterates, so that equal maps have equal bytes whatever order they
 * were filled in. Java cannot sort buffers, vectors, maps and records at all;
 * they are ordered by their encoded bytes here. No key is null, as in a TreeMap.
 */
import { BinaryOutputArchive } from "./binary-output-archive.js";
import type { StringEncoding } from "./options.js";

/** The entries of a map whose keys are integers, booleans, or strings (compared by UTF-16 unit). */
export function sortedEntries<K extends number | bigint | boolean | string, V>(
  map: ReadonlyMap<K, V>,
): [K, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a === b ? 0 : 1));
}

/** The entries of a map with floating-point keys: -0 before 0, NaN last, as `Double.compareTo` has it. */
export function sortedByNumber<V>(map: ReadonlyMap<number, V>): [number, V][] {
  return [...map].sort(([a], [b]) => compareNumbers(a, b));
}

/** How the keys of a map are encoded inside a message that is being written. */
export interface KeyOptions {
  readonly strings?: StringEncoding | undefined;
  /** How many more levels of recursive records the message may have. */
  readonly remainingDepth: number;
}

/** A key as its bytes, which are written as they are: encoding it again would double the work at every level of keys in keys. */
export interface EncodedEntry<K, V> {
  readonly encodedKey: Uint8Array;
  readonly key: K;
  readonly value: V;
}

/** The entries of a map with any other keys, by the bytes that `writeKey` writes for each. */
export function sortedByEncoding<K, V>(
  options: KeyOptions,
  map: ReadonlyMap<K, V>,
  writeKey: (output: BinaryOutputArchive, key: K) => void,
): EncodedEntry<K, V>[] {
  const output = new BinaryOutputArchive({
    strings: options.strings,
    maxDepth: options.remainingDepth,
  });
  const entries = [...map].map(([key, value]) => {
    output.reset();
    writeKey(output, key);
    return { encodedKey: output.toBytes(), key, value };
  });
  return entries.sort((a, b) => compareBytes(a.encodedKey, b.encodedKey));
}

function compareNumbers(a: number, b: number): number {
  if (a < b) {
    return -1;
  }
  if (a > b) {
    return 1;
  }
  return rankOfEqual(a) - rankOfEqual(b);
}

function rankOfEqual(value: number): number {
  return Number.isNaN(value) ? 2 : Object.is(value, -0) ? 0 : 1;
}

/** Compares byte by byte, unsigned; a prefix comes before what it begins. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}
