/**
 * Adler-32, the checksum of logs and snapshots. Both files keep it as a long
 * whose upper half is zero, so that is what `value` gives.
 */

/** The checksum of all bytes that were passed to `update`, in order. */
export class Adler32 {
  #a = 1;
  #b = 0;

  /** Goes on with the bytes from `start` to `end`, all by default. Cheaper than a subarray of them. */
  update(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    let a = this.#a;
    let b = this.#b;
    for (let at = start; at < end;) {
      const stop = Math.min(at + SUMS_STAY_SMALL, end);
      // Eight at a time, as fewer checks and jumps are a third of the time.
      for (const last = stop - 7; at < last; at += 8) {
        a = (a + (bytes[at] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 1] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 2] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 3] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 4] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 5] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 6] as number)) | 0;
        b = (b + a) | 0;
        a = (a + (bytes[at + 7] as number)) | 0;
        b = (b + a) | 0;
      }
      for (; at < stop; at++) {
        a = (a + (bytes[at] as number)) | 0;
        b = (b + a) | 0;
      }
      a %= ADLER_MODULUS;
      b %= ADLER_MODULUS;
    }
    this.#a = a;
    this.#b = b;
    return this;
  }

  /** The checksum as an unsigned 32-bit number. */
  get sum(): number {
    return ((this.#b << 16) | this.#a) >>> 0;
  }

  /** The checksum as the long that the files hold. */
  get value(): bigint {
    return BigInt(this.sum);
  }
}

/** The checksum of these bytes, as the long that the files hold. */
export function adler32(bytes: Uint8Array): bigint {
  return new Adler32().update(bytes).value;
}

/** The largest prime below 2^16; both halves of the checksum are sums modulo it. */
export const ADLER_MODULUS = 65_521;

/** Over so many bytes both sums stay below 2^31, where integers are cheap. */
const SUMS_STAY_SMALL = 3800;
