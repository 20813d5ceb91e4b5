/**
 * The archives of `encode` and `decode`. Both are shared by all records, so
 * that a call costs no archive of its own. Between a start and its finish only
 * records may be written or read: another start would take the archive away.
 */
import { BinaryInputArchive } from "./binary-input-archive.js";
import { BinaryOutputArchive } from "./binary-output-archive.js";
import { DEFAULT_MAX_DEPTH } from "./limits.js";
import type { GatherOptions, ReadOptions, WriteOptions } from "./options.js";
import type { JuteRecord } from "./record.js";
import { copyOf, SHARED_RESULT, SLAB_SIZE } from "./slab.js";

const encoder = newEncoder();
/** For calls with options. Made when it is first needed, because of its memory. */
let configuredEncoder: BinaryOutputArchive | undefined;

function newEncoder(): BinaryOutputArchive {
  return new BinaryOutputArchive({ initialCapacity: SLAB_SIZE, joinStrings: true });
}

/** The archive to encode one owned message with, after everything that earlier callers own. */
export function startEncoding(options?: WriteOptions): BinaryOutputArchive {
  const output = options === undefined ? encoder : configured(options);
  output.reset();
  return output;
}

function configured(options: WriteOptions): BinaryOutputArchive {
  configuredEncoder ??= newEncoder();
  configuredEncoder.strings = options.strings ?? "utf8";
  configuredEncoder.maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  return configuredEncoder;
}

/** What was encoded since `startEncoding`. It is the caller's: no later call writes to it. */
export function finishEncoding(output: BinaryOutputArchive): Uint8Array {
  const { origin, position } = output;
  const length = position - origin;
  if (length > SHARED_RESULT) {
    return finishLarge(output, length);
  }
  output.origin = position;
  return new Uint8Array(output.buffer, origin, length);
}

function finishLarge(output: BinaryOutputArchive, length: number): Uint8Array {
  const { bytes, origin } = output;
  if (bytes.length <= SLAB_SIZE) {
    // The slab goes on to serve small messages from the same place.
    return copyOf(output.buffer, origin, length);
  }
  // A large message has grown a buffer of its own, which is given away unless much of it is empty.
  const result =
    length * 2 >= bytes.length
      ? new Uint8Array(output.buffer, origin, length)
      : copyOf(output.buffer, origin, length);
  output.replaceBuffer();
  return result;
}

/** Copying a buffer of this many bytes costs more than a place of its own in a gather list. */
const GATHERED_BUFFER = 4096;

/**
 * Encodes a record into the pieces of a `writev`. Small pieces are the caller's
 * own; large buffers of the record stand between them as they are, uncopied, so
 * they must not change until the pieces are sent.
 */
export function encodeParts(record: JuteRecord, options?: GatherOptions): Uint8Array[] {
  const output = startEncoding(options);
  output.gatherFrom = options?.gatherFrom ?? GATHERED_BUFFER;
  try {
    record.serialize(output);
    return output.parts();
  } finally {
    output.gatherFrom = Infinity;
    if (output.bytes.length > SLAB_SIZE) {
      output.replaceBuffer();
    } else {
      output.origin = output.position;
    }
  }
}

const decoder = new BinaryInputArchive();
const configuredDecoder = new BinaryInputArchive();

/** The archive to decode one message with. It borrows `bytes` until `finishDecoding`. */
export function startDecoding(bytes: Uint8Array, options?: ReadOptions): BinaryInputArchive {
  let input = decoder;
  if (options !== undefined) {
    input = configuredDecoder;
    input.configure(options);
  }
  input.reset(bytes);
  return input;
}

/** Makes sure that the message was read to its end, and releases it. Returns the record that was read. */
export function finishDecoding(input: BinaryInputArchive): void;
export function finishDecoding<T>(input: BinaryInputArchive, record: T): T;
export function finishDecoding(input: BinaryInputArchive, record?: unknown): unknown {
  input.finish();
  input.release();
  return record;
}
