/** What the layouts of all messages share: where a message came from, and how an item is made of it. */
import type { JsonObject, JuteRecord } from "@jute-ts/runtime";
import type { FieldTrace } from "../field-trace.js";
import { type Connection, Item, type ItemFacts, type Sender } from "../item.js";

/** A message as it was found. */
export interface MessageSource {
  /** With its frame, if it has one. */
  readonly bytes: Uint8Array;
  /** Where the first byte lies in the source. */
  readonly offset: number;
  /** Whether the first four bytes are the length of the others. */
  readonly framed?: boolean | undefined;
  readonly timeMs?: number | undefined;
  readonly latencyMs?: number | undefined;
  readonly sessionId?: bigint | undefined;
  readonly connection?: Connection | undefined;
  readonly sender?: Sender | undefined;
}

/** What a layout found out besides the fields. */
export interface MessageContent {
  readonly paths?: readonly string[] | undefined;
  readonly innerOps?: readonly string[] | undefined;
  readonly detail: string;
  readonly json: JsonObject;
}

/** The item of a message whose bytes `trace` has taken apart. What is left of them becomes a field, too. */
export function messageItem(
  source: MessageSource,
  facts: Pick<ItemFacts, "kind" | "name" | "opCode" | "xid" | "zxid" | "err" | "sessionId">,
  trace: FieldTrace,
  { paths = [], innerOps, detail, json }: MessageContent,
): Item {
  trace.finish();
  const { bytes, offset, timeMs, latencyMs, connection, sender } = source;
  const { fields, faults } = trace;
  return new Item(
    {
      ...facts,
      offset,
      length: bytes.length,
      bytes,
      timeMs,
      latencyMs,
      connection,
      sender,
      sessionId: facts.sessionId ?? source.sessionId,
    },
    { fields, faults, paths, innerOps, detail, json },
  );
}

/** Reads the frame's length, if the message has one. */
export function traceFrame(trace: FieldTrace, source: MessageSource): void {
  if (source.framed === true) trace.int("frame", () => "bytes");
}

/** The znodes that a record names. */
export function pathsOf(record: JuteRecord): string[] {
  const paths: string[] = [];
  for (const [name, value] of Object.entries(record) as [string, unknown][]) {
    if (name === "path" && typeof value === "string") paths.push(value);
    if (PATH_LISTS.has(name) && Array.isArray(value)) {
      for (const each of value) if (typeof each === "string") paths.push(each);
    }
  }
  return paths;
}

/** Whether a field of this name holds a path, or paths. */
export function isPathField(name: string): boolean {
  return name === "path" || PATH_LISTS.has(name);
}

/** Joins what is not empty. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

const PATH_LISTS: ReadonlySet<string> = new Set([
  "paths2Delete",
  "dataWatches",
  "existWatches",
  "childWatches",
  "persistentWatches",
  "persistentRecursiveWatches",
]);
