/** Four-letter words: four characters instead of a frame, answered by a text, after which the server hangs up. */
import { quantity } from "../quantity.js";
import { Item, type ItemFacts } from "../item.js";
import type { MessageSource } from "../messages/message.js";
import { utf8Text } from "../messages/text.js";
import { quotedText } from "../shown-text.js";

/** The word that these four bytes are; undefined for anything else. */
export function fourLetterWord(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 4) return undefined;
  const word = String.fromCharCode(...bytes);
  return WORDS.has(word) ? word : undefined;
}

/** What is said on such a connection. */
export const FourLetterFormat = {
  layWord: (source: MessageSource): Item => item(source, "word", utf8Text(source.bytes)),
  /** `stmk` is followed by a number; anything else is ignored by servers. */
  layRest: (source: MessageSource): Item =>
    item(source, "argument", quantity(source.bytes.length, "byte")),
  layAnswer: (source: MessageSource): Item => item(source, "answer", firstLine(source.bytes)),
};

function item(source: MessageSource, name: string, detail: string): Item {
  const { bytes, offset, timeMs, connection, sender } = source;
  const { length } = bytes;
  const facts: ItemFacts = {
    kind: "fourLetterWord",
    name,
    offset,
    length,
    bytes,
    timeMs,
    connection,
    sender,
  };
  const text = utf8Text(bytes);
  const field = { path: name, offset, length, value: bytes, meaning: quotedText(text) };
  return new Item(facts, { fields: [field], faults: [], paths: [], detail, json: { text } });
}

function firstLine(bytes: Uint8Array): string {
  const [line = ""] = utf8Text(bytes.subarray(0, SHOWN_BYTES)).split("\n");
  return quotedText(line);
}

const SHOWN_BYTES = 120;

const WORDS: ReadonlySet<string> = new Set([
  "conf",
  "cons",
  "crst",
  "dirs",
  "dump",
  "envi",
  "gtmk",
  "hash",
  "isro",
  "mntr",
  "ruok",
  "srst",
  "srvr",
  "stat",
  "stmk",
  "wchc",
  "wchp",
  "wchs",
]);
