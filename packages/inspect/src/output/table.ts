/** Items as a table. Widths are fixed, so that rows can be written as they come; what is too long is cut. */
import type { Item } from "../item.js";
import { errorName, hexLong, timeText } from "../meanings.js";
import { isAscii } from "../quick/path-index.js";
import { TimeWriter } from "../quick/time-writer.js";
import { itemPlace, latencyText } from "./line.js";
import type { TextSink } from "./text-sink.js";
import { isPlainText, plainText } from "../shown-text.js";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: "right";
  readonly cell: (item: Item) => string;
  /** Writes the same for less. False: nothing is written. */
  readonly write?: (item: Item, sink: TextSink) => boolean;
}

/** The titles and a line below them, without a line end. */
export function tableHead(): string {
  const titles = COLUMNS.map((column) => fitted(column, column.title)).join("  ");
  const rule = COLUMNS.map(({ width }) => "-".repeat(width)).join("  ");
  return `${titles.trimEnd()}\n${rule}`;
}

/** One row, without a line end. */
export function tableRow(item: Item): string {
  return COLUMNS.map((column) => fitted(column, column.cell(item)))
    .join("  ")
    .trimEnd();
}

/** Writes the row to `sink`, which costs less than making a text. */
export function writeTableRow(item: Item, sink: TextSink): void {
  for (const column of FIRST_COLUMNS) {
    const start = sink.length;
    if (column.write?.(item, sink) !== true) writeCell(column, column.cell(item), sink);
    sink.pad(start, column.width + SEPARATOR_BYTES);
  }
  const length = sink.length - SEPARATOR_BYTES;
  if (writePathCell(item, sink)) return;
  const path = fitted(PATH_COLUMN, pathCell(item)).trimEnd();
  // The column before it is never empty.
  if (path === "") sink.truncate(length);
  else sink.text(path);
}

/** Writes the last cell from the bytes of the paths. False: nothing is written, and only their texts will do. */
function writePathCell({ quick }: Item, sink: TextSink): boolean {
  const places = { bytes: NO_BYTES, start: 0, end: 0, count: 0 };
  const isFound = quick?.eachPath?.((bytes, start, end) => {
    if (places.count++ > 0) return;
    places.bytes = bytes;
    places.start = start;
    places.end = end;
  });
  const { bytes, start, end, count } = places;
  // A space at the end of a row is not shown.
  if (isFound !== true || end === start || (bytes[end - 1] ?? 0) <= SPACE) return false;
  if (!isAscii(bytes, start, end) || !isPlainText(bytes, start, end)) return false;
  const others = count > 1 ? ` +${count - 1}` : "";
  const { width } = PATH_COLUMN;
  const isCut = end - start + others.length > width;
  if (isCut && end - start < width) return false;
  sink.copy(bytes, start, isCut ? start + width - 1 : end);
  sink.text(isCut ? "…" : others);
  return true;
}

function writeCell(column: Column, text: string, sink: TextSink): void {
  if (text === "") return;
  const shown =
    text.length > column.width || column.align === "right" ? fitted(column, text) : text;
  sink.text(shown);
  // A character of several bytes takes one place.
  if (text.length > column.width) sink.text(SEPARATOR);
}

function fitted({ width, align }: Column, text: string): string {
  if (text.length > width) return `${text.slice(0, width - 1)}…`;
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}

function pathCell({ paths }: Item): string {
  const [first] = paths;
  if (first === undefined) return "";
  const shown = plainText(first);
  return paths.length > 1 ? `${shown} +${paths.length - 1}` : shown;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
const SPACE = 0x20;
const SEPARATOR = "  ";
const SEPARATOR_BYTES = SEPARATOR.length;
const times = new TimeWriter();
const YEAR_10000_MS = 253_402_300_800_000;
const TWO_32 = 4_294_967_296;

/** All of them but the path have ASCII only, where nothing is cut. */
const FIRST_COLUMNS: readonly Column[] = [
  {
    title: "time",
    width: 24,
    cell: ({ timeMs }) => (timeMs === undefined ? "" : (timeText(timeMs) ?? "")),
    // Times of five digits for the year are longer.
    write: ({ timeMs }, sink) =>
      timeMs !== undefined && timeMs < YEAR_10000_MS && times.write(timeMs, sink),
  },
  {
    title: "place",
    width: 12,
    cell: (item) =>
      item.connection === undefined ? itemPlace(item) : `#${item.connection.number}`,
    write: ({ connection, offset }, sink) => {
      if (connection !== undefined || offset >= TWO_32) return false;
      sink.hex(offset, 8);
      return true;
    },
  },
  { title: "kind", width: 12, cell: ({ kind }) => kind },
  { title: "name", width: 16, cell: ({ name }) => name },
  {
    title: "session",
    width: 18,
    cell: ({ sessionId }) => (sessionId === undefined ? "" : hexLong(sessionId)),
  },
  {
    title: "xid",
    width: 8,
    align: "right",
    cell: ({ xid }) => (xid === undefined ? "" : `${xid}`),
  },
  {
    title: "zxid",
    width: 13,
    align: "right",
    cell: ({ zxid }) => (zxid === undefined || zxid === -1n ? "" : hexLong(zxid)),
  },
  {
    title: "error",
    width: 10,
    cell: ({ err }) => (err === undefined || err === 0 ? "" : errorName(err)),
  },
  {
    title: "latency",
    width: 12,
    align: "right",
    cell: ({ latencyMs }) => latencyText(latencyMs),
  },
  { title: "bytes", width: 8, align: "right", cell: ({ length }) => `${length}` },
];
const PATH_COLUMN: Column = { title: "path", width: 40, cell: pathCell };
const COLUMNS: readonly Column[] = [...FIRST_COLUMNS, PATH_COLUMN];
