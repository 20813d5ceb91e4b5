/**
 * Words that come again and again in ZooKeeper's ACLs and auth data. Finding one
 * here takes two comparisons and saves making the string again each time.
 */
import { intAt } from "./big-endian.js";

interface Word {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

const WORDS = ["auth", "sasl", "x509", "world", "super", "anyone", "digest"];

/** The shortest and the longest of them, in bytes. */
const SHORTEST = 4;
const LONGEST = 6;

/** By length. First and last four bytes overlap in words of up to eight, so they tell the whole word. */
const byLength: readonly (readonly Word[])[] = Array.from({ length: LONGEST + 1 }, (_, length) =>
  WORDS.filter((text) => text.length === length).map((text) => ({
    first: charsAt(text, 0),
    last: charsAt(text, length - 4),
    text,
  })),
);

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
  for (const word of byLength[length] as readonly Word[]) {
    if (word.first === first && word.last === last) {
      return word.text;
    }
  }
  return undefined;
}
