/** Numbers at fixed places in bytes that come in any alignment, read without allocating a view for each. */

/** The signed 32-bit integer at `at`. The bytes must be there. */
export function intAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** The signed 64-bit integer at `at`. The bytes must be there. */
export function longAt(bytes: Uint8Array, at: number): bigint {
  return (BigInt(intAt(bytes, at)) << 32n) | BigInt(intAt(bytes, at + 4) >>> 0);
}

/** Stores a signed 32-bit integer at `at`. */
export function putInt(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Stores a 64-bit integer at `at`, signed or not. */
export function putLong(bytes: Uint8Array, at: number, value: bigint): void {
  putInt(bytes, at, Number(BigInt.asIntN(32, value >> 32n)));
  putInt(bytes, at + 4, Number(BigInt.asIntN(32, value)));
}
