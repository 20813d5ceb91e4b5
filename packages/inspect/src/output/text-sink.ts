/**
 * Text that grows, as UTF-8: for output of a million lines, where making strings and
 * encoding them costs more than finding out what they say.
 */
export class TextSink {
  readonly #capacity: number;
  #bytes: Uint8Array;
  #length = 0;

  /** `capacity`: how many bytes there is room for at first, and after each `take`. Default 128 KiB. */
  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity);
  }

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written after the text had this length. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** Hands over the text. The bytes are the caller's: nothing is written to them again. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(this.#capacity);
    this.#length = 0;
    return taken;
  }

  byte(byte: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
  }

  /** As many spaces as a text that begins at `start` lacks to this length in bytes. */
  pad(start: number, length: number): void {
    const count = start + length - this.#length;
    if (count <= 0) return;
    this.#room(count);
    const bytes = this.#bytes;
    const end = this.#length + count;
    for (let at = this.#length; at < end; at++) bytes[at] = SPACE;
    this.#length = end;
  }

  /** A whole number below 1000, with all three digits. */
  threeDigits(value: number): void {
    this.#room(3);
    const tens = (value / 10) | 0;
    const hundreds = (tens / 10) | 0;
    this.#bytes[this.#length++] = ZERO + hundreds;
    this.#bytes[this.#length++] = ZERO + tens - 10 * hundreds;
    this.#bytes[this.#length++] = ZERO + value - 10 * tens;
  }

  /** Any text. Half of a surrogate pair becomes U+FFFD. */
  text(text: string): void {
    this.#room(3 * text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) {
        bytes[at++] = unit;
        continue;
      }
      const point = text.codePointAt(index) ?? unit;
      if (point > 0xffff) index++;
      at = putCodePoint(bytes, at, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
    }
    this.#length = at;
  }

  /** Bytes as they are, which need be no text. */
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The text that these bytes are. False: they are no UTF-8, and nothing is written. */
  copy(source: Uint8Array, start: number, end: number): boolean {
    this.#room(end - start);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = start; index < end;) {
      const size = (source[index] ?? 0) < 0x80 ? 1 : utf8Size(source, index, end);
      if (size === 0) return false;
      for (let more = 0; more < size; more++) bytes[at++] = source[index++] ?? 0;
    }
    this.#length = at;
    return true;
  }

  /** As `JSON.stringify` writes the text that these bytes are. False: they are no UTF-8, and nothing is written. */
  jsonText(source: Uint8Array, start: number, end: number): boolean {
    // An escaped byte takes six.
    this.#room(6 * (end - start) + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let index = start; index < end;) {
      const byte = source[index] ?? 0;
      if (byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH) {
        bytes[at++] = byte;
        index++;
      } else if (byte < 0x80) {
        for (const unit of ESCAPES[byte] ?? []) bytes[at++] = unit;
        index++;
      } else {
        const size = utf8Size(source, index, end);
        if (size === 0) return false;
        for (let more = 0; more < size; more++) bytes[at++] = source[index++] ?? 0;
      }
    }
    bytes[at++] = QUOTE;
    this.#length = at;
    return true;
  }

  /** Base64 with padding. */
  base64(source: Uint8Array, start: number, end: number): void {
    this.#room(4 * Math.ceil((end - start) / 3));
    const bytes = this.#bytes;
    let at = this.#length;
    let index = start;
    for (; index + 2 < end; index += 3) {
      const group =
        ((source[index] ?? 0) << 16) | ((source[index + 1] ?? 0) << 8) | (source[index + 2] ?? 0);
      bytes[at] = BASE64[group >> 18] ?? 0;
      bytes[at + 1] = BASE64[(group >> 12) & 0x3f] ?? 0;
      bytes[at + 2] = BASE64[(group >> 6) & 0x3f] ?? 0;
      bytes[at + 3] = BASE64[group & 0x3f] ?? 0;
      at += 4;
    }
    if (index < end) {
      const isTwo = index + 1 < end;
      const group = ((source[index] ?? 0) << 16) | (isTwo ? (source[index + 1] ?? 0) << 8 : 0);
      bytes[at++] = BASE64[group >> 18] ?? 0;
      bytes[at++] = BASE64[(group >> 12) & 0x3f] ?? 0;
      bytes[at++] = isTwo ? (BASE64[(group >> 6) & 0x3f] ?? 0) : PADDING;
      bytes[at++] = PADDING;
    }
    this.#length = at;
  }

  /** A whole number within 2^53, in decimal. */
  decimal(value: number): void {
    this.#room(17);
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.#length++] = MINUS;
      rest = -rest;
    }
    if (rest < LIMB) {
      this.#digits(rest, 1);
      return;
    }
    const high = Math.floor(rest / LIMB);
    const low = rest - high * LIMB;
    if (high < LIMB) this.#digits(high, 1);
    else {
      const highest = Math.floor(high / LIMB);
      this.#digits(highest, 1);
      this.#digits(high - highest * LIMB, LIMB_DIGITS);
    }
    this.#digits(low, LIMB_DIGITS);
  }

  /** A signed 64-bit number, of which these are the halves, in decimal. */
  long(high: number, low: number): void {
    if (high >= -SAFE_HIGH && high < SAFE_HIGH) {
      this.decimal(high * TWO_32 + (low >>> 0));
      return;
    }
    let upper = high >>> 0;
    let lower = low >>> 0;
    if (high < 0) {
      this.byte(MINUS);
      lower = -low >>> 0;
      upper = (lower === 0 ? -high : ~high) >>> 0;
    }
    // Divided by hand, 16 bits at a time, so that every number stays exact.
    const top = Math.floor(upper / LIMB);
    const middle = (upper - top * LIMB) * TWO_16 + (lower >>> 16);
    const upperPart = Math.floor(middle / LIMB);
    const last = (middle - upperPart * LIMB) * TWO_16 + (lower & 0xffff);
    const lowerPart = Math.floor(last / LIMB);
    this.decimal(top * TWO_32 + upperPart * TWO_16 + lowerPart);
    this.#room(LIMB_DIGITS);
    this.#digits(last - lowerPart * LIMB, LIMB_DIGITS);
  }

  /** The same in hexadecimal, unsigned and with 0x. */
  hexLong(high: number, low: number): void {
    this.#room(18);
    const bytes = this.#bytes;
    bytes[this.#length++] = ZERO;
    bytes[this.#length++] = LETTER_X;
    if (high !== 0) this.hex(high, 1);
    this.hex(low, high === 0 ? 1 : 8);
  }

  /** The lower 32 bits in hexadecimal, with so many digits at least. */
  hex(value: number, minDigits: number): void {
    this.#room(8);
    const bytes = this.#bytes;
    let at = this.#length;
    const significant = (35 - Math.clz32(value)) >> 2;
    const digits = Math.max(significant, minDigits);
    for (let shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      bytes[at++] = HEX_DIGITS[(value >>> shift) & 15] ?? 0;
    }
    this.#length = at;
  }

  /** Below 10^7, with all seven digits or as few as it has. */
  #digits(value: number, minDigits: 1 | typeof LIMB_DIGITS): void {
    let digits = minDigits;
    for (let limit = minDigits === 1 ? 10 : LIMB; limit <= value; limit *= 10) digits++;
    const bytes = this.#bytes;
    const start = this.#length;
    let rest = value;
    for (let at = start + digits - 1; at >= start; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + (rest - next * 10);
      rest = next;
    }
    this.#length = start + digits;
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function putCodePoint(bytes: Uint8Array, start: number, point: number): number {
  let at = start;
  if (point < 0x800) {
    bytes[at++] = 0xc0 | (point >> 6);
  } else {
    if (point < 0x10000) {
      bytes[at++] = 0xe0 | (point >> 12);
    } else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (point & 0x3f);
  return at;
}

/** How many bytes the character takes that begins here with a byte above 0x7f; 0 for none. */
function utf8Size(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + size > end) return 0;
  // Neither longer than necessary, nor half of a surrogate pair, nor beyond the last character.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let index = at + 2; index < at + size; index++) {
    if (((bytes[index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

const DEFAULT_CAPACITY: number = 1 << 17;

/** Decimal digits are made from numbers below this, for which integer division is cheap. */
const LIMB = 10_000_000;
const LIMB_DIGITS = 7;
const TWO_16 = 65_536;
const TWO_32 = 4_294_967_296;
/** Upper halves below this make numbers below 2^53. */
const SAFE_HIGH: number = 1 << 21;

const SPACE = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;
const PADDING = 0x3d;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const HEX_DIGITS: readonly number[] = codesOf("0123456789abcdef");
const BASE64: Uint8Array = Uint8Array.from(
  codesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
);

/** What JSON writes in the place of a character below 0x80. */
const ESCAPES: readonly (readonly number[])[] = Array.from({ length: 0x80 }, (_, byte) =>
  codesOf(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);
