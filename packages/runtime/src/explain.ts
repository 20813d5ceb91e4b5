/**
 * What went wrong with which field. The straight-line code of a generated class knows that a message or
 * a record is bad, not where; so the same is read or written again field by field, which
 * fails in the same way and knows the path. docs/decisions/0002 says why.
 */
import type { InputArchive, OutputArchive } from "./archive.js";
import { BinaryOutputArchive } from "./binary-output-archive.js";
import { JuteDecodeError } from "./errors.js";
import type { WriteOptions } from "./options.js";
import type { AnyRecordType, JuteRecord } from "./record.js";
import { readFields, writeFields } from "./reflect.js";

/** An archive over one message in memory, which can be read again from its start. */
interface MessageArchive extends InputArchive {
  readonly start: number;
  readonly end: number;
  setBounds(start: number, end: number): void;
  release(): void;
}

/**
 * The error to raise when decoding the message of `input` failed with `error`: with the path of the
 * field. Releases the input.
 */
export function explainDecoding(
  error: unknown,
  type: AnyRecordType,
  input: MessageArchive,
): unknown {
  input.setBounds(input.start, input.end);
  const explained = explainDecodeError(error, type, input);
  input.release();
  return explained;
}

/**
 * The error to raise when the generated code of `type` failed with `error` on
 * the record that starts at the archive's position: with the path of the field
 * and the offset of the very value, where the straight-line code knows only the run.
 */
export function explainDecodeError(
  error: unknown,
  type: AnyRecordType,
  input: InputArchive,
): unknown {
  const { name } = type.descriptor;
  if (error instanceof RangeError) {
    // The stack ran out before the limit on depth was reached, so the limit is higher than this host allows.
    const reason = "records nest deeper than the stack of this host allows: lower maxDepth";
    return new JuteDecodeError("depth", 0, reason, name);
  }
  if (!(error instanceof JuteDecodeError)) {
    return error;
  }
  try {
    readFields(type, input);
  } catch (second) {
    return second;
  }
  // Only what follows the record can be wrong, and that has no field.
  return error.path === undefined ? error.withPath(name) : error;
}

/**
 * The error to raise when encoding `record` failed with `error`: what is wrong
 * with which field, where that can be told.
 */
export function explainEncoding(
  error: unknown,
  type: AnyRecordType,
  record: JuteRecord,
  options?: WriteOptions,
): unknown {
  try {
    writeFields(type, record, new BinaryOutputArchive(options));
  } catch (second) {
    return second;
  }
  return error;
}

/**
 * Writes a record to any archive: straight-line code for the binary one, field
 * by field for others. A binary archive is left as it was when a value is refused.
 */
export function serializeRecord(
  type: AnyRecordType,
  record: JuteRecord,
  archive: OutputArchive,
  tag?: string,
): void {
  if (archive instanceof BinaryOutputArchive) {
    const mark = archive.position - archive.origin;
    const { remainingDepth } = archive;
    try {
      type.write(archive, record);
    } catch (error) {
      archive.restore(mark, remainingDepth);
      throw explainEncoding(error, type, record, archive);
    }
    return;
  }
  archive.startRecord(record, tag);
  writeFields(type, record, archive);
  archive.endRecord(record, tag);
}
