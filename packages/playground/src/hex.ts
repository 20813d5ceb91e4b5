/** Bytes as people type them. */

/** `00 00 00 01`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Blanks may stand anywhere between digits. Undefined when there is anything else, or half a byte. */
export function bytesOf(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
