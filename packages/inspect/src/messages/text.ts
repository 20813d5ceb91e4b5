/** Texts that no length precedes, as UTF-8. What is no UTF-8 shows as U+FFFD. */
import { BinaryInputArchive, BinaryOutputArchive } from "@jute-ts/runtime";

/** The text of these bytes. */
export function utf8Text(bytes: Uint8Array): string {
  const withLength = new Uint8Array(LENGTH_BYTES + bytes.length);
  new DataView(withLength.buffer).setInt32(0, bytes.length);
  withLength.set(bytes, LENGTH_BYTES);
  const input = new BinaryInputArchive(withLength, {
    invalidUtf8: "replace",
    maxBuffer: 0x7fff_ffff,
  });
  return input.readString() ?? "";
}

/** The bytes of a text. The caller owns them. */
export function utf8Bytes(text: string): Uint8Array {
  const output = new BinaryOutputArchive();
  output.writeString(text);
  return output.toBytes().subarray(LENGTH_BYTES);
}

const LENGTH_BYTES = 4;
