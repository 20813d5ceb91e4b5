/** An item as one JSON object, for programs. `encodeJson` takes it back. */
import type { JsonObject } from "@jute-ts/runtime";
import type { Item } from "../item.js";
import { errorName, hexLong } from "../meanings.js";
import type { TextSink } from "./text-sink.js";

/**
 * The facts and the content of an item. Zxids and session ids among the facts are
 * hexadecimal texts; records are as their `toJSON` has them.
 */
export function itemJson(item: Item): JsonObject {
  const { zxid, sessionId, err, connection, faults, paths } = item;
  return {
    kind: item.kind,
    name: item.name,
    offset: item.offset,
    length: item.length,
    ...(item.timeMs === undefined ? {} : { timeMs: item.timeMs }),
    ...(connection === undefined ? {} : { connection: { ...connection } }),
    ...(item.sender === undefined ? {} : { sender: item.sender }),
    ...(item.opCode === undefined ? {} : { opCode: item.opCode }),
    ...(item.xid === undefined ? {} : { xid: item.xid }),
    ...(zxid === undefined ? {} : { zxid: hexLong(zxid) }),
    ...(sessionId === undefined ? {} : { session: hexLong(sessionId) }),
    ...(err === undefined ? {} : { err }),
    ...(err === undefined || err === 0 ? {} : { error: errorName(err) }),
    ...(item.latencyMs === undefined ? {} : { latencyMs: item.latencyMs }),
    ...(paths.length === 0 ? {} : { paths }),
    ...item.json,
    ...(faults.length === 0 ? {} : { faults: faults.map(faultJson) }),
  };
}

/** Writes the same object as text to `sink`, which costs less than making the object. */
export function writeItemJson(item: Item, sink: TextSink): void {
  const { length } = sink;
  if (item.quick?.writeJson?.(sink) === true) return;
  sink.truncate(length);
  sink.text(JSON.stringify(itemJson(item)));
}

function faultJson({ offset, path, reason }: Item["faults"][number]): JsonObject {
  return { offset, ...(path === undefined ? {} : { path }), reason };
}
