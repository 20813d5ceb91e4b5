/**
 * The numbers that have to do with watches: what happened and in which state
 * the client is (both in a WatcherEvent), which watches are meant, and how a
 * watch is added. Names are those of Java's `Watcher` and `AddWatchMode`.
 */
import { numberNames } from "./number-names.js";

/** `WatcherEvent.type`. Servers send the first four kinds of change; clients make the others for themselves. */
export const EventType = {
  /** The state of the session changed, and no znode. Never sent. */
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const;

export type EventTypeName = keyof typeof EventType;
export type EventType = (typeof EventType)[EventTypeName];

const eventTypeNames = numberNames(EventType);

/** The name of a `WatcherEvent.type`, or undefined when ZooKeeper has none for it. */
export function eventTypeName(number: number): EventTypeName | undefined {
  return eventTypeNames.get(number);
}

/** `WatcherEvent.state`. A server always sends SyncConnected; the others are what a client tells its user. */
export const KeeperState = {
  Unknown: -1,
  Disconnected: 0,
  NoSyncConnected: 1,
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Closed: 7,
  Expired: -112,
} as const;

export type KeeperStateName = keyof typeof KeeperState;
export type KeeperState = (typeof KeeperState)[KeeperStateName];

const keeperStateNames = numberNames(KeeperState);

/** The name of a `WatcherEvent.state`, or undefined when ZooKeeper has none for it. */
export function keeperStateName(number: number): KeeperStateName | undefined {
  return keeperStateNames.get(number);
}

/** The `type` of a CheckWatchesRequest and a RemoveWatchesRequest: which watches on the path are meant. */
export const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const;

export type WatcherTypeName = keyof typeof WatcherType;
export type WatcherType = (typeof WatcherType)[WatcherTypeName];

const watcherTypeNames = numberNames(WatcherType);

/** The name of the `type` of a request about watches, or undefined when ZooKeeper has none for it. */
export function watcherTypeName(number: number): WatcherTypeName | undefined {
  return watcherTypeNames.get(number);
}

/** The `mode` of an AddWatchRequest. */
export const AddWatchMode = {
  /** Watches the path until the watch is removed. */
  PERSISTENT: 0,
  /** Watches the path and everything below it until the watch is removed. */
  PERSISTENT_RECURSIVE: 1,
} as const;

export type AddWatchModeName = keyof typeof AddWatchMode;
export type AddWatchMode = (typeof AddWatchMode)[AddWatchModeName];

const addWatchModeNames = numberNames(AddWatchMode);

/** The name of the `mode` of an AddWatchRequest, or undefined when ZooKeeper has none for it. */
export function addWatchModeName(number: number): AddWatchModeName | undefined {
  return addWatchModeNames.get(number);
}
