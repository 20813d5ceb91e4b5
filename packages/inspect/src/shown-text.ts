/**
 * Texts that somebody else has chosen, in lines for people: a terminal must not obey what is in
 * them, a line must stay a line, and what is read must be in the order in which it is written.
 */

/** The text without quotes; characters that control a terminal, end a line or turn its direction are escaped. */
export function plainText(text: string): string {
  return text.replaceAll(HIDDEN, escaped);
}

/** The same as JSON writes a text, in quotes. */
export function quotedText(text: string): string {
  // What JSON does not escape by itself.
  return JSON.stringify(text).replaceAll(HIDDEN, escaped);
}

/** Whether the text in these bytes of UTF-8 is certain to be the same in both forms but for quotes and backslashes. */
export function isPlainText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte === DELETE || LEADS.has(byte)) return false;
  }
  return true;
}

function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : json;
}

/** Controls of ASCII and of Latin-1, ends of lines and paragraphs, marks and overrides of the direction. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const DELETE = 0x7f;
/** What the characters beyond ASCII begin with that are meant there, and some others. */
const LEADS: ReadonlySet<number> = new Set([0xc2, 0xd8, 0xe2]);
