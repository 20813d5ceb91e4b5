/**
 * Makes hostile inputs of valid ones: what a broken disk, a broken peer or an
 * enemy might hand to a parser. It knows no format, only what formats have in
 * common: lengths and counts as big-endian ints, longs, and texts.
 */
import type { FuzzedParser } from "./fuzzed-parser.js";
import type { Random } from "./random.js";

/** No input is longer, so that a million of them take minutes. */
const MAX_INPUT_BYTES = 16 * 1024;

/** An input for a parser: mostly valid ones with a few changes, now and then garbage or a valid one as it is. */
export function makeInput(parser: FuzzedParser, random: Random): Uint8Array {
  const kind = random.below(32);
  if (kind === 0) return garbage(random);
  let input: Uint8Array = random.pick(parser.samples).slice(0, MAX_INPUT_BYTES);
  if (kind === 1) return input;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    input = change(input, parser, random);
  }
  input = input.subarray(0, MAX_INPUT_BYTES);
  return parser.repair !== undefined && random.below(2) === 0 ? parser.repair(input) : input;
}

function garbage(random: Random): Uint8Array {
  const bytes = new Uint8Array(random.below(random.pick([8, 64, 512])));
  const mask = random.pick([0xff, 0x7f, 0x01]);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.next() & mask;
  return bytes;
}

/** May change the input itself, which must be the caller's own. */
function change(input: Uint8Array, parser: FuzzedParser, random: Random): Uint8Array {
  const at = random.below(input.length);
  switch (random.below(11)) {
    case 0:
      input[at] = (input[at] ?? 0) ^ (1 << random.below(8));
      return input;
    case 1:
      input[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x2f, 0x3a, random.below(256)]);
      return input;
    case 2:
      return withInt(input, at, random.pick(EXTREME_INTS));
    case 3:
    case 4:
      return withLength(input, random);
    case 5:
      return withLong(input, at, random.pick(EXTREME_LONGS));
    case 6:
      return input.slice(0, at);
    case 7:
      return spliced(input, at, 1 + random.below(24), new Uint8Array(0));
    case 8: {
      // A piece of itself, again: elements twice, records twice.
      const piece = input.slice(at, at + 1 + random.below(random.pick([8, 200])));
      return spliced(input, random.below(input.length + 1), 0, repeated(piece, random));
    }
    case 9: {
      const other = random.pick(parser.samples);
      const from = random.below(other.length);
      const piece = other.subarray(from, from + 1 + random.below(400));
      return spliced(input, at, random.below(piece.length + 1), piece);
    }
    default:
      return spliced(input, at, random.below(2), wordOf(parser, random));
  }
}

function wordOf({ words = [] }: FuzzedParser, random: Random): Uint8Array {
  const any = [...words, ...WORDS];
  return new TextEncoder().encode(random.pick(any));
}

function repeated(piece: Uint8Array, random: Random): Uint8Array {
  const times = random.pick([1, 1, 1, 2, 40]);
  const bytes = new Uint8Array(piece.length * times);
  for (let i = 0; i < times; i++) bytes.set(piece, i * piece.length);
  return bytes;
}

/** Overwrites an int that could be a length with one that does not fit, or just so. */
function withLength(input: Uint8Array, random: Random): Uint8Array {
  if (input.length < 4) return input;
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const begin = random.below(input.length - 3);
  for (let i = 0; i < input.length - 3; i++) {
    const at = (begin + i) % (input.length - 3);
    const rest = input.length - at - 4;
    const value = view.getInt32(at);
    if (value < -1 || value > rest) continue;
    const near = random.pick([value, rest]) + random.below(9) - 5;
    view.setInt32(at, random.below(3) === 0 ? random.pick(EXTREME_INTS) : near);
    return input;
  }
  return input;
}

function withInt(input: Uint8Array, at: number, value: number): Uint8Array {
  if (input.length < 4) return input;
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  view.setInt32(Math.min(at, input.length - 4), value);
  return input;
}

function withLong(input: Uint8Array, at: number, value: bigint): Uint8Array {
  if (input.length < 8) return input;
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  view.setBigInt64(Math.min(at, input.length - 8), value);
  return input;
}

function spliced(input: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const rest = input.subarray(at + removed);
  const bytes = new Uint8Array(at + added.length + rest.length);
  bytes.set(input.subarray(0, at));
  bytes.set(added, at);
  bytes.set(rest, at + added.length);
  return bytes;
}

const EXTREME_INTS = [
  -1, -2, -0x8000_0000, 0x7fff_ffff, 0x7fff_fffe, 0x4000_0000, 0x10_0000, 0xffff, 0, 1, 2, 255,
];

const EXTREME_LONGS = [
  0n,
  1n,
  -1n,
  -(1n << 63n),
  (1n << 63n) - 1n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x1_0000_0001n,
  0x7fff_ffff_0000_0000n,
  0x2_ffff_ffffn,
];

const WORDS = [
  "-1",
  "99999999999999999999",
  "0x",
  "/",
  "//",
  "\n",
  "\r",
  "=",
  ":",
  ";",
  "|",
  "\ufeff",
  "\u0000",
];
