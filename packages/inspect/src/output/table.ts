/** Items as a table. Widths are fixed, so that rows can be written as they come; what is too long is cut. */
import type { Item } from "../item.js";
import { errorName, hexLong, timeText } from "../meanings.js";
import { itemPlace, latencyText } from "./line.js";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: "right";
  readonly cell: (item: Item) => string;
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

function fitted({ width, align }: Column, text: string): string {
  if (text.length > width) return `${text.slice(0, width - 1)}…`;
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}

function pathCell({ paths }: Item): string {
  const [first] = paths;
  if (first === undefined) return "";
  return paths.length > 1 ? `${first} +${paths.length - 1}` : first;
}

const COLUMNS: readonly Column[] = [
  {
    title: "time",
    width: 24,
    cell: ({ timeMs }) => (timeMs === undefined ? "" : (timeText(timeMs) ?? "")),
  },
  {
    title: "place",
    width: 12,
    cell: (item) =>
      item.connection === undefined ? itemPlace(item) : `#${item.connection.number}`,
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
  { title: "path", width: 40, cell: pathCell },
];
