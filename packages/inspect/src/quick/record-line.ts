/** From the bytes of a record to its values on one line: the text that `describeRecord` makes of the record. */
import { formatPerms } from "@jute-ts/zookeeper";
import { SHOWN_BYTES, SHOWN_ELEMENTS, SHOWN_TEXT } from "../describe.js";
import { isTextByte } from "../meanings.js";
import type { TextSink } from "../output/text-sink.js";
import type { RecordPlan, ValuePlan } from "./record-plan.js";
import { skipValue } from "./skip-record.js";
import { intAt, NULL, type WireCursor } from "./wire-cursor.js";
import { isPlainText } from "../shown-text.js";

/** Passes the record at the cursor. False: it is none, or has text that only the decoder reads; `sink` then holds a part. */
export function writeRecordLine(plan: RecordPlan, cursor: WireCursor, sink: TextSink): boolean {
  for (const { lineLabel, value, isSecret } of plan.fields) {
    if (isSecret) return false;
    sink.text(lineLabel);
    if (!writeValue(value, cursor, sink)) return false;
  }
  return true;
}

function writeValue(value: ValuePlan, cursor: WireCursor, sink: TextSink): boolean {
  const { bytes } = cursor;
  switch (value.kind) {
    case "boolean": {
      const at = cursor.take(1);
      if (at >= 0) sink.text(bytes[at] === 0 ? "false" : "true");
      return at >= 0;
    }
    case "int": {
      const at = cursor.take(4);
      if (at < 0) return false;
      const number = intAt(bytes, at);
      const meaning = value.meaning?.(number);
      if (meaning === undefined) sink.decimal(number);
      else sink.text(meaning);
      return true;
    }
    case "long": {
      const at = cursor.take(8);
      if (at < 0 || value.hasMeaning) return false;
      sink.long(intAt(bytes, at), intAt(bytes, at + 4));
      return true;
    }
    case "record":
      if (value.form === "acl") return writeAcl(cursor, sink);
      if (value.form === "stat") return writeStat(cursor, sink);
      sink.text("{");
      if (!writeRecordLine(value.record, cursor, sink)) return false;
      sink.text("}");
      return true;
    case "vector":
      return writeVector(value.element, cursor, sink);
    case "ustring":
      return writeText(cursor, sink);
    case "buffer":
      return writeBytes(cursor, sink);
  }
}

function writeText(cursor: WireCursor, sink: TextSink): boolean {
  const length = cursor.takeLength();
  if (length === NULL) sink.text("null");
  if (length < 0) return length === NULL;
  const start = cursor.take(length);
  // What may have to be cut is cut by the number of its characters.
  return (
    length <= SHOWN_TEXT &&
    isPlainText(cursor.bytes, start, cursor.at) &&
    sink.jsonText(cursor.bytes, start, cursor.at)
  );
}

function writeBytes(cursor: WireCursor, sink: TextSink): boolean {
  const length = cursor.takeLength();
  if (length === NULL) sink.text("null");
  if (length < 0) return length === NULL;
  const start = cursor.take(length);
  if (length > 0 && length <= SHOWN_BYTES && isText(cursor.bytes, start, cursor.at)) {
    return sink.jsonText(cursor.bytes, start, cursor.at);
  }
  sink.decimal(length);
  sink.text(length === 1 ? " byte" : " bytes");
  return true;
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isTextByte(bytes[at] ?? 0)) return false;
  return true;
}

function writeVector(element: ValuePlan, cursor: WireCursor, sink: TextSink): boolean {
  const count = cursor.takeLength();
  if (count === NULL) sink.text("null");
  if (count < 0) return count === NULL;
  sink.text("[");
  for (let index = 0; index < count; index++) {
    if (index >= SHOWN_ELEMENTS) {
      if (!skipValue(element, cursor)) return false;
      continue;
    }
    if (index > 0) sink.text(", ");
    if (!writeValue(element, cursor, sink)) return false;
  }
  if (count > SHOWN_ELEMENTS) sink.text(`, … ${count - SHOWN_ELEMENTS} more`);
  sink.text("]");
  return true;
}

/** `world:anyone:cdrwa` */
function writeAcl(cursor: WireCursor, sink: TextSink): boolean {
  const perms = cursor.take(4);
  if (perms < 0 || !writePlainText(cursor, sink)) return false;
  sink.text(":");
  if (!writePlainText(cursor, sink)) return false;
  sink.text(":");
  sink.text(permsText(intAt(cursor.bytes, perms)));
  return true;
}

/** `{v3 25 bytes 0 children}` */
function writeStat(cursor: WireCursor, sink: TextSink): boolean {
  const at = cursor.take(STAT_BYTES);
  if (at < 0) return false;
  const { bytes } = cursor;
  const dataLength = intAt(bytes, at + 52);
  const numChildren = intAt(bytes, at + 56);
  sink.text("{v");
  sink.decimal(intAt(bytes, at + 32));
  sink.text(" ");
  sink.decimal(dataLength);
  sink.text(dataLength === 1 ? " byte " : " bytes ");
  sink.decimal(numChildren);
  sink.text(numChildren === 1 ? " child" : " children");
  const isEphemeral = intAt(bytes, at + 44) !== 0 || intAt(bytes, at + 48) !== 0;
  sink.text(isEphemeral ? " ephemeral}" : "}");
  return true;
}

function writePlainText(cursor: WireCursor, sink: TextSink): boolean {
  const length = cursor.takeLength();
  if (length === NULL) sink.text("null");
  if (length < 0) return length === NULL;
  const start = cursor.take(length);
  return isPlainText(cursor.bytes, start, cursor.at) && sink.copy(cursor.bytes, start, cursor.at);
}

function permsText(perms: number): string {
  return PERMS[perms] ?? formatPerms(perms);
}

/** All that can be granted. */
const PERMS: readonly string[] = Array.from({ length: 32 }, (_, perms) => formatPerms(perms));
/** Of a Stat: four longs, three ints, the owner, two ints, a zxid. */
const STAT_BYTES = 68;
