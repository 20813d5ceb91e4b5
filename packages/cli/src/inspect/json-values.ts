/** JSON values of a text that is read piece by piece: one on each line, or one alone over all lines. */
import { TextDecoder } from "node:util";
import type { JsonValue } from "@jute-ts/runtime";

/** Where the last value began, for messages. */
export interface JsonPlace {
  /** Counted from 1. */
  line: number;
}

/** Holds one line at a time, or of a value over several lines all of it. Throws SyntaxError. */
export async function* jsonValues(
  chunks: AsyncIterable<Uint8Array>,
  place: JsonPlace,
): AsyncGenerator<JsonValue, void, undefined> {
  let line = 0;
  let isFirst = true;
  const lines = linesOf(chunks);
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    place.line = line;
    let value: JsonValue;
    try {
      value = parsed(text);
    } catch (error) {
      if (!isFirst) throw error;
      // Only the value that begins here can go on over all lines.
      yield await wholeValue(text, lines, error);
      return;
    }
    isFirst = false;
    yield value;
  }
}

/** `error` says what is wrong with the first line, if it does not go on. */
async function wholeValue(
  first: string,
  lines: AsyncGenerator<string>,
  error: unknown,
): Promise<JsonValue> {
  let text = first;
  for await (const line of lines) {
    text += `\n${line}`;
    if (text.length > MAX_VALUE_CHARACTERS) throw error;
  }
  try {
    return parsed(text);
  } catch {
    throw error;
  }
}

function parsed(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** The lines without their ends. Throws SyntaxError for what is no UTF-8, or too long. */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let held = "";
  for await (const chunk of chunks) {
    const [first = "", ...more] = decoded(decoder, chunk).split("\n");
    held += first;
    for (const next of more) {
      yield held;
      held = next;
    }
    if (held.length > MAX_VALUE_CHARACTERS) {
      throw new SyntaxError("the line is too long: more than 64 Mi characters");
    }
  }
  yield held + decoded(decoder, undefined);
}

function decoded(decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new SyntaxError("the text after this line is not UTF-8");
  }
}

const MAX_VALUE_CHARACTERS: number = 64 << 20;
