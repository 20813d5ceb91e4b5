/**
 * Writes strings, each in the way that is the quickest for its length: one of the known words, a loop
 * over its characters, the host's encoder; and many at a time.
 */
import { native, SINCE_V8_12 } from "./engine.js";
import { findKnownWord } from "./known-words.js";
import {
  ASCII_SLACK,
  stringByteLength,
  type TextTarget,
  writeAscii,
  writeLongString,
  writeUnits,
} from "./utf8.js";
import { refuse } from "./values.js";

/** An output archive, as far as it matters here. */
interface StringTarget extends TextTarget {
  readonly view: DataView;
  readonly capacity: number;
  position: number;
  reserve(size: number): number;
  nonNull<T>(value: T | null): T;
}

/** Writes a length and the text, or -1 for null. */
export function writeString(target: StringTarget, value: string | null): void {
  if (value === null) {
    // Reserved first, because that may replace the view.
    const at = target.reserve(4);
    target.view.setInt32(at, -1);
    return;
  }
  if (typeof value !== "string") {
    refuse(value, "a string or null");
  }
  const { length } = value;
  if (length > SHORT_STRING) {
    writeLong(target, value);
    return;
  }
  const word = findKnownWord(value);
  if (word !== undefined) {
    const at = target.reserve(4 + length);
    const { view } = target;
    view.setInt32(at, length);
    view.setInt32(at + 4, word.first);
    view.setInt32(at + length, word.last);
    return;
  }
  // Three bytes for each unit always suffice, so the bytes need no counting beforehand.
  const at = target.reserve(4 + 3 * length);
  const { bytes, view } = target;
  let to = at + 4;
  let i = 0;
  let isAscii = true;
  // Four at a time: one test and one store for all of them, a quarter less time.
  for (const last = length - 4; i <= last; i += 4) {
    const a = value.charCodeAt(i);
    const b = value.charCodeAt(i + 1);
    const c = value.charCodeAt(i + 2);
    const d = value.charCodeAt(i + 3);
    if ((a | b | c | d) >= 0x80) {
      isAscii = false;
      break;
    }
    view.setInt32(to, (a << 24) | (b << 16) | (c << 8) | d);
    to += 4;
  }
  for (; isAscii && i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit >= 0x80) {
      isAscii = false;
      break;
    }
    bytes[to++] = unit;
  }
  if (!isAscii) {
    to = writeUnits(target, to, value, i);
  }
  view.setInt32(at, to - at - 4);
  target.position = to;
}

function writeLong(target: StringTarget, value: string): void {
  // For very long text, counting the bytes costs less than touching three times its memory.
  const room =
    value.length > COUNTED_STRING ? stringByteLength(value, target.strings) : 3 * value.length;
  const at = target.reserve(4 + room);
  const end = writeLongString(target, at + 4, value);
  target.view.setInt32(at, end - at - 4);
  target.position = end;
}

/**
 * Writes strings from `from` on, one by one, with everything in variables: two thirds of the time of as
 * many calls of `writeString`.
 */
export function writeEach(
  target: StringTarget,
  values: readonly (string | null)[],
  from: number,
  nonNull: boolean,
): void {
  let { bytes, view, capacity, position: at } = target;
  for (let n = from; n < values.length; n++) {
    const value = values[n] as string | null;
    if (typeof value !== "string" || value.length > SHORT_STRING) {
      target.position = at;
      if (typeof value === "string") {
        writeLong(target, value);
      } else {
        writeString(target, nonNull ? target.nonNull(value) : value);
      }
      ({ bytes, view, capacity, position: at } = target);
      continue;
    }
    const { length } = value;
    if (at + 4 + 3 * length > capacity) {
      target.position = at;
      target.position = target.reserve(4 + 3 * length);
      ({ bytes, view, capacity, position: at } = target);
    }
    let to = at + 4;
    let i = 0;
    for (const last = length - 4; i <= last; i += 4) {
      const a = value.charCodeAt(i);
      const b = value.charCodeAt(i + 1);
      const c = value.charCodeAt(i + 2);
      const d = value.charCodeAt(i + 3);
      if ((a | b | c | d) >= 0x80) {
        break;
      }
      view.setInt32(to, (a << 24) | (b << 16) | (c << 8) | d);
      to += 4;
    }
    for (; i < length; i++) {
      let unit = value.charCodeAt(i);
      // As in writeUnits. A call of that takes a seventh more time.
      while (unit >= 0x800 && (unit & 0xf800) !== 0xd800) {
        bytes[to] = 0xe0 | (unit >> 12);
        bytes[to + 1] = 0x80 | ((unit >> 6) & 0x3f);
        bytes[to + 2] = 0x80 | (unit & 0x3f);
        to += 3;
        if (++i === length) {
          break;
        }
        unit = value.charCodeAt(i);
      }
      if (i === length) {
        break;
      }
      if (unit >= 0x80) {
        to = writeUnits(target, to, value, i);
        break;
      }
      bytes[to++] = unit;
    }
    view.setInt32(at, to - at - 4);
    at = to;
  }
  target.position = at;
}

/**
 * Writes strings, lengths included, as texts joined in JavaScript: one call
 * into the host for some hundred names. That only works for ASCII, whose
 * lengths are known beforehand. Returns how many strings were written.
 */
export function writeJoined(target: StringTarget, values: readonly (string | null)[]): number {
  let done = 0;
  const pays = values.length >= JOINED_STRINGS && averageLength(values) >= JOINED_SIZE;
  while (pays && done < values.length) {
    let text = "";
    let next = done;
    while (next < values.length && text.length < JOINED_LENGTH) {
      const value = values[next] as string | null;
      const prefix = value === null ? undefined : LENGTH_PREFIXES[value.length];
      // Most text in other scripts shows in the first character, before anything is joined in vain.
      if (prefix === undefined || (value as string).charCodeAt(0) >= 0x80) {
        break;
      }
      // One after the other: V8 copies such a chain without recursion, a fifth less time than for pairs.
      text += prefix;
      text += value as string;
      next++;
    }
    if (next === done) {
      break;
    }
    const at = target.reserve(text.length + ASCII_SLACK);
    const isAscii = writeAscii(target, at, text) === text.length;
    target.position = isAscii ? at + text.length : at;
    if (!isAscii) {
      break;
    }
    done = next;
  }
  return done;
}

/** What the first, the middle and the last string tell of the others; what is no string counts as empty. */
function averageLength(values: readonly (string | null)[]): number {
  const last = values.length - 1;
  return (lengthOf(values[0]) + lengthOf(values[last >> 1]) + lengthOf(values[last])) / 3;
}

function lengthOf(value: string | null | undefined): number {
  return typeof value === "string" ? value.length : 0;
}

/** Up to here a loop over the characters is faster than any call into the host (bench/primitives). */
const SHORT_STRING = native === undefined ? 40 : SINCE_V8_12 ? 15 : 32;

/** From so many strings on, joining them pays. */
const JOINED_STRINGS = 8;

/**
 * From so many characters on, joining them pays. Of 200 shorter ones it also makes garbage, and the loop takes
 * 0.63 of the time for 4 characters, 0.75 for 6, 0.9 for 8; 1.08 for 10 (V8 11 to 13).
 */
const JOINED_SIZE = 9;

/** Joined texts have about this length; longer ones would only cost memory. */
const JOINED_LENGTH = 4096;

/** The four bytes of each length as characters, for lengths whose bytes are all ASCII. */
const LENGTH_PREFIXES: readonly (string | undefined)[] = Array.from(
  { length: 128 },
  (_, length) => `\0\0\0${String.fromCharCode(length)}`,
);

/** From here on the bytes are counted first, so that at most their number is claimed. */
const COUNTED_STRING = 16_384;
