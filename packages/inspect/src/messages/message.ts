/** What the layouts of all messages share: where a message came from, and how an item is made of it. */
import type { AnyRecordType, JsonObject, JuteRecord } from "@jute-ts/runtime";
import type { FieldTrace } from "../field-trace.js";
import { isSecretField } from "../describe.js";
import { type Connection, type Fault, Item, type ItemFacts, type Sender } from "../item.js";
import { quantity } from "../quantity.js";
import { quotedText } from "../shown-text.js";

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
  /** How many bytes of the message were not captured, behind those that are here; 0 if absent. */
  readonly missing?: number | undefined;
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
  const { fields } = trace;
  const faults = source.missing === undefined ? trace.faults : [cutFault(source, source.missing)];
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

/** What the fields lack is not what is wrong with a message that was not captured whole. */
function cutFault({ bytes, offset }: MessageSource, missing: number): Fault {
  const were = missing === 1 ? "was" : "were";
  const reason = `${quantity(missing, "byte")} after this ${were} not captured`;
  return { offset: offset + bytes.length, path: undefined, reason };
}

/**
 * What can be said of a record that is damaged or cut: its plain fields before that, which
 * `trace` has from index `from` on.
 */
export function partialLayout(
  trace: FieldTrace,
  from: number,
  prefix: string,
  { descriptor }: AnyRecordType,
): { readonly paths: readonly string[]; readonly detail: string } {
  const paths: string[] = [];
  const shown: string[] = [];
  const plain = new Set(
    descriptor.fields.filter(({ type }) => !COMPOUND.has(type.kind)).map(({ name }) => name),
  );
  for (const { path, value, meaning } of trace.fields.slice(from)) {
    const name = path.slice(prefix.length);
    if (!plain.has(name) || isSecretField(name)) continue;
    if (typeof value === "string") {
      if (isPathField(name)) paths.push(value);
      shown.push(`${name}=${quotedText(value)}`);
    } else if (!(value instanceof Uint8Array)) {
      shown.push(`${name}=${meaning ?? String(value)}`);
    }
  }
  return { paths, detail: shown.join(" ") };
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

/** The first value of such a field is a number of elements, or part of another record. */
const COMPOUND: ReadonlySet<string> = new Set(["vector", "map", "record"]);

const PATH_LISTS: ReadonlySet<string> = new Set([
  "paths2Delete",
  "dataWatches",
  "existWatches",
  "childWatches",
  "persistentWatches",
  "persistentRecursiveWatches",
]);
