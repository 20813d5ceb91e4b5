/** CRC-32 step by step, as the digest needs it: over text, bytes and numbers, without putting them together first. */

/** What a CRC begins with. */
export const CRC_START = -1;

/** The CRC-32 that the steps have led to. */
export function finishedCrc(crc: number): number {
  return ~crc >>> 0;
}

/** Goes on with four bytes, the highest first. Four tables take them at once, in half the time of one after the other. */
export function crcOfInt(crc: number, value: number): number {
  return (
    (table3[(crc ^ (value >>> 24)) & 0xff] as number) ^
    (table2[((crc >>> 8) ^ (value >>> 16)) & 0xff] as number) ^
    (table1[((crc >>> 16) ^ (value >>> 8)) & 0xff] as number) ^
    (table0[((crc >>> 24) ^ value) & 0xff] as number)
  );
}

export function crcOfBytes(crc: number, bytes: Uint8Array): number {
  const { length } = bytes;
  const fours = length & ~3;
  let at = 0;
  for (; at < fours; at += 4) {
    crc =
      (table3[(crc ^ (bytes[at] as number)) & 0xff] as number) ^
      (table2[((crc >>> 8) ^ (bytes[at + 1] as number)) & 0xff] as number) ^
      (table1[((crc >>> 16) ^ (bytes[at + 2] as number)) & 0xff] as number) ^
      (table0[((crc >>> 24) ^ (bytes[at + 3] as number)) & 0xff] as number);
  }
  for (; at < length; at++) crc = crcOfByte(crc, bytes[at] as number);
  return crc;
}

/** Encodes to UTF-8 while it goes. A lone surrogate counts as "?", which is what Java encodes it to. */
export function crcOfText(crc: number, text: string): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      crc = crcOfByte(crc, unit);
    } else {
      const point = text.codePointAt(at) as number;
      if (point > 0xffff) at++;
      crc = crcOfCodePoint(crc, point);
    }
  }
  return crc;
}

function crcOfCodePoint(crc: number, point: number): number {
  if (point >= 0xd800 && point <= 0xdfff) return crcOfByte(crc, QUESTION_MARK);
  if (point < 0x800) {
    crc = crcOfByte(crc, 0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      crc = crcOfByte(crc, 0xe0 | (point >> 12));
    } else {
      crc = crcOfByte(crc, 0xf0 | (point >> 18));
      crc = crcOfByte(crc, 0x80 | ((point >> 12) & 0x3f));
    }
    crc = crcOfByte(crc, 0x80 | ((point >> 6) & 0x3f));
  }
  return crcOfByte(crc, 0x80 | (point & 0x3f));
}

function crcOfByte(crc: number, byte: number): number {
  return (table0[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
}

/** The usual table of CRC-32, for the reflected polynomial 0xedb88320. */
const table0: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The same for a byte that one, two and three others follow. */
const table1: Int32Array = followed(table0);
const table2: Int32Array = followed(table1);
const table3: Int32Array = followed(table2);

function followed(table: Int32Array): Int32Array {
  return table.map((crc) => (table0[crc & 0xff] as number) ^ (crc >>> 8));
}

const QUESTION_MARK = 0x3f;
