/** The rules of Java's DataTree and WatchManager, one by one, with the issues of those that were once broken. */
import {
  ACL,
  AddWatchMode,
  EventType,
  Id,
  SetWatches,
  SetWatches2,
  WatcherType,
} from "@jute-ts/zookeeper";
import type { TxnResult, ZnodeChange } from "@jute-ts/quorum";
import { beforeEach, describe, expect, test } from "vitest";
import { type WatchedZnode, Watches, watchesToSet } from "./index.js";

const { NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged } = EventType;
const { PERSISTENT, PERSISTENT_RECURSIVE } = AddWatchMode;
const ACL_OF_ZNODE = [new ACL({ perms: 1, id: new Id({ scheme: "world", id: "anyone" }) })];
const ACL_OF_PARENT = [new ACL({ perms: 3, id: new Id({ scheme: "world", id: "anyone" }) })];

let watches: Watches<string>;

beforeEach(() => {
  watches = new Watches();
});

describe("a change fires", () => {
  test("a watch of data once", () => {
    watches.watchData("/a", "x");
    expect(fire(changed("/a"))).toEqual([[NodeDataChanged, "/a", "x"]]);
    expect(fire(changed("/a"))).toEqual([]);
    expect(watches.count).toBe(0);
  });

  test("a watch of what does not exist yet, when it is created", () => {
    watches.watchData("/a", "x");
    watches.watchChildren("/", "y");
    expect(fire(created("/a"))).toEqual([
      [NodeCreated, "/a", "x"],
      [NodeChildrenChanged, "/", "y"],
    ]);
  });

  test("watches of data and children of a deleted znode once for each connection", () => {
    watches.watchData("/a/b", "both");
    watches.watchChildren("/a/b", "both");
    watches.watchChildren("/a/b", "children");
    watches.watchChildren("/a", "parent");
    watches.watchChildren("/a", "both");
    expect(fire(deleted("/a/b"))).toEqual([
      [NodeDeleted, "/a/b", "both"],
      [NodeDeleted, "/a/b", "children"],
      [NodeChildrenChanged, "/a", "parent"],
      [NodeChildrenChanged, "/a", "both"],
    ]);
    expect(watches.count).toBe(0);
  });

  test("a persistent watch each time, and for the children too", () => {
    watches.addWatch("/a", "x", PERSISTENT);
    for (let times = 0; times < 2; times++) {
      expect(fire(changed("/a"))).toEqual([[NodeDataChanged, "/a", "x"]]);
      expect(fire(created("/a/b"))).toEqual([[NodeChildrenChanged, "/a", "x"]]);
      expect(fire(changed("/a/b"))).toEqual([]);
    }
  });

  test("a recursive watch for all that is below it, and never for children (ZOOKEEPER-4475)", () => {
    watches.addWatch("/a", "x", PERSISTENT_RECURSIVE);
    watches.watchChildren("/a/b", "x");
    expect(fire(created("/a/b/c"))).toEqual([
      [NodeCreated, "/a/b/c", "x"],
      [NodeChildrenChanged, "/a/b", "x"],
    ]);
    expect(fire(created("/a/b/d"))).toEqual([[NodeCreated, "/a/b/d", "x"]]);
    expect(fire(deleted("/a"))).toEqual([[NodeDeleted, "/a", "x"]]);
    expect(fire(changed("/ab"))).toEqual([]);
    expect(fire(changed("/"))).toEqual([]);
  });

  test("a recursive watch of the root for every path", () => {
    watches.addWatch("/", "x", PERSISTENT_RECURSIVE);
    for (const path of ["/", "/a", "/a/b/c"]) {
      expect(fire(changed(path))).toEqual([[NodeDataChanged, path, "x"]]);
    }
  });

  test("several modes on one path as one event (ZOOKEEPER-4466)", () => {
    watches.watchData("/a", "x");
    watches.addWatch("/a", "x", PERSISTENT);
    watches.addWatch("/a", "x", PERSISTENT_RECURSIVE);
    expect(watches.data.watchCount).toBe(1);
    expect(fire(changed("/a"))).toEqual([[NodeDataChanged, "/a", "x"]]);
    expect(watches.has("/a", "x", WatcherType.Data)).toBe(false);
    expect(watches.has("/a", "x", WatcherType.Persistent)).toBe(true);
    expect(watches.has("/a", "x", WatcherType.PersistentRecursive)).toBe(true);
    expect(fire(changed("/a"))).toEqual([[NodeDataChanged, "/a", "x"]]);
  });

  test("a multi's watches part by part", () => {
    watches.addWatch("/", "x", PERSISTENT_RECURSIVE);
    watches.addWatch("/", "y", PERSISTENT);
    const parts = [created("/a"), changed("/a"), deleted("/a")];
    expect(fire({ type: 14, err: 0, parts })).toEqual([
      [NodeCreated, "/a", "x"],
      [NodeChildrenChanged, "/", "y"],
      [NodeDataChanged, "/a", "x"],
      [NodeDeleted, "/a", "x"],
      [NodeChildrenChanged, "/", "y"],
    ]);
  });

  test("what a session's end deletes, one after another", () => {
    watches.watchChildren("/a", "y");
    watches.watchData("/a/1", "x");
    watches.watchData("/a/2", "x");
    const changes = ["/a/2", "/a/1"].flatMap((path) => deleted(path).changes);
    expect(fire({ type: -11, err: 0, changes })).toEqual([
      [NodeDeleted, "/a/2", "x"],
      [NodeChildrenChanged, "/a", "y"],
      [NodeDeleted, "/a/1", "x"],
    ]);
  });
});

describe("an event is for those who may read", () => {
  test("the znode, or the parent whose children have changed (ZOOKEEPER-4799)", () => {
    watches.addWatch("/a/b", "x", PERSISTENT_RECURSIVE);
    watches.watchChildren("/a", "y");
    const asked: [string, readonly ACL[]][] = [];
    watches.fire(deleted("/a/b"), (connection, acl) => {
      asked.push([connection, acl]);
      return true;
    });
    expect(asked).toEqual([
      ["x", ACL_OF_ZNODE],
      ["y", ACL_OF_PARENT],
    ]);
  });

  test("and a refused one uses its standard watch up", () => {
    watches.watchData("/a", "x");
    watches.watchData("/a", "y");
    const fired = watches.fire(changed("/a"), (connection) => connection === "y");
    expect(fired).toEqual([{ type: NodeDataChanged, path: "/a", connections: ["y"] }]);
    expect(watches.count).toBe(0);
  });
});

describe("setWatches", () => {
  const tree = new Map<string, WatchedZnode>([
    ["/old", znode(5n, 5n)],
    ["/new", znode(9n, 9n)],
  ]);

  test("answers with what has happened, in the order of the lists, and sets the rest", () => {
    const paths = ["/old", "/new", "/none"];
    const record = new SetWatches({
      relativeZxid: 5n,
      dataWatches: paths,
      existWatches: paths,
      childWatches: paths,
    });
    expect(setWatches(record)).toEqual([
      [NodeDataChanged, "/new"],
      [NodeDeleted, "/none"],
      [NodeCreated, "/old"],
      [NodeCreated, "/new"],
      [NodeChildrenChanged, "/new"],
      [NodeDeleted, "/none"],
    ]);
    expect([...watches.data.byConnection()]).toEqual([["x", ["/old", "/none"]]]);
    expect([...watches.children.byConnection()]).toEqual([["x", ["/old"]]]);
  });

  test("knows a deleted and created znode by its mzxid (ZOOKEEPER-1667)", () => {
    const data = new SetWatches({
      relativeZxid: 6n,
      dataWatches: ["/new"],
      existWatches: [],
      childWatches: [],
    });
    expect(setWatches(data)).toEqual([[NodeDataChanged, "/new"]]);
  });

  test("sets persistent watches, whatever they have missed", () => {
    const record = new SetWatches2({
      relativeZxid: 0n,
      dataWatches: [],
      existWatches: [],
      childWatches: [],
      persistentWatches: ["/new"],
      persistentRecursiveWatches: ["/none"],
    });
    expect(setWatches(record)).toEqual([]);
    expect(watches.has("/new", "x", WatcherType.Persistent)).toBe(true);
    expect(watches.has("/none", "x", WatcherType.PersistentRecursive)).toBe(true);
  });

  test("says nothing of a znode that the client may not read", () => {
    const record = new SetWatches({
      relativeZxid: 5n,
      dataWatches: ["/new", "/none"],
      existWatches: ["/old"],
      childWatches: ["/new"],
    });
    expect(setWatches(record, () => false)).toEqual([[NodeDeleted, "/none"]]);
    expect(watches.count).toBe(0);
  });

  test.each([
    new SetWatches({ relativeZxid: 0n, dataWatches: [], existWatches: [], childWatches: null }),
    new SetWatches({ relativeZxid: 0n, dataWatches: [null], existWatches: [], childWatches: [] }),
    new SetWatches2({
      relativeZxid: 0n,
      dataWatches: [],
      existWatches: [],
      childWatches: [],
      persistentWatches: [],
      persistentRecursiveWatches: null,
    }),
  ])("cannot be read with a list or a path that is null", (record) => {
    expect(watchesToSet(record)).toBeUndefined();
  });

  function setWatches(record: SetWatches | SetWatches2, mayRead = () => true) {
    const request = watchesToSet(record);
    const missed = request && watches.setWatches("x", request, (path) => tree.get(path), mayRead);
    return missed?.map(({ type, path }) => [type, path]);
  }
});

describe("checkWatches and removeWatches", () => {
  const { Children, Data, Any, Persistent, PersistentRecursive } = WatcherType;

  test.each([
    ["getData", Data],
    ["getChildren", Children],
    ["persistent", Persistent],
    ["recursive", PersistentRecursive],
  ] as const)("find a watch of %s by its type or as any, and leave the others", (kind, own) => {
    setAll();
    expect(watches.has("/a", "x", own)).toBe(true);
    expect(watches.remove("/a", "x", own)).toBe(true);
    expect(watches.remove("/a", "x", own)).toBe(false);
    for (const type of [Data, Children, Persistent, PersistentRecursive]) {
      expect(watches.has("/a", "x", type), kind).toBe(type !== own);
    }
    expect(watches.has("/a", "x", Any)).toBe(true);
  });

  test("any is everything at exactly this path", () => {
    setAll();
    watches.watchData("/a/b", "x");
    watches.watchData("/a", "y");
    expect(watches.remove("/a", "x", Any)).toBe(true);
    expect(watches.remove("/a", "x", Any)).toBe(false);
    expect([...watches.data.byPath()]).toEqual([
      ["/a", ["y"]],
      ["/a/b", ["x"]],
    ]);
    expect(watches.has("/a/b/c", "x", Any)).toBe(false);
  });

  function setAll(): void {
    watches.watchData("/a", "x");
    watches.watchChildren("/a", "x");
    watches.addWatch("/a", "x", PERSISTENT);
    watches.addWatch("/a", "x", PERSISTENT_RECURSIVE);
  }
});

test("nothing is left of closed connections (ZOOKEEPER-1382)", () => {
  for (let count = 0; count < 10_000; count++) {
    const connection = `c${String(count)}`;
    watches.watchData("/shared", connection);
    watches.addWatch(`/own${String(count)}`, connection, PERSISTENT);
    watches.addWatch("/", connection, PERSISTENT_RECURSIVE);
    watches.removeConnection(connection);
  }
  expect(watches.count).toBe(0);
  expect(watches.data.pathCount).toBe(0);
  expect(watches.children.connectionCount).toBe(0);
});

test("a connection can watch only so much, and only it is refused", () => {
  watches = new Watches({ maxSizePerConnection: 1000 });
  let set = 0;
  while (watches.watchData(`/${String(set).padStart(9, "0")}`, "x")) set++;
  // 10 characters and 100 more for each.
  expect(set).toBe(9);
  expect(watches.watchData("/000000000", "x")).toBe(true);
  expect(watches.watchData("/000000000", "y")).toBe(true);
  fire(changed("/000000003"));
  expect(watches.watchData("/000000003", "x")).toBe(true);
});

function znode(mzxid: bigint, pzxid: bigint): WatchedZnode {
  return { stat: { mzxid, pzxid }, acl: [] };
}

function created(path: string) {
  return result({ kind: "created", path, acl: ACL_OF_ZNODE, parentAcl: ACL_OF_PARENT });
}

function deleted(path: string) {
  return result({ kind: "deleted", path, acl: ACL_OF_ZNODE, parentAcl: ACL_OF_PARENT });
}

function changed(path: string) {
  return result({ kind: "dataChanged", path, acl: ACL_OF_ZNODE });
}

function result(change: ZnodeChange) {
  return { type: 1, err: 0, changes: [change] };
}

function fire(given: TxnResult): [EventType, string, string][] {
  return watches
    .fire(given, () => true)
    .flatMap(({ type, path, connections }) =>
      connections.map((each): [EventType, string, string] => [type, path, each]),
    );
}
