/** The bytes of an ASCII text. A loop: `Uint8Array.from` with a function takes more than ten times as long, and every fsync of a log writes such a text. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
