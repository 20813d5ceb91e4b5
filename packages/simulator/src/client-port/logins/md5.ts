/** MD5 (RFC 1321), which DIGEST-MD5 is made of: written here so that the judge shares no code with the server. */

export function md5(message: Uint8Array): Uint8Array {
  const words = paddedWords(message);
  const state = new Uint32Array(START);
  for (let at = 0; at < words.length; at += 16) addBlock(state, words.subarray(at, at + 16));
  const digest = new Uint8Array(16);
  const view = new DataView(digest.buffer);
  state.forEach((word, at) => {
    view.setUint32(4 * at, word, true);
  });
  return digest;
}

/** A one, zeros up to 8 bytes before a multiple of 64, and the length in bits. */
function paddedWords(message: Uint8Array): Uint32Array {
  const length = 64 * Math.ceil((message.length + 9) / 64);
  const bytes = new Uint8Array(length);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(length - 8, BigInt(message.length) * 8n, true);
  return Uint32Array.from({ length: length / 4 }, (_, at) => view.getUint32(4 * at, true));
}

function addBlock(state: Uint32Array, block: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let step = 0; step < 64; step += 1) {
    const round = step >> 4;
    const [mixed, index] = MIXES[round]?.(b, c, d, step) ?? [0, 0];
    const sum = a + mixed + (block[index & 15] ?? 0) + (SINES[step] ?? 0);
    const turn = TURNS[round]?.[step & 3] ?? 0;
    const turned = (sum << turn) | ((sum >>> 0) >>> (32 - turn));
    [a, d, c, b] = [d, c, b, (b + turned) | 0];
  }
  [a, b, c, d].forEach((word, at) => {
    state[at] = (state[at] ?? 0) + word;
  });
}

/** Of each round: how three words are mixed, and which word of the block comes next. */
type Mix = (b: number, c: number, d: number, step: number) => readonly [number, number];

const MIXES: readonly Mix[] = [
  (b, c, d, step) => [(b & c) | (~b & d), step],
  (b, c, d, step) => [(b & d) | (c & ~d), 5 * step + 1],
  (b, c, d, step) => [b ^ c ^ d, 3 * step + 5],
  (b, c, d, step) => [c ^ (b | ~d), 7 * step],
];

const TURNS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

const SINES: readonly number[] = Array.from({ length: 64 }, (_, at) =>
  Math.floor(2 ** 32 * Math.abs(Math.sin(at + 1))),
);
