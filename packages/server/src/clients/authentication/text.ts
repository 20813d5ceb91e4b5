/** UTF-8 as Java's server reads it, where neither Node nor a browser is at hand. */
import { BinaryInputArchive } from "@jute-ts/runtime";

/** The text of these bytes. What is no UTF-8 becomes U+FFFD. */
export function textOf(utf8: Uint8Array): string {
  const lengthAndText = new Uint8Array(LENGTH_BYTES + utf8.length);
  new DataView(lengthAndText.buffer).setInt32(0, utf8.length);
  lengthAndText.set(utf8, LENGTH_BYTES);
  const archive = new BinaryInputArchive(lengthAndText, {
    maxBuffer: utf8.length,
    invalidUtf8: "replace",
  });
  return archive.readString() ?? "";
}

const LENGTH_BYTES = 4;
