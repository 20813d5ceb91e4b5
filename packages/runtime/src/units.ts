/**
 * Text that is not all ASCII, decoded to UTF-16 units in JavaScript and turned
 * into a string at once. Up to V8 12 this takes two thirds of the time of the native
 * UTF-8 decoders, on later ones it wins up to some dozen characters
 * (bench/primitives).
 */
import { LITTLE_ENDIAN, native, SINCE_V8_13, utf16Decoder } from "./engine.js";

/** The units of the strings that are being decoded; used within one call only. */
const units = new Uint16Array(4096);
const unitBytes = new Uint8Array(units.buffer);

/** From here on, in bytes, the native decoder of V8 13 and later is quicker. */
const NATIVE_LENGTH = 48;

/** Whether `readUnits` is the best way to decode this many bytes. */
export function suitsUnits(length: number): boolean {
  return SINCE_V8_13 ? length < NATIVE_LENGTH : length <= units.length;
}

/**
 * Decodes UTF-8 or CESU-8 of at most 4096 bytes. Returns undefined where a byte
 * is neither; `readCarefully` then finds out which.
 */
export function readUnits(bytes: Uint8Array, start: number, end: number): string | undefined {
  const count = addUnits(bytes, start, end, 0);
  return count < 0 ? undefined : textOfUnits(count);
}

/**
 * Decodes UTF-8 or CESU-8 into `units` from index `count` on, and returns the index after the last one, or
 * -1 where a byte is neither. The caller makes sure that one unit for each byte fits.
 */
export function addUnits(bytes: Uint8Array, start: number, end: number, count: number): number {
  let at = start;
  while (at < end) {
    const first = bytes[at] as number;
    if (first < 0x80) {
      units[count++] = first;
      at++;
    } else if (first < 0xe0) {
      const second = bytes[at + 1] as number;
      if (first < 0xc2 || at + 2 > end || (second & 0xc0) !== 0x80) {
        return -1;
      }
      units[count++] = ((first & 0x1f) << 6) | (second & 0x3f);
      at += 2;
    } else if (first < 0xf0) {
      // Most scripts have runs of these: a loop of their own saves a tenth of the time.
      do {
        // Of a byte that continues, the upper two bits are zero now.
        const second = (bytes[at + 1] as number) ^ 0x80;
        const third = (bytes[at + 2] as number) ^ 0x80;
        const unit = (((bytes[at] as number) & 0x0f) << 12) | (second << 6) | third;
        if (at + 3 > end || (second | third) > 0x3f || unit < 0x800) {
          return -1;
        }
        units[count++] = unit;
        at += 3;
      } while (at < end && ((bytes[at] as number) & 0xf0) === 0xe0);
    } else {
      const second = bytes[at + 1] as number;
      const third = bytes[at + 2] as number;
      const fourth = bytes[at + 3] as number;
      if (
        at + 4 > end ||
        (second & 0xc0) !== 0x80 ||
        (third & 0xc0) !== 0x80 ||
        (fourth & 0xc0) !== 0x80
      ) {
        return -1;
      }
      const code =
        ((first & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f);
      if (first > 0xf4 || code < 0x10000 || code > 0x10ffff) {
        return -1;
      }
      units[count++] = 0xd800 + ((code - 0x10000) >> 10);
      units[count++] = 0xdc00 + (code & 0x3ff);
      at += 4;
    }
  }
  return count;
}

/** The first `count` units as a string. */
export function textOfUnits(count: number): string {
  if (count <= DIRECT_UNITS) {
    return fromUnits(units, count);
  }
  if (native !== undefined && LITTLE_ENDIAN) {
    return native.ucs2Slice.call(unitBytes, 0, 2 * count);
  }
  if (utf16Decoder !== undefined && LITTLE_ENDIAN) {
    const text = utf16Decoder.decode(unitBytes.subarray(0, 2 * count));
    // What the decoder says for a surrogate that stands alone.
    if (!text.includes("\ufffd")) {
      return text;
    }
  }
  let text = "";
  for (let i = 0; i < count; i++) {
    text += fromCharCode(units[i] as number);
  }
  return text;
}

const { fromCharCode } = String;

/** Up to here one call with exactly as many arguments as there are units is the quickest. */
const DIRECT_UNITS = 24;

function fromUnits(u: Uint16Array, count: number): string {
  /* eslint-disable @typescript-eslint/no-non-null-assertion -- the array is longer than any index here */
  // prettier-ignore
  switch (count) {
    case 1: return fromCharCode(u[0]!);
    case 2: return fromCharCode(u[0]!, u[1]!);
    case 3: return fromCharCode(u[0]!, u[1]!, u[2]!);
    case 4: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!);
    case 5: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!);
    case 6: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!);
    case 7: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!);
    case 8: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!);
    case 9: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!);
    case 10: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!);
    case 11: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!);
    case 12: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!);
    case 13: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!);
    case 14: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!);
    case 15: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!);
    case 16: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!);
    case 17: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!);
    case 18: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!);
    case 19: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!, u[18]!);
    case 20: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!, u[18]!, u[19]!);
    case 21: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!, u[18]!, u[19]!, u[20]!);
    case 22: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!, u[18]!, u[19]!, u[20]!, u[21]!);
    case 23: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!, u[18]!, u[19]!, u[20]!, u[21]!, u[22]!);
    case 24: return fromCharCode(u[0]!, u[1]!, u[2]!, u[3]!, u[4]!, u[5]!, u[6]!, u[7]!, u[8]!, u[9]!, u[10]!, u[11]!, u[12]!, u[13]!, u[14]!, u[15]!, u[16]!, u[17]!, u[18]!, u[19]!, u[20]!, u[21]!, u[22]!, u[23]!);

    default: return "";
  }
}
