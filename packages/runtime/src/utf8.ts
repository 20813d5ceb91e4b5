/**
 * Strings on the wire. Readers accept standard UTF-8 and the CESU-8 that Java's
 * writer produces (each half of a surrogate pair as three bytes of its own), so
 * what either side wrote comes back unchanged. Writers offer both forms.
 *
 * A lone surrogate has no standard form. It is written as the three bytes that
 * Java writes, in both forms, because replacing it would lose data.
 */
import { native, type NativeText, textEncoder, utf8Decoder } from "./engine.js";
import type { StringEncoding } from "./options.js";
import { refuse } from "./values.js";

/** The number of bytes that `text` takes. */
export function stringByteLength(text: string, encoding: StringEncoding = "utf8"): number {
  if (typeof text !== "string") {
    refuse(text, "a string");
  }
  const length = text.length;
  let bytes = length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) {
      bytes += unit < 0x800 ? 1 : 2;
      if (encoding === "utf8" && isPairAt(text, i, unit)) {
        // Four bytes for the two units: two more than counted, which the first one has just added.
        i++;
      }
    }
  }
  return bytes;
}

function isPairAt(text: string, index: number, unit: number): boolean {
  return (unit & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
}

/** Where text is written: an output archive, as far as it matters here. */
export interface TextTarget {
  readonly bytes: Uint8Array;
  /** The host's encoder over `bytes`, where it has one. */
  readonly text: NativeText | undefined;
  readonly strings: StringEncoding;
}

/**
 * Writes the units of `text` from `index` on at `at`, one by one, and returns the
 * offset after the last byte. The caller has made sure that three bytes for each
 * unit fit.
 */
export function writeUnits(target: TextTarget, at: number, text: string, index: number): number {
  const { bytes } = target;
  const length = text.length;
  for (let i = index; i < length; i++) {
    let unit = text.charCodeAt(i);
    // Most scripts have runs of these: a loop of their own saves a sixth of the time.
    while (unit >= 0x800 && (unit & 0xf800) !== 0xd800) {
      bytes[at] = 0xe0 | (unit >> 12);
      bytes[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at + 2] = 0x80 | (unit & 0x3f);
      at += 3;
      if (++i === length) {
        return at;
      }
      unit = text.charCodeAt(i);
    }
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (
      (unit & 0xfc00) !== 0xd800 ||
      target.strings !== "utf8" ||
      !isPairAt(text, i, unit)
    ) {
      bytes[at] = 0xe0 | (unit >> 12);
      bytes[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at + 2] = 0x80 | (unit & 0x3f);
      at += 3;
    } else {
      const code = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      bytes[at] = 0xf0 | (code >> 18);
      bytes[at + 1] = 0x80 | ((code >> 12) & 0x3f);
      bytes[at + 2] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at + 3] = 0x80 | (code & 0x3f);
      at += 4;
    }
  }
  return at;
}

// `isWellFormed` is newer than ES2022. It is a flag test for one-byte strings and a scan for others.
interface WellFormedCheck {
  readonly isWellFormed?: () => boolean;
}

/**
 * Writes a long string through the host's encoder, where it has one that gives
 * the same bytes, and returns the offset after the last byte. Needs as much room
 * as `writeUnits`, or as much as the text takes.
 */
export function writeLongString(target: TextTarget, at: number, text: string): number {
  const { length } = text;
  const { bytes } = target;
  // One look in the middle tells most text in other scripts; either way the result is right.
  if (length <= LONGEST_UNITS && text.charCodeAt(length >> 1) > 0xff) {
    return writeUnits(target, at, text, 0);
  }
  let written = -1;
  if (target.text !== undefined) {
    written = target.text.utf8Write(text, at, bytes.length - at);
  } else if (textEncoder !== undefined) {
    written = textEncoder.encodeInto(text, bytes.subarray(at)).written;
  }
  // As many bytes as units: all of it is ASCII. For other text, host encoders know no CESU-8 and
  // write U+FFFD for lone surrogates.
  const isRight =
    written === length ||
    (written > 0 &&
      target.strings === "utf8" &&
      (text as WellFormedCheck).isWellFormed?.() === true);
  return isRight ? at + written : writeUnits(target, at, text, 0);
}

/** Up to this many units, the loop is quicker than the host's encoder for text beyond Latin-1. */
const LONGEST_UNITS = 64;

/** What `writeAscii` needs beyond one byte for each unit. */
export const ASCII_SLACK = 4;

/**
 * Writes text that is hoped to be ASCII through the host's encoder. Returns the
 * number of bytes written: the number of characters if it was ASCII, more if it
 * was not, and then the bytes mean nothing. Needs room for one byte for each
 * unit and `ASCII_SLACK`: with less, a text that is cut where its room ends
 * could look as long as an ASCII text.
 */
export function writeAscii(target: TextTarget, at: number, text: string): number {
  const room = text.length + ASCII_SLACK;
  if (target.text !== undefined) {
    return target.text.utf8Write(text, at, room);
  }
  if (textEncoder !== undefined) {
    return textEncoder.encodeInto(text, target.bytes.subarray(at, at + room)).written;
  }
  return -1;
}

/** Decodes `bytes[start, end)` if all of them are ASCII, one character each; otherwise undefined. */
export function readAsciiBlock(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = readLongString(bytes, start, end);
  return text?.length === end - start ? text : undefined;
}

const REPLACEMENT = "\ufffd";

/**
 * Decodes `bytes[start, end)` through the host's decoder.
 * Returns undefined when the bytes may need the careful path: the host says
 * U+FFFD both for that character itself and for what it cannot read.
 */
export function readLongString(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text: string;
  if (native !== undefined) {
    text = native.utf8Slice.call(bytes, start, end);
  } else if (utf8Decoder !== undefined) {
    text = utf8Decoder.decode(bytes.subarray(start, end));
  } else {
    return undefined;
  }
  return text.includes(REPLACEMENT) ? undefined : text;
}

/**
 * Decodes byte by byte: UTF-8, CESU-8, lone surrogates. Where the bytes are
 * neither, `onInvalid` is called with the offset; it throws, or returns to have
 * U+FFFD stand for the maximal invalid part, as the WHATWG encoding standard and
 * Java's decoder do.
 */
export function readCarefully(
  bytes: Uint8Array,
  start: number,
  end: number,
  onInvalid: (offset: number) => void,
): string {
  let text = "";
  // Units are gathered and joined in blocks, because one call takes a limited number of arguments.
  const units: number[] = [];
  let at = start;
  while (at < end) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      units.push(first);
      at++;
    } else {
      const size = sequenceLength(bytes, at, end);
      if (size > 0) {
        pushSequence(units, bytes, at, size);
        at += size;
      } else {
        onInvalid(at);
        units.push(0xfffd);
        at -= size;
      }
    }
    if (units.length >= BLOCK) {
      text += String.fromCharCode(...units);
      units.length = 0;
    }
  }
  return text + String.fromCharCode(...units);
}

const BLOCK = 4096;

/**
 * The length of the multi-byte sequence at `at`, or minus the number of bytes
 * that one U+FFFD replaces. Surrogates are accepted, unlike in strict UTF-8;
 * over-long forms and code points beyond U+10FFFF are not.
 */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0xc2 || first > 0xf4) {
    return -1;
  }
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte carries the bounds: no over-long form, nothing beyond U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < size; i++) {
    const next = at + i < end ? (bytes[at + i] ?? 0) : 0;
    if (next < (i === 1 ? low : 0x80) || next > (i === 1 ? high : 0xbf)) {
      return -i;
    }
  }
  return size;
}

function pushSequence(units: number[], bytes: Uint8Array, at: number, size: number): void {
  const first = bytes[at] ?? 0;
  const second = (bytes[at + 1] ?? 0) & 0x3f;
  if (size === 2) {
    units.push(((first & 0x1f) << 6) | second);
    return;
  }
  const third = (bytes[at + 2] ?? 0) & 0x3f;
  if (size === 3) {
    units.push(((first & 0x0f) << 12) | (second << 6) | third);
    return;
  }
  const fourth = (bytes[at + 3] ?? 0) & 0x3f;
  const code = ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth;
  units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
}
