/** Writing a string as UTF-8 behind a reserved length: which way is fastest at which length? */
import type { PrimitiveGroup } from "./group.js";
import { nativeStrings } from "./group.js";
import { STRING_LENGTHS, TEXT_KINDS, sampleStrings } from "./sample-strings.js";

const target = Buffer.alloc(64 * 1024);
const bytes = new Uint8Array(target.buffer, target.byteOffset, target.length);
const native = nativeStrings(target);
const encoder = new TextEncoder();
const START = 4;
let written = 0;

/** Plain JavaScript: 1, 2 and 3 byte forms, surrogate pairs as 4 bytes. */
function writeLoop(text: string, start: number): number {
  let position = start;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[position++] = unit;
    } else if (unit < 0x800) {
      bytes[position++] = 0xc0 | (unit >> 6);
      bytes[position++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[position++] = 0xe0 | (unit >> 12);
      bytes[position++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[position++] = 0x80 | (unit & 0x3f);
    } else {
      const point = text.codePointAt(i++) ?? 0;
      bytes[position++] = 0xf0 | (point >> 18);
      bytes[position++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[position++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[position++] = 0x80 | (point & 0x3f);
    }
  }
  return position - start;
}

/** The ASCII part alone; -1 at the first other character. */
function writeAsciiLoop(text: string, start: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return -1;
    bytes[start + i] = unit;
  }
  return text.length;
}

/** Four characters a step and one test at the end; what was written is void if it fails. */
function writeAsciiByFour(text: string, start: number): number {
  const length = text.length;
  const last = length - 3;
  let all = 0;
  let i = 0;
  for (; i < last; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    all |= a | b | c | d;
    bytes[start + i] = a;
    bytes[start + i + 1] = b;
    bytes[start + i + 2] = c;
    bytes[start + i + 3] = d;
  }
  for (; i < length; i++) {
    const unit = text.charCodeAt(i);
    all |= unit;
    bytes[start + i] = unit;
  }
  return all < 0x80 ? length : native.utf8Write(text, start, length * 3);
}

function writeAsciiOrNative(text: string, start: number): number {
  const ascii = writeAsciiLoop(text, start);
  return ascii >= 0 ? ascii : native.utf8Write(text, start, text.length * 3);
}

function overStrings(texts: readonly string[], write: (text: string) => number) {
  return (iterations: number): void => {
    let total = 0;
    for (let i = 0; i < iterations; i++) total += write(texts[i & 15] ?? "");
    written += total;
  };
}

export const writeStrings: readonly PrimitiveGroup[] = TEXT_KINDS.map((kind) => ({
  title: `write string, ${kind}`,
  unit: "one string",
  rows: STRING_LENGTHS.map((length) => {
    const texts = sampleStrings(kind, length);
    return {
      label: `${String(length)} chars`,
      candidates: [
        // Each candidate has its own loop so that each can be inlined, as in the archive.
        {
          name: "JS loop",
          run: (iterations: number): void => {
            let total = 0;
            for (let i = 0; i < iterations; i++) total += writeLoop(texts[i & 15] ?? "", START);
            written += total;
          },
        },
        {
          name: "ASCII loop, else utf8Write",
          run: (iterations: number): void => {
            let total = 0;
            for (let i = 0; i < iterations; i++)
              total += writeAsciiOrNative(texts[i & 15] ?? "", START);
            written += total;
          },
        },
        {
          name: "ASCII by four, else utf8Write",
          run: (iterations: number): void => {
            let total = 0;
            for (let i = 0; i < iterations; i++)
              total += writeAsciiByFour(texts[i & 15] ?? "", START);
            written += total;
          },
        },
        {
          name: "utf8Write",
          run: overStrings(texts, (text) => native.utf8Write(text, START, text.length * 3)),
        },
        {
          name: "latin1Write (wrong above 7f)",
          run: overStrings(texts, (text) => native.latin1Write(text, START, text.length)),
        },
        {
          name: "encodeInto + subarray",
          run: overStrings(
            texts,
            (text) =>
              encoder.encodeInto(text, bytes.subarray(START, START + text.length * 3)).written,
          ),
        },
        {
          name: "encodeInto at 0",
          run: overStrings(texts, (text) => encoder.encodeInto(text, bytes).written),
        },
      ],
    };
  }),
}));

export function writtenBytes(): number {
  return written;
}
