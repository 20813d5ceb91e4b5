import { encodeSnapshotBody, type SnapshotNode } from "@jute-ts/persistence";
import {
  ACL,
  type ACLInit,
  decodeTxn,
  encodeTxn,
  OpCode,
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
  SetDataRequest,
  StatPersisted,
  type StatPersistedInit,
  type TxnBodyInit,
  type TxnOpCode,
} from "@jute-ts/zookeeper";
import { describe, expect, test } from "vitest";
import type { LoggedTxn } from "@jute-ts/quorum";
import { DataTree } from "./data-tree.js";

const root = node("");

describe("refuses", () => {
  test.each([
    [
      "a path that is there twice",
      [root, node("/a"), node("/a")],
      "duplicate",
      '"/a" is there twice',
    ],
    [
      "a child before its parent",
      [root, node("/a/b"), node("/a")],
      "parent",
      '"/a/b" is there before',
    ],
    [
      "a list that was never there",
      [root, node("/a", { aclId: 2n })],
      "acl",
      '"/a" has access control list 2',
    ],
    [
      "a list that cannot be",
      [root, node("/a", { aclId: -7n })],
      "acl",
      '"/a" has access control list -7',
    ],
  ])("%s", (_, nodes, kind, message) => {
    const load = (): DataTree =>
      loaded({
        nodes,
        acls: [
          [1n, OPEN_ACL_UNSAFE],
          [5n, READ_ACL_UNSAFE],
        ],
      });
    expect(load).toThrow(expect.objectContaining({ name: "SnapshotContentError", kind }) as Error);
    expect(load).toThrow(message);
  });

  test("a session that is there twice", () => {
    const sessions: [bigint, number][] = [
      [0x17n, 1000],
      [0x17n, 2000],
    ];
    expect(() => loaded({ nodes: [root], sessions })).toThrow("session 0x17 is there twice");
  });

  test.each([[1n], [-1n]])(
    "two lists with the number %s, or one with that of the open list",
    (id) => {
      const acls: [bigint, readonly ACLInit[]][] = [
        [1n, OPEN_ACL_UNSAFE],
        [id, READ_ACL_UNSAFE],
      ];
      expect(() => loaded({ nodes: [root], acls })).toThrow(`list ${String(id)} is there twice`);
    },
  );

  test("nothing once it is cleared", () => {
    const tree = new DataTree();
    const sink = tree.restore(9n);
    expect(() => sink.push(bytesOf({ nodes: [root, node("/a"), node("/a")] }))).toThrow();
    tree.clear();
    expect([tree.digest(), tree.nodeCount, tree.lastProcessedZxid]).toEqual([1371985504n, 4, 0n]);
  });
});

describe("a znode whose list came after the lists were written (ZOOKEEPER-3306, 4846)", () => {
  const snapshot = {
    nodes: [root, node("/a", { aclId: 3n })],
    acls: entries([2n, OPEN_ACL_UNSAFE]),
  };

  test("is closed to everybody but a superuser", () => {
    const tree = loaded(snapshot);
    const change = (scheme: string): number => {
      const body = SetDataRequest.encode({ path: "/a", data: null, version: -1 });
      const authInfo = [{ scheme, id: "" }];
      const request = { sessionId: 0n, cxid: 1, opCode: OpCode.setData, body, authInfo };
      const { type } = decodeTxn(tree.prepare(request, 0x20n, 0n));
      tree.discardPrepared();
      return type;
    };
    expect(tree.getNode("/a")?.acl).toEqual([
      ACL.from({ perms: 0, id: { scheme: "world", id: "anyone" } }),
    ]);
    expect(change("digest")).toBe(OpCode.error);
    expect(change("super")).toBe(OpCode.setData);
  });

  test.each([
    ["create", txn(0x11n, OpCode.create, createBody("/a", 1, READ_ACL_UNSAFE))],
    [
      "setACL",
      txn(0x11n, OpCode.setACL, {
        path: "/a",
        acl: READ_ACL_UNSAFE.map((entry) => ACL.from(entry)),
        version: 1,
      }),
    ],
  ])("has its list after the %s that set it", (_, change) => {
    const tree = loaded(snapshot);
    tree.apply(change);
    expect(tree.getNode("/a")?.acl).toEqual(READ_ACL_UNSAFE.map((entry) => ACL.from(entry)));
  });
});

describe("over a snapshot that was written while the tree changed", () => {
  test("a delete takes what was created later below the path along, to be created again (ZOOKEEPER-3125)", () => {
    const log = [
      txn(0x10n, OpCode.create, createBody("/p", 1)),
      txn(0x11n, OpCode.delete, { path: "/p" }),
      txn(0x12n, OpCode.create, createBody("/p", 2)),
      txn(0x13n, OpCode.create, createBody("/p/c", 1)),
    ];
    // The root as of 0x10, the others as of 0x13.
    const nodes = [
      node("", { cversion: 1, pzxid: 0x10n }),
      node("/p", { czxid: 0x12n, mzxid: 0x12n, cversion: 1, pzxid: 0x13n }),
      node("/p/c", { czxid: 0x13n, mzxid: 0x13n, pzxid: 0x13n }),
    ];
    expectReplay(loaded({ nodes }), log.slice(1), log);
  });

  test("a create over its own znode still counts at its parent (ZOOKEEPER-3249)", () => {
    const log = [
      txn(0x10n, OpCode.create, { ...createBody("/e", 1), ephemeral: true }, 1n),
      // An old leader's, without the list of what to delete.
      txn(0x11n, OpCode.closeSession, null, 1n),
      txn(0x12n, OpCode.create2, { ...createBody("/e", 2), ephemeral: true }, 2n),
    ];
    const nodes = [
      node("", { cversion: 1, pzxid: 0x10n }),
      node("/e", { czxid: 0x12n, mzxid: 0x12n, pzxid: 0x12n, ephemeralOwner: 2n }),
    ];
    expectReplay(loaded({ nodes }), log.slice(1), log);
  });

  test("a delete of what is gone already still counts at its parent", () => {
    const log = [
      txn(0x10n, OpCode.create, createBody("/a", 1)),
      txn(0x11n, OpCode.delete, { path: "/a" }),
    ];
    expectReplay(loaded({ nodes: [node("", { cversion: 1, pzxid: 0x10n })] }), log.slice(1), log);
  });
});

test("adds the configuration's znode to a tree from before 3.5", () => {
  const tree = loaded({ nodes: [root, node("/zookeeper"), node("/zookeeper/quota")] });
  expect(tree.getChildren("/zookeeper")).toEqual(["quota", "config"]);
  expect(tree.getNode("/zookeeper/config")).toEqual(new DataTree().getNode("/zookeeper/config"));
});

test("counts what has a quota again", () => {
  const quota = "/zookeeper/quota";
  const tree = loaded({
    nodes: [
      ...[root, node("/a", {}, "12"), node("/a/b", {}, "345")],
      ...[node("/zookeeper"), node(quota), node(`${quota}/a`)],
      ...[
        node(`${quota}/a/zookeeper_limits`),
        node(`${quota}/a/zookeeper_stats`, {}, "count=9,bytes=9"),
      ],
    ],
  });
  const stats = (): string =>
    Buffer.from(tree.getNode(`${quota}/a/zookeeper_stats`)?.data ?? []).toString();
  expect(stats()).toBe("count=2,bytes=5");
  tree.apply(txn(0x20n, OpCode.create, createBody("/a/c", 2)));
  expect(stats()).toBe("count=3,bytes=5");
});

test("gives new lists numbers that the snapshot does not use", () => {
  const acls = entries([4n, OPEN_ACL_UNSAFE], [9n, READ_ACL_UNSAFE]);
  const tree = loaded({ nodes: [node("", { aclId: 4n })], acls });
  const creator = [{ perms: 31, id: { scheme: "digest", id: "amy:x" } }];
  tree.apply(txn(0x20n, OpCode.create, createBody("/a", 1, creator)));
  expect(tree.getNode("/a")?.acl).toEqual(creator.map((entry) => ACL.from(entry)));
  expect(tree.getNode("/")?.acl).toEqual(OPEN_ACL_UNSAFE.map((entry) => ACL.from(entry)));
});

/** Expects that replaying the rest of a log gives the tree, as clients see it, that the whole log gives. */
function expectReplay(tree: DataTree, rest: readonly LoggedTxn[], log: readonly LoggedTxn[]): void {
  const whole = loaded({ nodes: [root] });
  for (const change of log) whole.apply(change);
  for (const change of rest) tree.apply(change);
  const view = (of: DataTree): unknown =>
    [...of.paths()].map((path) => [path, of.getNode(path)?.stat, of.getChildren(path)]);
  expect(view(tree)).toEqual(view(whole));
  expect(tree.nodeCount).toBe(whole.nodeCount);
  expect(tree.digest()).toBe(whole.digest());
  expect(tree.ephemeralsOf(2n)).toEqual(whole.ephemeralsOf(2n));
}

interface Content {
  readonly nodes: readonly SnapshotNode[];
  readonly acls?: readonly (readonly [bigint, readonly ACLInit[]])[];
  readonly sessions?: readonly [bigint, number][];
}

function entries(...acls: [bigint, readonly ACLInit[]][]): [bigint, readonly ACLInit[]][] {
  return acls;
}

function bytesOf({ nodes, acls = [], sessions = [] }: Content): Uint8Array {
  const records = acls.map(([id, acl]) => [id, acl.map((entry) => ACL.from(entry))] as const);
  const [sessionCount, aclCount] = [sessions.length, acls.length];
  return Buffer.concat([
    ...encodeSnapshotBody({ sessions, sessionCount, acls: records, aclCount, nodes }),
  ]);
}

function loaded(content: Content): DataTree {
  const tree = new DataTree();
  const sink = tree.restore(0x10n);
  sink.push(bytesOf(content));
  expect(sink.done).toBe(true);
  return tree;
}

function node(
  path: string,
  given: StatPersistedInit & { aclId?: bigint } = {},
  text = "",
): SnapshotNode {
  const { aclId = -1n, ...stat } = given;
  return { path, data: Buffer.from(text), aclId, stat: new StatPersisted(stat) };
}

function createBody(path: string, parentCVersion: number, acl: readonly ACLInit[] | null = null) {
  const entries = acl && acl.map((entry) => ACL.from(entry));
  return { path, data: new Uint8Array(0), acl: entries, ephemeral: false, parentCVersion };
}

function txn<C extends TxnOpCode>(
  zxid: bigint,
  type: C,
  body: TxnBodyInit<C>,
  clientId = 0n,
): LoggedTxn {
  const bytes = encodeTxn(type, { clientId, cxid: 1, zxid, time: 0n }, body);
  return { zxid, header: decodeTxn(bytes).header, bytes };
}
