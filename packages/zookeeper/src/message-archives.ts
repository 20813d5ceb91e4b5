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
  JuteDecodeError,
  JuteEncodeError,
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
import { NEVER_NULL_IN_REQUESTS as NEVER_NULL } from "./record-types.js";
import type { ACL, CreateRequestInit } from "./records.js";
import { UnknownOpCodeError } from "./unknown-op-code.js";

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

/**
 * The same for a request: a plain object must not lack what no request may lack, nor one in its
 * access control list. Null in a record is written, because a proxy passes on what it has read.
 */
export function requestRecordFrom(type: AnyRecordType, value: unknown): JuteRecord {
  const record = recordFrom(type, value);
  if (record === value) return record;
  const names = type === lastType ? lastNames : requiredNames(type);
  const values = record as unknown as Readonly<Record<string, unknown>>;
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? "";
    const field = values[name];
    if (field === null) throw lacking(type, name);
    if (name === "acl") requireIdentities(type, field, value as Pick<CreateRequestInit, "acl">);
  }
  return record;
}

/** Whatever is no list of entries is refused when it is written. */
function requireIdentities(
  type: AnyRecordType,
  acl: unknown,
  given: Pick<CreateRequestInit, "acl">,
): void {
  if (!Array.isArray(acl)) return;
  for (let index = 0; index < acl.length; index++) {
    const entry = acl[index] as Partial<ACL> | null | undefined;
    const id = entry?.id;
    if (id?.scheme !== null && id?.id !== null) continue;
    const from = given.acl?.[index];
    if (from === entry || from?.id === id) continue;
    throw lacking(type, `acl[${index}].id.${id.scheme === null ? "scheme" : "id"}`);
  }
}

function lacking(type: AnyRecordType, field: string): JuteEncodeError {
  const path = `${type.descriptor.name}.${field}`;
  return new JuteEncodeError("null", "missing or null, and no request may lack it", path);
}

function requiredNames(type: AnyRecordType): readonly string[] {
  let names = required.get(type);
  if (names === undefined) {
    const all = type.descriptor.fields.map(({ name }) => name);
    names = all.filter((name) => Object.hasOwn(NEVER_NULL, name));
    required.set(type, names);
  }
  lastType = type;
  lastNames = names;
  return names;
}

// Requests of one kind come in a row.
let lastType: AnyRecordType | undefined;
let lastNames: readonly string[] = [];
const required = new WeakMap<AnyRecordType, readonly string[]>();

/** The list itself. Throws JuteEncodeError for what is none, of which JavaScript knows nothing. */
export function listOfParts<T extends object>(parts: readonly T[], what: string): readonly T[] {
  const list: unknown = parts;
  if (!Array.isArray(list)) {
    const reason = `${describeValue(list)} is no list of parts: give an array of { type, body }`;
    throw new JuteEncodeError("type", reason, what);
  }
  list.forEach((part: unknown, index) => {
    if (typeof part === "object" && part !== null) return;
    const reason = `${describeValue(part)} is no part: give { type, body }`;
    throw new JuteEncodeError("type", reason, `${what}[${index}]`);
  });
  return parts;
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Writes the header of a message. Throws JuteEncodeError, with the field, for a value that it does not allow. */
export function writeHeader<T extends JuteRecord>(
  output: BinaryOutputArchive,
  type: AnyRecordType<T>,
  header: T,
): void {
  try {
    type.write(output, header);
  } catch (error) {
    throw explainEncoding(error, type, header);
  }
}

/**
 * The error to raise when bytes cannot be decoded: with a hint where they begin with their own
 * length, as they travel on a client's connection.
 */
export function explainFrame(error: unknown, source: MessageSource): unknown {
  if (!isFramed(source)) return error;
  if (error instanceof JuteDecodeError) {
    const { kind, offset, reason, path } = error;
    return new JuteDecodeError(kind, offset, `${reason} (${FRAMED})`, path);
  }
  if (error instanceof UnknownOpCodeError) {
    const { code, place, xid } = error;
    return new UnknownOpCodeError(code, place, xid, FRAMED);
  }
  return error instanceof RangeError ? new RangeError(`${error.message} (${FRAMED})`) : error;
}

/** Whether bytes begin with their own length. So may a message, where the number of the request happens to be that. */
export function isFramed(source: MessageSource): boolean {
  if (!(source instanceof Uint8Array) || source.length < LENGTH_BYTES) return false;
  const { buffer, byteOffset, length } = source;
  return new DataView(buffer, byteOffset).getInt32(0) === length - LENGTH_BYTES;
}

const LENGTH_BYTES = 4;
const FRAMED =
  "the bytes begin with their own length, as on a connection: take it off with a FrameReader, or pass them without their first 4 bytes";

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
