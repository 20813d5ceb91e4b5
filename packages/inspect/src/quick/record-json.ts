/** From the bytes of a record to its JSON: the text that `JSON.stringify` makes of the record's `toJSON`. */
import type { TextSink } from "../output/text-sink.js";
import type { RecordPlan, ValuePlan } from "./record-plan.js";
import { BAD, intAt, NULL, type WireCursor } from "./wire-cursor.js";

/** Passes the record at the cursor. False: it is none, or has text that is no UTF-8; `sink` then holds a part. */
export function writeRecordJson(plan: RecordPlan, cursor: WireCursor, sink: TextSink): boolean {
  for (const { jsonLabel, value } of plan.fields) {
    sink.text(jsonLabel);
    if (!writeValue(value, cursor, sink)) return false;
  }
  sink.text("}");
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
      if (at >= 0) sink.decimal(intAt(bytes, at));
      return at >= 0;
    }
    case "long": {
      const at = cursor.take(8);
      if (at < 0) return false;
      sink.text('"');
      sink.long(intAt(bytes, at), intAt(bytes, at + 4));
      sink.text('"');
      return true;
    }
    case "record":
      return writeRecordJson(value.record, cursor, sink);
    case "vector":
      return writeVector(value.element, cursor, sink);
    case "ustring":
    case "buffer":
      return writeBytes(value.kind, cursor, sink);
  }
}

function writeBytes(kind: "ustring" | "buffer", cursor: WireCursor, sink: TextSink): boolean {
  const length = cursor.takeLength();
  if (length === BAD) return false;
  if (length === NULL) {
    sink.text("null");
    return true;
  }
  const start = cursor.take(length);
  if (kind === "ustring") return sink.jsonText(cursor.bytes, start, cursor.at);
  sink.text('"');
  sink.base64(cursor.bytes, start, cursor.at);
  sink.text('"');
  return true;
}

function writeVector(element: ValuePlan, cursor: WireCursor, sink: TextSink): boolean {
  const count = cursor.takeLength();
  if (count === BAD) return false;
  if (count === NULL) {
    sink.text("null");
    return true;
  }
  sink.text("[");
  for (let index = 0; index < count; index++) {
    if (index > 0) sink.text(",");
    if (!writeValue(element, cursor, sink)) return false;
  }
  sink.text("]");
  return true;
}
