/**
 * Reads strings, each in the way that is the quickest for its length: one of the known words, one call
 * with all its characters, the host's decoder; and many at a time.
 */
import type { JuteDecodeError } from "./errors.js";
import { readKnownWord } from "./known-words.js";
import { readShortAscii, SHORT_ASCII } from "./short-ascii.js";
import { addUnits, readUnits, suitsUnits, textOfUnits } from "./units.js";
import { readAsciiBlock, readCarefully, readLongString } from "./utf8.js";

/** An input archive, as far as it matters here. */
interface StringSource {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly maxLength: number;
  readonly replaceInvalid: boolean;
  position: number;
  readLength(): number;
  readCount(elementSize: number): number;
  newArray<T>(count: number): T[];
  nonNull<T>(value: T | null): T;
  fail(kind: JuteDecodeError["kind"], offset: number, reason: string): never;
}

/** Reads a string, or null. */
export function readString(source: StringSource): string | null {
  const length = source.readLength();
  if (length < 0) {
    return null;
  }
  const start = source.position;
  source.position = start + length;
  const { bytes } = source;
  // A look at two bytes tells most other text from ASCII; either way the result is right.
  if (((bytes[start + 1] as number) | (bytes[start + (length >> 1)] as number)) < 0x80) {
    const text =
      length <= SHORT_ASCII
        ? (readKnownWord(bytes, start, length) ?? readShortAscii(bytes, start, length))
        : readLongString(bytes, start, start + length);
    if (text !== undefined) {
      return text;
    }
  }
  return readNonAscii(source, start, start + length);
}

function readNonAscii(source: StringSource, start: number, end: number): string {
  const { bytes } = source;
  const text = suitsUnits(end - start)
    ? readUnits(bytes, start, end)
    : readLongString(bytes, start, end);
  return (
    text ??
    readCarefully(bytes, start, end, (offset) => {
      if (!source.replaceInvalid) {
        source.fail("utf8", offset, "a byte that is neither UTF-8 nor CESU-8");
      }
    })
  );
}

/** Reads a vector of strings, or null. `nonNull`: the schema rules out null in it. */
export function readStrings(source: StringSource, nonNull: boolean): (string | null)[] | null {
  const count = source.readCount(4);
  if (count < 0) {
    return null;
  }
  const strings = source.newArray<string | null>(count);
  let i = count >= JOINED_STRINGS ? readJoined(source, strings, count) : 0;
  while (i < count) {
    const next = readJoinedUnits(source, strings, i, count);
    if (next === i) {
      const value = readString(source);
      strings[i++] = nonNull ? source.nonNull(value) : value;
    } else {
      i = next;
    }
  }
  return strings;
}

/**
 * Decodes some hundred strings at a time, lengths included, and takes them
 * apart, which costs a fifth of decoding them one by one (bench/primitives).
 * Works as long as all is ASCII and no string is longer than 127 bytes.
 * Returns how many strings were read.
 */
function readJoined(source: StringSource, strings: (string | null)[], count: number): number {
  const { bytes, end } = source;
  const longest = Math.min(LONGEST_JOINED, source.maxLength);
  let done = 0;
  while (done < count) {
    const start = source.position;
    let stop = start;
    let next = done;
    let seen = 0;
    while (next < count && stop - start < JOINED_LENGTH && stop + 4 <= end) {
      const length = bytes[stop + 3] as number;
      const after = stop + 4 + length;
      // Of a short length all bytes but the last are zero.
      const upper =
        (bytes[stop] as number) | (bytes[stop + 1] as number) | (bytes[stop + 2] as number);
      if (upper !== 0 || length > longest || after > end) {
        break;
      }
      seen |= bytes[stop + 4] as number;
      stop = after;
      next++;
    }
    // Most text in other scripts shows in the first bytes, before anything is decoded in vain.
    const hopeful = next > done && seen < 0x80;
    const text = hopeful ? readAsciiBlock(bytes, start, stop) : undefined;
    if (text === undefined) {
      break;
    }
    let at = 0;
    for (; done < next; done++) {
      const from = at + 4;
      at = from + (bytes[start + at + 3] as number);
      strings[done] = text.substring(from, at);
    }
    source.position = stop;
  }
  return done;
}

/**
 * Decodes strings in other scripts, from `strings[from]` on, to the units of one text, and takes that
 * apart: two thirds of the time of decoding them one by one. Ends before the first that is null, ASCII,
 * longer than 127 bytes or wrong, and returns its index.
 */
function readJoinedUnits(
  source: StringSource,
  strings: (string | null)[],
  from: number,
  count: number,
): number {
  const { bytes, end } = source;
  const longest = Math.min(LONGEST_JOINED, source.maxLength);
  const most = Math.min(count, from + unitEnds.length);
  let at = source.position;
  let next = from;
  let size = 0;
  while (next < most && size < JOINED_UNITS && at + 4 <= end) {
    const length = bytes[at + 3] as number;
    const start = at + 4;
    const after = start + length;
    const upper = (bytes[at] as number) | (bytes[at + 1] as number) | (bytes[at + 2] as number);
    if (
      upper !== 0 ||
      length > longest ||
      after > end ||
      ((bytes[start + 1] as number) | (bytes[start + (length >> 1)] as number)) < 0x80
    ) {
      break;
    }
    const filled = addUnits(bytes, start, after, size);
    if (filled < 0) {
      break;
    }
    size = filled;
    unitEnds[next - from] = size;
    at = after;
    next++;
  }
  const text = textOfUnits(size);
  let cut = 0;
  for (let i = from; i < next; i++) {
    const last = unitEnds[i - from] as number;
    strings[i] = text.substring(cut, last);
    cut = last;
  }
  source.position = at;
  return next;
}

/** Where the strings that are decoded together end, in units; used within one call only. */
const unitEnds = new Uint16Array(512);

/** From so many strings on, decoding them together pays. */
const JOINED_STRINGS = 8;

/** Strings are decoded together in texts of about this length, because each keeps all of its text alive. */
const JOINED_LENGTH = 4096 - 4 - 127;

/** The same in units of two bytes. */
const JOINED_UNITS = 2048 - 127;

/** The longest string, in bytes, that is decoded together with others: its length is one ASCII character. */
const LONGEST_JOINED = 127;
