/**
 * Words that come again and again in ZooKeeper's ACLs and auth data. To find one when reading takes two
 * comparisons and saves making the string again each time; to find one when writing takes one, and saves
 * looking at its characters (a tenth of the time of encoding a multi of 64 creates).
 */
import { intAt } from "./big-endian.js";

export interface KnownWord {
  /** The first four bytes as an int. */
  readonly first: number;
  /** The last four. They overlap with the first in words of up to eight bytes, so the two tell the whole word. */
  readonly last: number;
  readonly text: string;
}

const WORDS = ["auth", "sasl", "x509", "world", "super", "anyone", "digest"];

/** The shortest and the longest of them, in bytes. */
const SHORTEST = 4;
const LONGEST = 6;

const knownWords: readonly KnownWord[] = WORDS.map((text) => ({
  first: charsAt(text, 0),
  last: charsAt(text, text.length - 4),
  text,
}));

const byLength: readonly (readonly KnownWord[])[] = Array.from(
  { length: LONGEST + 1 },
  (_, length) => knownWords.filter(({ text }) => text.length === length),
);

/** By length and first character, of which no two of them have the same. */
const byStart: readonly (KnownWord | undefined)[] = Array.from(
  { length: 128 * (LONGEST + 1) },
  (_, key) => knownWords.find(({ text }) => startKey(text) === key),
);

function startKey(text: string): number {
  return (text.length << 7) | (text.charCodeAt(0) & 0x7f);
}

function charsAt(text: string, at: number): number {
  return (
    (text.charCodeAt(at) << 24) |
    (text.charCodeAt(at + 1) << 16) |
    (text.charCodeAt(at + 2) << 8) |
    text.charCodeAt(at + 3)
  );
}

/** The word that lies at `start`, or undefined when it is not one of the known ones. */
export function readKnownWord(
  bytes: Uint8Array,
  start: number,
  length: number,
): string | undefined {
  if (length < SHORTEST || length > LONGEST) {
    return undefined;
  }
  const first = intAt(bytes, start);
  const last = intAt(bytes, start + length - 4);
  for (const word of byLength[length] as readonly KnownWord[]) {
    if (word.first === first && word.last === last) {
      return word.text;
    }
  }
  return undefined;
}

/** The known word that this is, or undefined. */
export function findKnownWord(text: string): KnownWord | undefined {
  if (text.length < SHORTEST || text.length > LONGEST) {
    return undefined;
  }
  const word = byStart[startKey(text)];
  return word?.text === text ? word : undefined;
}
