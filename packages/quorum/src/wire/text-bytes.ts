/**
 * Texts as bytes. The core has no TextEncoder: it runs where only the language
 * is. Jute's own strings do the work, which are UTF-8 after a length.
 */
import { finishEncoding, startDecoding, startEncoding } from "@jute-ts/runtime/codegen";

/** A Jute string: its length in bytes and its UTF-8. The caller owns the result. */
export function encodeString(text: string): Uint8Array {
  const output = startEncoding();
  output.writeString(text);
  return finishEncoding(output);
}

/** The UTF-8 of a text. The caller owns the result. */
export function textBytes(text: string): Uint8Array {
  return encodeString(text).subarray(LENGTH_BYTES);
}

/** The text of UTF-8 bytes. What is no UTF-8 becomes U+FFFD: a configuration is shown and compared, never trusted. */
export function textOf(bytes: Uint8Array): string {
  const withLength = new Uint8Array(LENGTH_BYTES + bytes.length);
  new DataView(withLength.buffer).setInt32(0, bytes.length);
  withLength.set(bytes, LENGTH_BYTES);
  const input = startDecoding(withLength, { invalidUtf8: "replace", maxBuffer: bytes.length });
  const text = input.readString() ?? "";
  input.release();
  return text;
}

const LENGTH_BYTES = 4;
