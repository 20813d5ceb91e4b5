/** Reading a UTF-8 string of known byte length: which way is fastest at which length? */
import { keep } from "../keep-alive.js";
import { LONGEST_CHAR_CODES, charCodes } from "./char-codes.js";
import type { PrimitiveGroup } from "./group.js";
import { nativeStrings } from "./group.js";
import { STRING_LENGTHS, TEXT_KINDS, sampleStrings } from "./sample-strings.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** ASCII by concatenation; undefined at the first other byte. */
function readByConcatenation(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

const units: number[] = [];

/** A full JS decoder into an array of units and one `fromCharCode.apply`; no validation. */
function readByUnits(bytes: Uint8Array, start: number, end: number): string {
  units.length = 0;
  for (let i = start; i < end;) {
    const lead = bytes[i++] ?? 0;
    if (lead < 0x80) units.push(lead);
    else if (lead < 0xe0) units.push(((lead & 0x1f) << 6) | ((bytes[i++] ?? 0) & 0x3f));
    else {
      const second = (bytes[i++] ?? 0) & 0x3f;
      units.push(((lead & 0xf) << 12) | (second << 6) | ((bytes[i++] ?? 0) & 0x3f));
    }
  }
  return String.fromCharCode(...units);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= bytes[i] ?? 0;
  return all < 0x80;
}

export const readStrings: readonly PrimitiveGroup[] = TEXT_KINDS.map((kind) => ({
  title: `read string, ${kind}`,
  unit: "one string",
  rows: STRING_LENGTHS.map((length) => {
    const encoded = sampleStrings(kind, length).map((text) => Buffer.from(text, "utf8"));
    const stride = Math.max(...encoded.map((each) => each.length));
    const block = Buffer.alloc(16 * stride);
    encoded.forEach((each, index) => each.copy(block, index * stride));
    const ends = encoded.map((each, index) => index * stride + each.length);
    const bytes = new Uint8Array(block.buffer, block.byteOffset, block.length);
    const native = nativeStrings(block);
    const each =
      (read: (start: number, end: number) => unknown) =>
      (iterations: number): void => {
        for (let i = 0; i < iterations; i++) {
          const slot = i & 15;
          keep(read(slot * stride, ends[slot] ?? 0), i);
        }
      };
    const ascii = [
      {
        name: "fromCharCode, n arguments",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            const start = (i & 15) * stride;
            keep(charCodes(bytes, start, length), i);
          }
        },
      },
      {
        name: "concatenation",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            const start = (i & 15) * stride;
            keep(readByConcatenation(bytes, start, start + length), i);
          }
        },
      },
      {
        name: "check + latin1Slice",
        run: (iterations: number): void => {
          for (let i = 0; i < iterations; i++) {
            const start = (i & 15) * stride;
            const end = start + length;
            keep(isAscii(bytes, start, end) ? native.latin1Slice(start, end) : undefined, i);
          }
        },
      },
      { name: "latin1Slice", run: each((start, end) => native.latin1Slice(start, end)) },
    ];
    return {
      label: `${String(length)} chars`,
      candidates: [
        ...(kind === "ASCII" ? ascii.slice(length > LONGEST_CHAR_CODES ? 1 : 0) : []),
        {
          name: "JS units + fromCharCode",
          run: each((start, end) => readByUnits(bytes, start, end)),
        },
        { name: "utf8Slice", run: each((start, end) => native.utf8Slice(start, end)) },
        {
          name: "TextDecoder + subarray",
          run: each((start, end) => decoder.decode(bytes.subarray(start, end))),
        },
        {
          name: "fatal TextDecoder + subarray",
          run: each((start, end) => strictDecoder.decode(bytes.subarray(start, end))),
        },
      ],
    };
  }),
}));
