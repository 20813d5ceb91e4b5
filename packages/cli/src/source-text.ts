/**
 * From the bytes of a source to its text. Jute files are UTF-8. What is not is
 * still read as far as it goes, so that its other mistakes are found in the same
 * run, but it is an error: letters that are lost in a comment would be lost in
 * the documentation of the output, and nobody would know.
 */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import type { Diagnostic, DiagnosticKind, SourceText, Span } from "@jute-ts/compiler";
import { advice, diagnose, kinds } from "@jute-ts/compiler/parts";

/** Reads a source. `shownPath` is its name in diagnostics. Throws what the file system throws. */
export function readSourceText(file: string, shownPath: string): SourceText {
  return decodeSource(readFileSync(file), shownPath);
}

/** The text of these bytes, and what is wrong with their encoding. */
export function decodeSource(bytes: Uint8Array, shownPath: string): SourceText {
  const utf16 = utf16In(bytes);
  if (utf16 !== undefined) {
    const text = new TextDecoder(utf16.label).decode(bytes);
    const span = { file: shownPath, start: 0, end: 0 };
    return { text, errors: [wrongEncoding(kinds.otherEncoding, [utf16.name], span)] };
  }
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const text = utf8.decode(bytes);
  const at = isUtf8(bytes) ? undefined : firstInvalid(bytes);
  if (at === undefined) return { text, errors: [] };
  if (bytes.includes(0)) {
    const span = { file: shownPath, start: 0, end: 0 };
    return { text: "", errors: [diagnose(kinds.notText, [], span)] };
  }
  // What lies before is valid, so it has as many units as it decodes to.
  const start = utf8.decode(bytes.subarray(0, at)).length;
  const span = { file: shownPath, start, end: start + 1 };
  const byte = `0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`;
  return { text, errors: [wrongEncoding(kinds.invalidUtf8, [byte], span)] };
}

function wrongEncoding(kind: DiagnosticKind<[string]>, args: [string], span: Span): Diagnostic {
  return diagnose(kind, args, span, { suggestion: advice.saveAsUtf8 });
}

interface Utf16 {
  readonly label: "utf-16le" | "utf-16be";
  readonly name: string;
}

const LITTLE: Utf16 = { label: "utf-16le", name: "UTF-16 (little-endian)" };
const BIG: Utf16 = { label: "utf-16be", name: "UTF-16 (big-endian)" };

/** UTF-16 is told by its mark, or by a zero in every other byte of the first ones: what a source begins with is ASCII. */
function utf16In(bytes: Uint8Array): Utf16 | undefined {
  const [first = 0, second = 0] = bytes;
  if (first === 0xff && second === 0xfe) return LITTLE;
  if (first === 0xfe && second === 0xff) return BIG;
  const start = bytes.subarray(0, 16);
  if (start.length < 4) return undefined;
  const zeros = (remainder: number): boolean =>
    start.every((byte, index) => (byte === 0) === (index % 2 === remainder));
  return zeros(1) ? LITTLE : zeros(0) ? BIG : undefined;
}

/** The offset of the first byte that is not UTF-8; undefined when there is none. */
function firstInvalid(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    const size = characterSize(bytes, at);
    if (size === 0) return at;
    at += size;
  }
  return undefined;
}

/** The number of bytes of the character here; 0 when there is none. */
function characterSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const size = first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) === 0xe0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let i = 1; i < size; i++) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  // No longer form than needed, no half of a pair, nothing beyond the last character.
  const second = bytes[at + 1] ?? 0;
  const [least = 0x80, most = 0xbf] = SECOND_BYTES.get(first) ?? [];
  return second < least || second > most ? 0 : size;
}

/** The range of the second byte where the first one narrows it (RFC 3629). */
const SECOND_BYTES: ReadonlyMap<number, readonly [number, number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);
