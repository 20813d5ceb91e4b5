/**
 * Where whole messages begin and end in the archives that records are encoded
 * and decoded with. All messages share those archives. That is safe, because
 * nothing of the caller's runs between a start and its finish: plain objects
 * are turned into records before the start.
 */
import {
  type AnyRecordType,
  BinaryInputArchive,
  type BinaryOutputArchive,
  type JuteRecord,
  type ReadOptions,
  type WriteOptions,
} from "@jute-ts/runtime";
import {
  explainEncoding,
  finishDecoding,
  finishEncoding,
  startDecoding,
  startEncoding,
} from "@jute-ts/runtime/codegen";

/**
 * A message to decode, without its frame: its bytes, or an archive that stands at
 * its start, as a FrameReader yields. An archive has been given its options
 * already, so those of the decoding function do not count for it.
 */
export type MessageSource = Uint8Array | BinaryInputArchive;

/** How a message is written. */
export interface MessageWriteOptions extends WriteOptions {
  /**
   * Puts the message's length in front, in four bytes, as it travels on a client's
   * connection. Default false: the message alone, which is what the decoding
   * functions take and what a FrameReader yields.
   */
  readonly framed?: boolean | undefined;
}

/** An archive for one message, its frame begun if the options ask for one. */
export function startMessage(options: MessageWriteOptions | undefined): BinaryOutputArchive {
  const output = startEncoding(options);
  if (options?.framed === true) output.startFrame();
  return output;
}

/**
 * The record itself, or a new one from a plain object. Throws a JuteEncodeError
 * for null and for what is neither.
 */
export function recordFrom<T extends JuteRecord>(type: AnyRecordType<T>, value: unknown): T {
  const record: unknown = type.from(value);
  if (typeof record === "object" && record !== null) return record as T;
  // Whatever cannot become a record stays as it is, and is refused like a field that holds it.
  throw explainEncoding(new TypeError("not a record"), type, record as T);
}

/** The message as bytes that the caller owns. */
export function finishMessage(
  output: BinaryOutputArchive,
  options: MessageWriteOptions | undefined,
): Uint8Array {
  // The frame, if any, is the first thing in the archive, so its mark is 0.
  if (options?.framed === true) output.endFrame(0);
  return finishEncoding(output);
}

/** An archive at the start of the message. */
export function startReading(
  source: MessageSource,
  options: ReadOptions | undefined,
): BinaryInputArchive {
  return source instanceof BinaryInputArchive ? source : startDecoding(source, options);
}

/** Makes sure that the message has been read to its end. */
export function finishReading(source: MessageSource, input: BinaryInputArchive): void {
  if (source === input) {
    input.finish();
  } else {
    finishDecoding(input);
  }
}

/** Ends the reading of a message whose rest does not matter. */
export function abandonReading(source: MessageSource, input: BinaryInputArchive): void {
  input.position = input.end;
  finishReading(source, input);
}

/** Reads one record at the start of the message. An archive is left where it was. */
export function peekRecord<T extends JuteRecord>(source: MessageSource, type: AnyRecordType<T>): T {
  const input = startReading(source, undefined);
  const { position } = input;
  const record = input.readRecord(type);
  if (source === input) {
    input.position = position;
  } else {
    abandonReading(source, input);
  }
  return record;
}
