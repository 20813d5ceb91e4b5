/** Encodes JSON, line by line. */
import { encodeFile, encodeMessage } from "@jute-ts/inspect";
import { JuteEncodeError, JuteJsonError, type JsonValue, toBase64 } from "@jute-ts/runtime";
import type { ExitCode, OutputStream, Surroundings } from "../surroundings.js";
import { findRecordType } from "./record-types.js";

export interface EncodeFlags {
  readonly as: "messages" | "file";
  readonly record?: string | undefined;
  readonly schema?: readonly string[] | undefined;
  readonly framed?: true | undefined;
  readonly encoding: "hex" | "base64" | "raw";
}

/** 1 when the JSON does not describe what it should; what came before it is written. */
export function encode(
  text: string,
  flags: EncodeFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { stdout, stderr } = surroundings;
  const { record, schema = [], framed, encoding } = flags;
  const recordType =
    record === undefined ? undefined : findRecordType(record, schema, surroundings);
  const place = { line: 0 };
  try {
    const values = parsedLines(text, place);
    if (flags.as === "file") {
      writeFile(encodeFile(values), encoding, stdout);
    } else {
      for (const value of values) {
        const message = recordType === undefined ? value : { kind: "record", body: value };
        const bytes = encodeMessage(message, { framed, recordType });
        stdout.write(encoding === "raw" ? bytes : `${written(bytes, encoding)}\n`);
      }
    }
    return Promise.resolve(0);
  } catch (error) {
    const isExpected =
      error instanceof JuteJsonError ||
      error instanceof JuteEncodeError ||
      error instanceof SyntaxError ||
      error instanceof RangeError;
    if (!isExpected) throw error;
    stderr.write(`jute: line ${place.line}: ${error.message}\n`);
    return Promise.resolve(1);
  }
}

/** Bytes as they come; text when all is there, because base64 cannot be written in parts of any size. */
function writeFile(
  chunks: Iterable<Uint8Array>,
  encoding: EncodeFlags["encoding"],
  stdout: OutputStream,
): void {
  if (encoding === "raw") {
    for (const chunk of chunks) stdout.write(chunk);
  } else {
    stdout.write(`${written(Buffer.concat([...chunks]), encoding)}\n`);
  }
}

/** One value a line; a text that is one value over several lines is that value. */
function* parsedLines(
  text: string,
  place: { line: number },
): Generator<JsonValue, void, undefined> {
  const whole = wholeValue(text);
  if (whole !== undefined) {
    place.line = 1;
    yield whole;
    return;
  }
  for (const line of text.split("\n")) {
    place.line++;
    if (line.trim() !== "") yield JSON.parse(line) as JsonValue;
  }
}

function wholeValue(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function written(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  return encoding === "hex" ? Buffer.from(bytes).toString("hex") : toBase64(bytes);
}
