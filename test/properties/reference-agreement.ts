/** What it means that a generated class and the slow twin agree, in one place for every suite that asks. */
import { JuteDecodeError, type AnyRecordType, type JuteRecord } from "@jute-ts/runtime";
import { contentText, referenceDecode, referenceEncode, Refused } from "./reference-codec.js";

/** Throws when the two disagree about the bytes of this record, or about the record in these bytes. */
export function checkAgreement(type: AnyRecordType, record: JuteRecord): void {
  const { descriptor } = type;
  for (const strings of ["utf8", "java"] as const) {
    const bytes = record.encode({ strings });
    const expected = referenceEncode(descriptor, record, strings);
    if (bytes.join() !== expected.join()) {
      throw new Error(
        `${descriptor.fullName}: ${strings} bytes ${hex(bytes)} instead of ${hex(expected)} for ${contentText(descriptor, record)}`,
      );
    }
    const decoded: JuteRecord = type.decode(Uint8Array.from(expected));
    expectContent(
      type,
      contentText(descriptor, decoded),
      contentText(descriptor, record),
      "decode",
    );
    const reference = referenceDecode(descriptor, bytes);
    expectContent(
      type,
      contentText(descriptor, reference),
      contentText(descriptor, record),
      "the twin's decode",
    );
  }
}

export type Verdict = { readonly record: JuteRecord } | { readonly error: JuteDecodeError };

/**
 * Decodes bytes of any kind and throws unless the outcome is one of the two
 * allowed ones: a record, equal to the twin's and stable under encoding, or a
 * JuteDecodeError that says where, and which the twin confirms by refusing too.
 */
export function checkVerdict(type: AnyRecordType, bytes: Uint8Array): Verdict {
  const { descriptor } = type;
  const untouched = hex(bytes);
  const verdict = decodeOrRefuse(type, bytes);
  let expected: string | Refused;
  try {
    expected = contentText(descriptor, referenceDecode(descriptor, bytes));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expected = error;
  }
  if (hex(bytes) !== untouched) throw new Error("decode changed its input");

  if ("error" in verdict) {
    if (typeof expected === "string") {
      throw new Error(`refused ("${verdict.error.message}"), but the twin reads ${expected}`);
    }
    checkError(type, bytes, verdict.error);
    return verdict;
  }
  if (typeof expected !== "string") {
    throw new Error(`read ${verdict.record.toString()}, but the twin refuses: ${expected.message}`);
  }
  const { record } = verdict;
  expectContent(type, contentText(descriptor, record), expected, "decode");
  const again = record.encode();
  if (again.length !== record.byteLength()) throw new Error("byteLength is not exact");
  if (!type.decode(again).equals(record)) throw new Error("encoding it again changes the record");
  return verdict;
}

function decodeOrRefuse(type: AnyRecordType, bytes: Uint8Array): Verdict {
  try {
    return { record: type.decode(bytes) };
  } catch (error) {
    if (error instanceof JuteDecodeError) return { error };
    throw new Error(`decode threw something else than a JuteDecodeError: ${String(error)}`, {
      cause: error,
    });
  }
}

function checkError(type: AnyRecordType, bytes: Uint8Array, error: JuteDecodeError): void {
  if (!KINDS.has(error.kind)) throw new Error(`unknown kind ${error.kind}`);
  const offsetInRange =
    Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= bytes.length;
  if (!offsetInRange) {
    throw new Error(`offset ${String(error.offset)} of ${String(bytes.length)} bytes`);
  }
  const { name, fields } = type.descriptor;
  if (error.kind === "trailing") return;
  const path = error.path ?? "";
  const first = /^(\w+)(?:\.(\w+))?/.exec(path);
  if (first?.[1] !== name) throw new Error(`path "${path}" does not start with ${name}`);
  const [, , fieldName] = first;
  const knowsField = fields.some((field) => field.name === fieldName);
  // A recursive record can be refused as a whole, before any of its fields.
  if (!knowsField && error.kind !== "depth") throw new Error(`path "${path}" names no field`);
}

function expectContent(type: AnyRecordType, actual: string, expected: string, by: string): void {
  if (actual !== expected) {
    throw new Error(`${type.descriptor.fullName}: ${by} gives ${actual} instead of ${expected}`);
  }
}

/** Bytes as people write them in issues. */
function hex(bytes: Iterable<number>): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

const KINDS: ReadonlySet<string> = new Set([
  "truncated",
  "length",
  "count",
  "null",
  "utf8",
  "trailing",
  "depth",
]);
