/** A place in bytes of the wire. What does not lie before the end is not read. */
export class WireCursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Passes so many bytes. Returns where they begin, or -1 if they are not there. */
  take(count: number): number {
    const { at } = this;
    if (count > this.end - at) return -1;
    this.at = at + count;
    return at;
  }

  /** The length of a string, buffer or vector, which passes its four bytes: NULL for null, BAD for none that can be. */
  takeLength(): number {
    const at = this.take(4);
    if (at < 0) return BAD;
    const length = intAt(this.bytes, at);
    return length < NULL || length > this.end - this.at ? BAD : length;
  }
}

export const NULL = -1;
export const BAD = -2;

/** The signed 32-bit number at this place, which must be there. */
export function intAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** The signed 64-bit number at this place. */
export function longAt(bytes: Uint8Array, at: number): bigint {
  return (BigInt(intAt(bytes, at)) << 32n) | BigInt(intAt(bytes, at + 4) >>> 0);
}
