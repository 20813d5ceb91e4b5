/**
 * The watches of one server, as Java's DataTree has them: a table for data and
 * one for children, and which of them a change of a znode concerns, in which
 * order. A connection is one watcher, so that it gets at most one event per table
 * and change, however many of its watches match.
 *
 * What is known of a path is what the tables are asked; whether there is such a
 * znode, they do not know.
 */
import type { TxnResult, ZnodeChange } from "@jute-ts/quorum";
import { type ACL, AddWatchMode, EventType, WatcherType } from "@jute-ts/zookeeper";
import type { WatchesToSet } from "./watches-to-set.js";
import { type WatchMode, WatchTable } from "./watch-table.js";

/** One event and who gets it, in the order in which they set their watches. */
export interface FiredWatches<C> {
  /** `WatcherEvent.type`: 1 to 4. */
  readonly type: EventType;
  readonly path: string;
  /** Each once. The array is the caller's. */
  readonly connections: C[];
}

/** An event for the connection that sets its watches again. */
export interface MissedEvent {
  readonly type: EventType;
  readonly path: string;
}

/** A znode as `setWatches` needs it. A `ZnodeView` of the data tree is one. */
export interface WatchedZnode {
  readonly stat: { readonly mzxid: bigint; readonly pzxid: bigint };
  readonly acl: readonly ACL[];
}

export interface WatchesOptions {
  /**
   * How much one connection may watch in each of the two tables, where a watch
   * counts as the characters of its path and 100 more. Default 2^27, which is
   * 1,000,000 watches of 34 characters each. A client may watch paths that do not
   * exist, so nothing else bounds the memory that it takes.
   */
  readonly maxSizePerConnection?: number | undefined;
}

/** `C` tells connections apart: a number, or an object that stands for one. */
export class Watches<C> {
  readonly #data: WatchTable<C>;
  readonly #children: WatchTable<C>;

  constructor(options?: WatchesOptions) {
    const maxSize = options?.maxSizePerConnection ?? MAX_SIZE;
    this.#data = new WatchTable(maxSize);
    this.#children = new WatchTable(maxSize);
  }

  /** The table of data: set by getData, exists and addWatch. All that the commands wchs, wchc and wchp know of. */
  get data(): ReadonlyWatchTable<C> {
    return this.#data;
  }

  /** The table of children: set by getChildren, getChildren2 and addWatch in persistent mode. */
  get children(): ReadonlyWatchTable<C> {
    return this.#children;
  }

  /** The watches of both tables: the metric `watch_count`. */
  get count(): number {
    return this.#data.watchCount + this.#children.watchCount;
  }

  /** The watch of a getData or an exists. Each of these returns false, and the watch is not set, if the connection would watch too much. */
  watchData(path: string, connection: C): boolean {
    return this.#data.add(path, connection, "standard");
  }

  /** The watch of a getChildren. */
  watchChildren(path: string, connection: C): boolean {
    return this.#children.add(path, connection, "standard");
  }

  /** An addWatch. */
  addWatch(path: string, connection: C, mode: AddWatchMode): boolean {
    if (mode === AddWatchMode.PERSISTENT_RECURSIVE) {
      return this.#data.add(path, connection, "recursive");
    }
    return (
      this.#data.add(path, connection, "persistent") &&
      this.#children.add(path, connection, "persistent")
    );
  }

  /**
   * Sets watches again that a client had at another server. Returns the events that
   * it has missed, in order, to be sent before the reply; a watch that is answered
   * by one is not set. Persistent watches are set, and what they have missed is
   * lost. Undefined if the connection would watch too much.
   *
   * `mayRead` is asked as in `fire`, where Java asks nobody.
   */
  setWatches(
    connection: C,
    watches: WatchesToSet,
    lookUp: (path: string) => WatchedZnode | undefined,
    mayRead: MayRead<C>,
  ): MissedEvent[] | undefined {
    const missed: MissedEvent[] = [];
    let fits = true;
    const decide = (
      path: string,
      table: WatchTable<C>,
      eventFor: (znode: WatchedZnode | undefined) => EventType | undefined,
    ): void => {
      const znode = lookUp(path);
      const type = eventFor(znode);
      if (type === undefined) {
        fits &&= table.add(path, connection, "standard");
      } else if (znode === undefined || mayRead(connection, znode.acl)) {
        missed.push({ type, path });
      }
    };
    const { relativeZxid } = watches;
    for (const path of watches.dataWatches) {
      decide(path, this.#data, (znode) => {
        if (znode === undefined) return EventType.NodeDeleted;
        return znode.stat.mzxid > relativeZxid ? EventType.NodeDataChanged : undefined;
      });
    }
    for (const path of watches.existWatches) {
      decide(path, this.#data, (znode) => znode && EventType.NodeCreated);
    }
    for (const path of watches.childWatches) {
      decide(path, this.#children, (znode) => {
        if (znode === undefined) return EventType.NodeDeleted;
        return znode.stat.pzxid > relativeZxid ? EventType.NodeChildrenChanged : undefined;
      });
    }
    for (const path of watches.persistentWatches) {
      fits &&= this.addWatch(path, connection, AddWatchMode.PERSISTENT);
    }
    for (const path of watches.persistentRecursiveWatches) {
      fits &&= this.addWatch(path, connection, AddWatchMode.PERSISTENT_RECURSIVE);
    }
    return fits ? missed : undefined;
  }

  /** A checkWatches: whether the connection has a watch of this kind at exactly this path. */
  has(path: string, connection: C, type: WatcherType): boolean {
    return this.tablesOf(type).some(([table, mode]) => table.has(path, connection, mode));
  }

  /** A removeWatches: removes what `has` finds. False if there is nothing. */
  remove(path: string, connection: C, type: WatcherType): boolean {
    const removed = this.tablesOf(type).map(([table, mode]) =>
      table.remove(path, connection, mode),
    );
    return removed.includes(true);
  }

  /** Removes all watches of a connection: it is closed, or will be and must get no further event. */
  removeConnection(connection: C): void {
    this.#data.removeConnection(connection);
    this.#children.removeConnection(connection);
  }

  /**
   * What a txn's result fires, in order: the events of one change after those of
   * the change before it, part by part in a multi. Standard watches are used up.
   *
   * `mayRead` is asked once for every event and connection, and decides whether the
   * connection gets it, with the ids that it has now. A watch whose event is refused
   * is used up all the same. The list is the znode's own, as it was before a
   * delete; for NodeChildrenChanged it is the parent's, which is what has changed.
   */
  fire(result: TxnResult, mayRead: MayRead<C>): FiredWatches<C>[] {
    const fired: FiredWatches<C>[] = [];
    // On a server without clients, or while it catches up, this is all that watches cost.
    if (this.count === 0) return fired;
    for (const change of result.changes ?? []) this.fireChange(change, mayRead, fired);
    for (const part of result.parts ?? []) fired.push(...this.fire(part, mayRead));
    return fired;
  }

  private fireChange(change: ZnodeChange, mayRead: MayRead<C>, fired: FiredWatches<C>[]): void {
    const { path, acl } = change;
    const push = (type: EventType, at: string, list: readonly ACL[], watchers: C[]): void => {
      const connections = watchers.filter((each) => mayRead(each, list));
      if (connections.length > 0) fired.push({ type, path: at, connections });
    };
    switch (change.kind) {
      case "dataChanged":
        push(EventType.NodeDataChanged, path, acl, this.#data.trigger(path));
        return;
      case "created":
        push(EventType.NodeCreated, path, acl, this.#data.trigger(path));
        break;
      case "deleted":
        push(EventType.NodeDeleted, path, acl, this.deletionWatchers(path));
        break;
    }
    const parent = parentOf(path);
    const watchers = this.#children.trigger(parent);
    push(EventType.NodeChildrenChanged, parent, change.parentAcl, watchers);
  }

  /** A connection that watches both the data and the children of what is deleted hears of it once. */
  private deletionWatchers(path: string): C[] {
    const ofData = this.#data.trigger(path);
    const ofChildren = this.#children.trigger(path);
    if (ofChildren.length === 0) return ofData;
    return Array.from(new Set([...ofData, ...ofChildren]));
  }

  private tablesOf(type: WatcherType): [WatchTable<C>, WatchMode | "any"][] {
    switch (type) {
      case WatcherType.Children:
        return [[this.#children, "standard"]];
      case WatcherType.Data:
        return [[this.#data, "standard"]];
      case WatcherType.Any:
        return [
          [this.#children, "any"],
          [this.#data, "any"],
        ];
      case WatcherType.Persistent:
        return [
          [this.#children, "persistent"],
          [this.#data, "persistent"],
        ];
      case WatcherType.PersistentRecursive:
        return [[this.#data, "recursive"]];
    }
  }
}

/** Whether a connection has the permission READ by this list, with the ids that it has at the moment. */
export type MayRead<C> = (connection: C, acl: readonly ACL[]) => boolean;

/** What may be asked of a table by everybody. */
export type ReadonlyWatchTable<C> = Pick<
  WatchTable<C>,
  "watchCount" | "pathCount" | "connectionCount" | "byConnection" | "byPath"
>;

function parentOf(path: string): string {
  const lastSlash = path.lastIndexOf("/");
  return lastSlash <= 0 ? "/" : path.slice(0, lastSlash);
}

const MAX_SIZE = 2 ** 27;
