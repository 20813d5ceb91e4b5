/** UTF-8 as Java's server reads it, where neither Node nor a browser is at hand. */
import { BinaryInputArchive } from "@jute-ts/runtime";

/** The text of these bytes. What is no UTF-8 becomes U+FFFD. */
export function textOf(utf8: Uint8Array): string {
  const lengthAndText = new Uint8Array(LENGTH_BYTES + utf8.length);
  new DataView(lengthAndText.buffer).setInt32(0, utf8.length);
  lengthAndText.set(utf8, LENGTH_BYTES);
  replaceSurrogates(lengthAndText.subarray(LENGTH_BYTES));
  const archive = new BinaryInputArchive(lengthAndText, {
    maxBuffer: utf8.length,
    invalidUtf8: "replace",
  });
  return archive.readString() ?? "";
}

/** Jute's strings may hold surrogates by themselves, in three bytes each; UTF-8 may not. */
function replaceSurrogates(bytes: Uint8Array): void {
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    const [, second = 0, third = 0] = bytes.subarray(at, at + REPLACEMENT.length);
    if (second >= 0xa0 && second < 0xc0 && third >= 0x80 && third < 0xc0)
      bytes.set(REPLACEMENT, at);
  }
}

/** U+FFFD. */
const REPLACEMENT = Uint8Array.of(0xef, 0xbf, 0xbd);
const LENGTH_BYTES = 4;
