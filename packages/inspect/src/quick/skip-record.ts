/** Walks over a record without making it, and finds the znodes that it names. */
import type { RecordPlan, ValuePlan } from "./record-plan.js";
import { BAD, NULL, type WireCursor } from "./wire-cursor.js";

/**
 * Passes the record at the cursor. The start and end of each path that it names, without its
 * length, are added to `paths`. False: no such record stands there, or a path is null; the
 * cursor is then anywhere.
 */
export function skipRecord(plan: RecordPlan, cursor: WireCursor, paths: number[]): boolean {
  for (const { value, isPath } of plan.fields) {
    const isRead = isPath ? skipPath(value, cursor, paths) : skipValue(value, cursor);
    if (!isRead) return false;
  }
  return true;
}

function skipPath(value: ValuePlan, cursor: WireCursor, paths: number[]): boolean {
  if (value.kind === "vector") {
    const count = cursor.takeLength();
    if (count === BAD || (count === NULL && value.nonNull)) return false;
    for (let index = 0; index < count; index++) {
      if (!skipPath(value.element, cursor, paths)) return false;
    }
    return true;
  }
  if (value.kind !== "ustring") return false;
  const length = cursor.takeLength();
  if (length < 0) return false;
  paths.push(cursor.at, cursor.at + length);
  cursor.at += length;
  return true;
}

/** Passes one value. */
export function skipValue(value: ValuePlan, cursor: WireCursor): boolean {
  switch (value.kind) {
    case "boolean":
      return cursor.take(1) >= 0;
    case "int":
      return cursor.take(4) >= 0;
    case "long":
      return cursor.take(8) >= 0;
    case "ustring":
    case "buffer": {
      const length = cursor.takeLength();
      if (length === BAD || length === NULL) return length === NULL && !value.nonNull;
      cursor.at += length;
      return true;
    }
    case "vector": {
      const count = cursor.takeLength();
      if (count === BAD || (count === NULL && value.nonNull)) return false;
      for (let index = 0; index < count; index++) {
        if (!skipValue(value.element, cursor)) return false;
      }
      return true;
    }
    case "record":
      for (const field of value.record.fields) if (!skipValue(field.value, cursor)) return false;
      return true;
  }
}
