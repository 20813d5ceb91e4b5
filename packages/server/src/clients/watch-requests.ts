/** The requests about watches: setting them again, adding, checking and removing them; and the events. */
import type { TxnResult } from "@jute-ts/quorum";
import {
  type ACL,
  AddWatchMode,
  ErrorCode,
  ErrorResponse,
  EventType,
  KeeperState,
  OpCode,
  Perms,
  type RequestMessage,
  WatcherEvent,
  watcherTypeName,
  type WatcherType,
  Xid,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { SummaryName } from "../admin/measurements.js";
import type { ClientConnection } from "./client-connection.js";
import type { ClientContext } from "./client-context.js";
import type { ReadMessage, ReadOutcome } from "./reads.js";
import { appendReply } from "./reply-writer.js";
import { watchesToSet } from "./watches/index.js";

export type WatchOpCode =
  | typeof OpCode.setWatches
  | typeof OpCode.setWatches2
  | typeof OpCode.addWatch
  | typeof OpCode.checkWatches
  | typeof OpCode.removeWatches;

/** Carries out a request about watches. Events that it leads to are sent before its answer. */
export function answerWatchRequest(
  context: ClientContext,
  connection: ClientConnection,
  message: RequestMessage<WatchOpCode>,
): ReadOutcome {
  switch (message.type) {
    case OpCode.setWatches:
    case OpCode.setWatches2:
      return setWatches(context, connection, message.body);
    case OpCode.addWatch: {
      const { path, mode } = message.body;
      if (path === null || !isAddWatchMode(mode)) return UNREADABLE;
      if (!context.watches.addWatch(path, connection, mode)) return TOO_MANY;
      return { err: 0, record: new ErrorResponse({ err: 0 }) };
    }
    case OpCode.checkWatches: {
      const { path, type } = message.body;
      if (path === null || !isWatcherType(type)) return UNREADABLE;
      return context.watches.has(path, connection, type) ? DONE : MISSING;
    }
    case OpCode.removeWatches: {
      const { path, type } = message.body;
      if (path === null || !isWatcherType(type)) return UNREADABLE;
      return context.watches.remove(path, connection, type) ? DONE : MISSING;
    }
  }
}

function setWatches(
  context: ClientContext,
  connection: ClientConnection,
  body: RequestMessage<typeof OpCode.setWatches | typeof OpCode.setWatches2>["body"],
): ReadOutcome {
  const { tree, watches } = context;
  const toSet = watchesToSet(body);
  if (toSet === undefined) return UNREADABLE;
  const missed = watches.setWatches(
    connection,
    toSet,
    (path) => tree.getNode(path),
    (reader, acl) => mayRead(context, reader, acl),
  );
  if (missed === undefined) return TOO_MANY;
  for (const { type, path } of missed) {
    // No txn of now is what happened then.
    appendEvent(context, connection, NO_ZXID, encodeEvent(type, path));
  }
  return DONE;
}

/** Sets the watch that a read asks for, as far as its outcome allows. False if its client watches too much. */
export function watchRead(
  { watches }: ClientContext,
  connection: ClientConnection,
  { type, body }: ReadMessage,
  err: number,
): boolean {
  switch (type) {
    case OpCode.exists: {
      const isSet = err === ErrorCode.OK || err === ErrorCode.NONODE;
      return !body.watch || !isSet || watches.watchData(body.path ?? "", connection);
    }
    case OpCode.getData:
      return !body.watch || err !== 0 || watches.watchData(body.path ?? "", connection);
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return !body.watch || err !== 0 || watches.watchChildren(body.path ?? "", connection);
    default:
      return true;
  }
}

/** A txn is applied: whoever watches what it changed hears of that before any answer that could show it. */
export function fireWatches(context: ClientContext, zxid: Zxid, result: TxnResult): void {
  const fired = context.watches.fire(result, (connection, acl) =>
    mayRead(context, connection, acl),
  );
  for (const { type, path, connections } of fired) {
    const name = FIRED.get(type);
    if (name !== undefined) context.measurements.record(name, connections.length);
    // The same for everybody, so it is encoded once.
    const event = encodeEvent(type, path);
    for (const connection of connections) appendEvent(context, connection, zxid, event);
  }
}

function mayRead({ tree }: ClientContext, { ids }: ClientConnection, acl: readonly ACL[]): boolean {
  return tree.isPermitted(acl, Perms.READ, ids);
}

function encodeEvent(type: EventType, path: string): Uint8Array {
  return WatcherEvent.encode({ type, state: KeeperState.SyncConnected, path });
}

function appendEvent(
  context: ClientContext,
  connection: ClientConnection,
  zxid: Zxid,
  event: Uint8Array,
): void {
  const output = context.outputOf(connection);
  const size = appendReply(output, Xid.notification, zxid, ErrorCode.OK, event);
  connection.statistics.onSent();
  context.measurements.count("packets_sent");
  context.measurements.count("watch_bytes", event.length);
  context.measurements.record("client_response_size", size);
}

function isAddWatchMode(mode: number): mode is AddWatchMode {
  return mode === AddWatchMode.PERSISTENT || mode === AddWatchMode.PERSISTENT_RECURSIVE;
}

function isWatcherType(type: number): type is WatcherType {
  return watcherTypeName(type) !== undefined;
}

/** Under which name it is measured how many watches a change set off. */
const FIRED: ReadonlyMap<EventType, SummaryName> = new Map([
  [EventType.NodeCreated, "node_created_watch_count"],
  [EventType.NodeDeleted, "node_deleted_watch_count"],
  [EventType.NodeDataChanged, "node_changed_watch_count"],
  [EventType.NodeChildrenChanged, "node_children_watch_count"],
]);
const NO_ZXID = -1n;
const DONE: ReadOutcome = { err: ErrorCode.OK };
const UNREADABLE: ReadOutcome = { err: ErrorCode.MARSHALLINGERROR };
const MISSING: ReadOutcome = { err: ErrorCode.NOWATCHER };
/** Its connection is closed after it. */
const TOO_MANY: ReadOutcome = { err: ErrorCode.THROTTLEDOP };
