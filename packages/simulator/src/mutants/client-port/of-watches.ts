/** Mutants of watches: what is told of a change, to whom, in which order, and how often. */
import type { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import {
  RequestQueue,
  type PendingRequest,
} from "@jute-ts/server/internals/clients/request-queue.js";
import {
  type FiredWatches,
  type MayRead,
  Watches,
} from "@jute-ts/server/internals/clients/watches/watches.js";
import type { WatchesToSet } from "@jute-ts/server/internals/clients/watches/watches-to-set.js";
import {
  type WatchMode,
  WatchTable,
} from "@jute-ts/server/internals/clients/watches/watch-table.js";
import { AddWatchMode, EventType, WatcherType } from "@jute-ts/zookeeper";
import type { TxnResult } from "@jute-ts/quorum";
import type { Mutant } from "../../runs/mutant.js";
import { patch } from "../patch.js";

type Connection = ClientConnection;
type Table = WatchTable<Connection>;
type All = Watches<Connection>;
type Fired = FiredWatches<Connection>[];
type Fire = (result: TxnResult, mayRead: MayRead<Connection>) => Fired;
type Missed = ReturnType<All["setWatches"]>;
type SetWatches = (
  connection: Connection,
  watches: WatchesToSet,
  lookUp: Parameters<All["setWatches"]>[2],
  mayRead: MayRead<Connection>,
) => Missed;

/** A mutant of what a change tells. */
function ofFire(
  name: string,
  bug: string,
  change: (original: Fire, result: TxnResult, mayRead: MayRead<Connection>) => Fired,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(Watches, "fire", (_self: All, original: Fire, result, mayRead) =>
        change(original, result, mayRead),
      ),
  };
}

/** A mutant of how watches are set again. */
function ofSetWatches(
  name: string,
  bug: string,
  change: (original: SetWatches, ...args: Parameters<SetWatches>) => Missed,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(Watches, "setWatches", (_self: All, original: SetWatches, ...args) =>
        change(original, ...args),
      ),
  };
}

/** A mutant of what a client asks for. */
function ofAsking(name: string, bug: string, isWatched: boolean): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        RequestQueue,
        "add",
        (_self: RequestQueue, original: (request: PendingRequest) => void, request) => {
          if (request.kind === "local") {
            const { body } = request.message;
            if (body !== null && "watch" in body) body.watch = isWatched;
          }
          original(request);
        },
      ),
  };
}

function watchersOf(table: Pick<Table, "byPath">, path: string): ReadonlySet<Connection> {
  for (const [watched, connections] of table.byPath())
    if (watched === path) return new Set(connections);
  return new Set();
}

export const watchMutants: readonly Mutant[] = [
  {
    name: "watch-fires-twice",
    bug: "A standard watch is not used up by its event.",
    apply: () => patch(WatchTable, "useUp", () => undefined),
  },
  {
    name: "persistent-used-up",
    bug: "An event that uses up a standard watch takes the persistent ones of the path with it.",
    apply: () =>
      patch(
        WatchTable,
        "useUp",
        (
          _self: Table,
          original: (watched: { persistent: unknown }, standard: unknown) => void,
          watched,
          standard,
        ) => {
          watched.persistent = undefined;
          original(watched, standard);
        },
      ),
  },
  {
    name: "recursive-not-deep",
    bug: "A recursive watch is told of its own path only.",
    apply: () =>
      patch(
        WatchTable,
        "trigger",
        (self: Table, original: (path: string) => Connection[], path) => {
          const own = watchersOf(self, path);
          return original(path).filter((connection) => own.has(connection));
        },
      ),
  },
  {
    name: "ZOOKEEPER-4475",
    bug: "A recursive watch is told of the children of its path, too.",
    apply: () =>
      patch(
        Watches,
        "addWatch",
        (
          self: All,
          original: (path: string, connection: Connection, mode: AddWatchMode) => boolean,
          path,
          connection,
          mode,
        ) => {
          if (mode === AddWatchMode.PERSISTENT_RECURSIVE) self.watchChildren(path, connection);
          return original(path, connection, mode);
        },
      ),
  },
  {
    name: "ZOOKEEPER-4466",
    bug: "A watch of one mode replaces those of other modes on the same path.",
    apply: () =>
      patch(
        WatchTable,
        "add",
        (
          self: Table,
          original: (path: string, connection: Connection, mode: WatchMode) => boolean,
          path,
          connection,
          mode,
        ) => {
          self.remove(path, connection, "any");
          return original(path, connection, mode);
        },
      ),
  },
  {
    name: "ZOOKEEPER-4471",
    bug: "To remove one kind of watch removes the others on the same path, too.",
    apply: () =>
      patch(
        WatchTable,
        "remove",
        (
          _self: Table,
          original: (path: string, connection: Connection, mode: WatchMode | "any") => boolean,
          path,
          connection,
        ) => original(path, connection, "any"),
      ),
  },
  {
    name: "watches-not-removed",
    bug: "To remove a watch says that it is gone, and leaves it.",
    apply: () =>
      patch(
        Watches,
        "remove",
        (
          self: All,
          _original: (path: string, connection: Connection, type: WatcherType) => boolean,
          path,
          connection,
          type,
        ) => self.has(path, connection, type),
      ),
  },
  {
    name: "any-watch-found",
    bug: "To ask for one kind of watch finds any other on the same path.",
    apply: () =>
      patch(
        Watches,
        "has",
        (
          _self: All,
          original: (path: string, connection: Connection, type: WatcherType) => boolean,
          path,
          connection,
        ) => original(path, connection, WatcherType.Any),
      ),
  },
  {
    name: "deletion-told-twice",
    bug: "Whoever watches data and children of a znode hears twice that it is gone.",
    apply: () =>
      patch(
        Watches,
        "deletionWatchers",
        (self: All, original: (path: string) => Connection[], path) => {
          const ofData = watchersOf(self.data, path);
          const twice = [...watchersOf(self.children, path)].filter((each) => ofData.has(each));
          return [...original(path), ...twice];
        },
      ),
  },
  {
    name: "deletion-told-to-data-only",
    bug: "Whoever watches the children of a znode does not hear that it is gone.",
    apply: () =>
      patch(
        Watches,
        "deletionWatchers",
        (self: All, original: (path: string) => Connection[], path) => {
          const ofData = watchersOf(self.data, path);
          return original(path).filter((connection) => ofData.has(connection));
        },
      ),
  },
  {
    name: "children-watched-as-data",
    bug: "A watch of children is one of data.",
    apply: () =>
      patch(
        Watches,
        "watchChildren",
        (
          self: All,
          _original: (path: string, connection: Connection) => boolean,
          path,
          connection,
        ) => self.watchData(path, connection),
      ),
  },
  {
    name: "only-one-is-told",
    bug: "Of several that watch a path, the first alone is told.",
    apply: () =>
      patch(WatchTable, "trigger", (_self: Table, original: (path: string) => Connection[], path) =>
        original(path).slice(0, 1),
      ),
  },
  ofFire("parent-told-first", "Events of one txn come in the wrong order.", (original, ...args) =>
    [...original(...args)].reverse(),
  ),
  ofFire(
    "first-part-told",
    "Of a multi, the first part alone sets off watches.",
    (original, result, mayRead) =>
      original({ ...result, ...(result.parts && { parts: result.parts.slice(0, 1) }) }, mayRead),
  ),
  ofFire("ZOOKEEPER-4799", "Events go to those that may not read the znode.", (original, result) =>
    original(result, () => true),
  ),
  {
    name: "events-late",
    bug: "Events of a txn are sent with the next txn.",
    apply: () => {
      const kept = new WeakMap<All, Fired>();
      return patch(Watches, "fire", (self: All, original: Fire, result, mayRead) => {
        const late = kept.get(self) ?? [];
        kept.set(self, original(result, mayRead));
        return late;
      });
    },
  },
  ofSetWatches(
    "missed-not-told",
    "What was missed is not told when watches are set again.",
    (original, ...args) => original(...args) && [],
  ),
  ofSetWatches(
    "ZOOKEEPER-1412",
    "What the client has seen is told again when watches are set again.",
    (original, connection, watches, ...others) =>
      original(connection, { ...watches, relativeZxid: 0n }, ...others),
  ),
  ofSetWatches(
    "missed-changes-not-told",
    "A znode that has changed is watched again as if it had not.",
    (original, connection, watches, ...others) =>
      original(connection, { ...watches, relativeZxid: 2n ** 62n }, ...others),
  ),
  ofSetWatches(
    "ZOOKEEPER-1667",
    "A znode that has come into being meanwhile is told as gone.",
    (original, ...args) =>
      original(...args)?.map((missed) => ({
        ...missed,
        type: missed.type === EventType.NodeCreated ? EventType.NodeDeleted : missed.type,
      })),
  ),
  ofSetWatches(
    "persistent-not-set-again",
    "Persistent watches are lost when the client moves.",
    (original, connection, watches, ...others) =>
      original(
        connection,
        { ...watches, persistentWatches: [], persistentRecursiveWatches: [] },
        ...others,
      ),
  ),
  ofSetWatches(
    "exist-not-set-again",
    "Watches of what is not there are lost when the client moves.",
    (original, connection, watches, ...others) =>
      original(connection, { ...watches, existWatches: [] }, ...others),
  ),
  ofSetWatches(
    "missed-leaks",
    "What was missed is told to those that may not read the znode.",
    (original, connection, watches, lookUp) => original(connection, watches, lookUp, () => true),
  ),
  ofAsking("watch-forgotten", "A read that asks for a watch sets none.", false),
  ofAsking("watch-unasked", "Every read sets a watch.", true),
];
