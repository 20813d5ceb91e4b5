/** An item as a hex dump in which every value has its name. */
import { quantity } from "../quantity.js";
import type { Field, Item } from "../item.js";
import { faultLine, itemLine, offsetText } from "./line.js";
import { quotedText } from "../shown-text.js";

export interface DumpOptions {
  /** How many bytes of a field are shown at most. Default 64; Infinity shows all. */
  readonly maxFieldBytes?: number | undefined;
}

/** The item's line, then a row for each 16 bytes of a field: offset, bytes, path, value. Without a line end. */
export function itemDump(item: Item, options: DumpOptions = {}): string {
  const { maxFieldBytes = DEFAULT_MAX_FIELD_BYTES } = options;
  const [line = ""] = itemLine(item).split("\n");
  const rows = item.fields.flatMap((field) => fieldRows(field, item, maxFieldBytes));
  const faults = item.faults.map(({ offset, path, reason }) => faultLine(offset, path, reason));
  return [line, ...rows, ...faults].join("\n");
}

function fieldRows(field: Field, item: Item, maxFieldBytes: number): string[] {
  const { bytes } = item;
  const start = field.offset - item.offset;
  const label = `${field.path} = ${valueText(field)}`;
  if (bytes === undefined) {
    return [
      `${offsetText(field.offset)}  ${`(${quantity(field.length, "byte")})`.padEnd(HEX_WIDTH)}  ${label}`,
    ];
  }
  const shown = Math.min(field.length, Math.max(maxFieldBytes, ROW_BYTES));
  const rows: string[] = [];
  for (let at = 0; at < shown; at += ROW_BYTES) {
    const row = bytes.subarray(start + at, start + Math.min(at + ROW_BYTES, shown));
    const text = at === 0 ? label : printable(row);
    rows.push(`${offsetText(field.offset + at)}  ${hex(row).padEnd(HEX_WIDTH)}  ${text}`.trimEnd());
  }
  if (shown < field.length) rows.push(`          … ${quantity(field.length - shown, "more byte")}`);
  return rows;
}

/** A value with what it stands for. */
export function valueText({ value, meaning }: Field): string {
  if (value instanceof Uint8Array) return meaning ?? quantity(value.length, "byte");
  const text = typeof value === "string" ? quotedText(value) : String(value);
  return meaning === undefined ? text : `${text} (${meaning})`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** The bytes as characters, those that are none as dots. */
function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : ".",
  ).join("");
}

const ROW_BYTES = 16;
const HEX_WIDTH: number = 3 * ROW_BYTES - 1;
const DEFAULT_MAX_FIELD_BYTES = 64;
