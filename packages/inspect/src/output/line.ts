/** An item on one line: when, where from, what, and how long it took. */
import type { Item, ItemFacts, Sender } from "../item.js";
import type { TextSink } from "./text-sink.js";
import { errorName, hexLong, timeText } from "../meanings.js";

/** The line, and one more for each fault, without a line end. */
export function itemLine(item: Item): string {
  const line = [placeOf(item), whatOf(item), item.detail, latencyText(item.latencyMs)]
    .filter((part) => part !== "")
    .join("  ");
  if (!item.hasFaults) return line;
  return [
    line,
    ...item.faults.map(({ offset, path, reason }) => faultLine(offset, path, reason)),
  ].join("\n");
}

/** Writes the line, or lines, to `sink`, which costs less than making a text. */
export function writeItemLine(item: Item, sink: TextSink): void {
  const { length } = sink;
  if (item.quick?.writeLine?.(sink) === true) return;
  sink.truncate(length);
  sink.text(itemLine(item));
}

/** `request create xid=3 zxid=0x100000002 session=0x10…`. */
function whatOf(item: Item): string {
  const { kind, name, xid, zxid, sessionId, err } = item;
  const parts = [kind === name ? kind : `${kind} ${name}`];
  if (zxid !== undefined && zxid !== -1n) parts.push(`zxid=${hexLong(zxid)}`);
  if (sessionId !== undefined && sessionId !== 0n) parts.push(`session=${hexLong(sessionId)}`);
  if (xid !== undefined) parts.push(`xid=${xid}`);
  if (err !== undefined && err !== 0 && !item.detail.startsWith(errorName(err))) {
    parts.push(errorName(err));
  }
  return parts.join(" ");
}

/** A time in UTC. Those of captures have microseconds. */
function itemTime({ timeMs, connection }: Item): string {
  if (timeMs === undefined) return "";
  const text = timeText(timeMs);
  if (text === undefined) return "";
  if (connection === undefined) return text;
  const micros = Math.floor((timeMs - Math.floor(timeMs)) * 1000);
  return `${text.slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}

/** Where an item lies in a file, or between whom it was sent. */
export function itemPlace({
  connection,
  sender,
  offset,
}: Pick<ItemFacts, "connection" | "sender" | "offset">): string {
  if (connection === undefined) return offsetText(offset);
  const { number, opener, acceptor } = connection;
  const arrow = isAnswer(sender) ? "<" : ">";
  return `#${number} ${opener} ${arrow} ${acceptor}`;
}

/** An offset in hexadecimal, as dumps have it. */
export function offsetText(offset: number): string {
  return offset.toString(16).padStart(8, "0");
}

/** `1.234 ms` */
export function latencyText(latencyMs: number | undefined): string {
  return latencyMs === undefined ? "" : `${latencyMs.toFixed(3)} ms`;
}

/** What is wrong, and where. */
export function faultLine(offset: number, path: string | undefined, reason: string): string {
  const field = path === undefined ? "" : ` ${path}:`;
  return `  ! at byte ${offset}:${field} ${reason}`;
}

function placeOf(item: Item): string {
  const time = itemTime(item);
  return time === "" ? itemPlace(item) : `${time}  ${itemPlace(item)}`;
}

/** Whether the side that did not open the connection has sent this. */
export function isAnswer(sender: Sender | undefined): boolean {
  return sender !== undefined && ANSWERING.has(sender);
}

const ANSWERING: ReadonlySet<string> = new Set(["server", "leader", "acceptor"]);
