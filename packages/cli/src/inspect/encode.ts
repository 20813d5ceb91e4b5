/** Encodes JSON, value by value: as it is read, and no faster than it is written. */
import { encodeMessage, FileEncoder } from "@jute-ts/inspect";
import { JuteEncodeError, JuteJsonError } from "@jute-ts/runtime";
import type { ExitCode, Surroundings } from "../surroundings.js";
import { fileSource } from "./input.js";
import { type JsonPlace, jsonValues } from "./json-values.js";
import { findRecordType } from "./record-types.js";
import { ResultWriter } from "./result-writer.js";

export interface EncodeFlags {
  readonly as: "messages" | "file";
  readonly record?: string | undefined;
  readonly schema?: readonly string[] | undefined;
  readonly framed?: true | undefined;
  readonly encoding: "hex" | "base64" | "raw";
}

/** 1 when the JSON does not describe what it should; what came before it is written. */
export async function encode(
  file: string,
  flags: EncodeFlags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { record, schema = [] } = flags;
  const recordType =
    record === undefined ? undefined : findRecordType(record, schema, surroundings);
  const source = fileSource(file, "raw", surroundings);
  const place: JsonPlace = { line: 1 };
  const writer = new ResultWriter(surroundings.stdout);
  const encoder = flags.as === "file" ? new FileEncoder() : undefined;
  const output = new EncodedOutput(flags.encoding, writer);
  try {
    for await (const value of jsonValues(source.chunks(), place)) {
      if (encoder === undefined) {
        const message = recordType === undefined ? value : { kind: "record", body: value };
        output.write(encodeMessage(message, { framed: flags.framed, recordType }));
        output.endLine();
      } else {
        for (const chunk of encoder.write(value)) output.write(chunk);
      }
      await writer.drained();
    }
    if (encoder !== undefined) {
      for (const chunk of encoder.finish()) output.write(chunk);
      output.endLine();
    }
    writer.flush();
    await writer.drained();
    return 0;
  } catch (error) {
    const isExpected =
      error instanceof JuteJsonError ||
      error instanceof JuteEncodeError ||
      error instanceof SyntaxError ||
      error instanceof RangeError;
    if (!isExpected) throw error;
    writer.flush();
    surroundings.stderr.write(`jute: line ${place.line}: ${error.message}\n`);
    return 1;
  }
}

/** Writes bytes as they are, or as text that has a line for each message or file. */
class EncodedOutput {
  readonly #encoding: EncodeFlags["encoding"];
  readonly #writer: ResultWriter;
  /** Up to two bytes: base64 has four characters for three. */
  #rest = new Uint8Array(0);

  constructor(encoding: EncodeFlags["encoding"], writer: ResultWriter) {
    this.#encoding = encoding;
    this.#writer = writer;
  }

  write(bytes: Uint8Array): void {
    const { sink } = this.#writer;
    if (this.#encoding === "raw") {
      sink.raw(bytes);
    } else if (this.#encoding === "hex") {
      sink.text(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex"));
    } else {
      const all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
      const whole = all.length - (all.length % 3);
      sink.base64(all, 0, whole);
      this.#rest = all.slice(whole);
    }
    this.#writer.endPiece();
  }

  endLine(): void {
    if (this.#encoding === "raw") return;
    this.#writer.sink.base64(this.#rest, 0, this.#rest.length);
    this.#rest = new Uint8Array(0);
    this.#writer.endLine();
  }
}
