import {
  CreateMode,
  decodeTxn,
  DeleteRequest,
  DeleteTxn,
  encodeRequest,
  encodeTxn,
  ErrorCode,
  OpCode,
  OPEN_ACL_UNSAFE,
  type RequestBodyInit,
  type RequestContent,
  type RequestOpCode,
  type TxnMessage,
  unpackMultiTxn,
} from "@jute-ts/zookeeper";
import { beforeEach, describe, expect, test } from "vitest";
import type { ChangeRequest, TxnResult } from "@jute-ts/quorum";
import { DataTree } from "./data-tree.js";
import type { DataTreeOptions } from "./data-tree-options.js";

const SESSION = 0x100n;

let tree: DataTree;
let zxid: bigint;
let nowMs: bigint;
let prepared: Uint8Array[];
/** The longest txn. */
let maxBytes: number;

beforeEach(() => {
  start({ extendedTypes: true });
});

function start(options: DataTreeOptions): void {
  maxBytes = Infinity;
  tree = new DataTree(options);
  zxid = 0x100000000n;
  nowMs = 1_000_000n;
  prepared = [];
  prepare(OpCode.createSession, { timeOut: 5000 });
  applyAll();
}

function send(request: Partial<ChangeRequest>): TxnMessage {
  zxid++;
  const authInfo = [{ scheme: "ip", id: "10.0.0.1" }];
  const base = { sessionId: SESSION, cxid: 7, opCode: 0, body: new Uint8Array(0), authInfo };
  const bytes = tree.prepare({ ...base, ...request }, zxid, nowMs, maxBytes);
  expect(bytes.length).toBeLessThanOrEqual(maxBytes);
  prepared.push(bytes);
  return decodeTxn(bytes);
}

function prepare<C extends RequestOpCode>(
  opCode: C,
  content: RequestBodyInit<C>,
  given: Partial<ChangeRequest> = {},
): TxnMessage {
  return send({
    opCode,
    body: encodeRequest(opCode, 0, ...([content] as unknown as RequestContent<C>)).subarray(8),
    ...given,
  });
}

function applyAll(): TxnResult[] {
  return prepared.splice(0).map((bytes) => {
    const { header } = decodeTxn(bytes);
    const { expectedDigest, ...result } = tree.apply({ zxid: header.zxid, header, bytes });
    if (expectedDigest !== undefined) expect(tree.digest()).toBe(expectedDigest);
    return result;
  });
}

function create(
  path: string,
  flags: number = CreateMode.PERSISTENT,
  given?: Partial<ChangeRequest>,
) {
  return prepare(OpCode.create, { path, data: null, acl: OPEN_ACL_UNSAFE, flags }, given);
}

function errorOf(txn: TxnMessage): number {
  return txn.type === OpCode.error ? txn.body.err : ErrorCode.OK;
}

describe("a tree that is full", () => {
  beforeEach(() => {
    // ZooKeeper has four znodes of its own.
    start({ mostZnodes: 6 });
    for (const path of ["/a", "/b"]) {
      create(path);
      applyAll();
    }
  });

  test("takes no more znodes, alone or in a multi, until others have gone", () => {
    const full = { type: OpCode.error, body: { err: ErrorCode.QUOTAEXCEEDED } };
    expect(create("/c")).toMatchObject(full);
    expect(create("/a/c")).toMatchObject(full);
    const acl = OPEN_ACL_UNSAFE;
    const set = { type: OpCode.setData, body: { path: "/a", data: null, version: -1 } } as const;
    const createC = {
      type: OpCode.create,
      body: { path: "/c", data: null, acl, flags: 0 },
    } as const;
    expect(prepare(OpCode.multi, [set, createC]).type).toBe(OpCode.multi);
    expect(applyAll().map(({ err }) => err)).toEqual(Array(3).fill(ErrorCode.QUOTAEXCEEDED));
    expect(prepare(OpCode.setData, set.body).type).toBe(OpCode.setData);
    expect(prepare(OpCode.delete, { path: "/b", version: -1 }).type).toBe(OpCode.delete);
    applyAll();
    expect(create("/c").type).toBe(OpCode.create);
    applyAll();
    expect(tree.nodeCount).toBe(6);
  });

  test("counts the creates that are under way", () => {
    start({ mostZnodes: 100 });
    const created = Array.from({ length: 200 }, (_, i) => create(`/n${i}`).type);
    expect(created).toContain(OpCode.error);
    applyAll();
    expect(tree.nodeCount).toBeLessThanOrEqual(100);
  });
});

describe("an error txn", () => {
  test("has the request's session and number, its own zxid, and no digest", () => {
    const txn = create("nowhere");
    expect(txn.type).toBe(OpCode.error);
    const { clientId, cxid, zxid: own, time } = txn.header;
    expect([clientId, cxid, own, time]).toEqual([SESSION, 7, zxid, nowMs]);
    expect(txn.digest).toBeNull();
    expect(applyAll()).toEqual([{ type: OpCode.error, err: ErrorCode.BADARGUMENTS }]);
    expect(tree.lastProcessedZxid).toBe(zxid);
  });

  test.each([
    ["a check outside of a multi (ZOOKEEPER-2623)", OpCode.check, ErrorCode.UNIMPLEMENTED],
    ["a read", OpCode.sync, ErrorCode.UNIMPLEMENTED],
    ["an op code that does not exist", 4711, ErrorCode.UNIMPLEMENTED],
    ["a reconfig", OpCode.reconfig, ErrorCode.RECONFIGDISABLED],
  ])("answers %s", (_, opCode, err) => {
    const body = new Uint8Array(64);
    expect(errorOf(send({ opCode, body }))).toBe(err);
  });

  test.each([
    ["ends early", OpCode.setData, [0, 0, 0, 9]],
    ["has a length below -1", OpCode.create, [0xff, 0, 0, 0]],
    ["has a part that is no change", OpCode.multi, [0, 0, 0, 4, 0, 0, 0, 0, 0]],
    ["never ends", OpCode.multi, []],
  ])("answers a body that %s", (_, opCode, bytes) => {
    expect(errorOf(send({ opCode, body: Uint8Array.from(bytes) }))).toBe(
      ErrorCode.MARSHALLINGERROR,
    );
    expect(errorOf(create("/after"))).toBe(ErrorCode.OK);
  });
});

describe("outstanding changes", () => {
  test("count for later requests, and their digests come true one after the other", () => {
    create("/a");
    create("/a/b", CreateMode.EPHEMERAL_SEQUENTIAL);
    create("/a/b", CreateMode.EPHEMERAL_SEQUENTIAL);
    expect(errorOf(prepare(OpCode.delete, { path: "/a", version: -1 }))).toBe(ErrorCode.NOTEMPTY);
    expect(errorOf(create("/a/b0000000001/c"))).toBe(ErrorCode.NOCHILDRENFOREPHEMERALS);
    prepare(OpCode.delete, { path: "/a/b0000000000", version: -1 });
    prepare(OpCode.delete, { path: "/a/b0000000001", version: -1 });
    expect(errorOf(prepare(OpCode.delete, { path: "/a", version: -1 }))).toBe(ErrorCode.OK);
    expect(tree.getNode("/a")).toBeUndefined();
    applyAll();
    expect(tree.getNode("/a")).toBeUndefined();
  });

  test("are forgotten when the leader steps down", () => {
    create("/a");
    prepare(OpCode.closeSession, null);
    tree.discardPrepared();
    prepared = [];
    expect(errorOf(create("/a/b"))).toBe(ErrorCode.NONODE);
    const txn = create("/c");
    expect(txn.digest).not.toBeNull();
    applyAll();
    expect(tree.digest()).toBe(txn.digest?.treeDigest);
  });

  test("of a failed multi leave no trace, also in sequence numbers (ZOOKEEPER-1624)", () => {
    create("/a");
    prepare(OpCode.create, { path: "/a/s", data: null, acl: OPEN_ACL_UNSAFE, flags: 2 });
    const part = (path: string, flags: number) => ({
      type: OpCode.create,
      body: { path, data: null, acl: OPEN_ACL_UNSAFE, flags },
    });
    const multi = prepare(OpCode.multi, [
      part("/a/s", CreateMode.PERSISTENT_SEQUENTIAL),
      { type: OpCode.setData, body: { path: "/a", data: Uint8Array.of(1), version: 0 } },
      part("/none/s", CreateMode.PERSISTENT),
      part("/fine", CreateMode.PERSISTENT),
    ]);
    const parts = multi.type === OpCode.multi ? unpackMultiTxn(multi.body) : [];
    expect(parts.map(({ type, body }) => [type, "err" in body ? body.err : 0])).toEqual([
      [OpCode.create, 0],
      [OpCode.setData, 0],
      [OpCode.error, ErrorCode.NONODE],
      [OpCode.error, ErrorCode.RUNTIMEINCONSISTENCY],
    ]);
    const next = prepare(OpCode.create, {
      path: "/a/s",
      data: null,
      acl: OPEN_ACL_UNSAFE,
      flags: 2,
    });
    expect(next.type === OpCode.create && next.body.path).toBe("/a/s0000000001");
    const results = applyAll();
    expect(results[2]).toEqual({
      type: OpCode.multi,
      err: ErrorCode.NONODE,
      parts: [0, 0, ErrorCode.NONODE, ErrorCode.RUNTIMEINCONSISTENCY].map((err) => ({
        type: OpCode.error,
        err,
      })),
    });
    expect(tree.getNode("/a")?.stat).toMatchObject({ version: 0, numChildren: 2 });
  });
});

test("a delete without a path cannot be read, as Apache's server says", () => {
  const removal = prepare(OpCode.delete, new DeleteRequest({ path: null, version: -1 }));
  expect(errorOf(removal)).toBe(ErrorCode.MARSHALLINGERROR);
  applyAll();
});

describe("a change of a quota that Apache's servers cannot apply is refused:", () => {
  const limits = (parent: string): string => `${parent}/zookeeper_limits`;
  const stats = "/zookeeper/quota/q/zookeeper_stats";
  const setStats = (text: string | null): number | undefined => {
    const data = text === null ? null : new TextEncoder().encode(text);
    return errorOf(prepare(OpCode.setData, { path: stats, data, version: -1 }));
  };

  // Each was sent to an Apache server 3.8.0 of its own, which ended, or did not.
  test.each([
    ["/zookeeper/quota", true],
    ["/zookeeper", true],
    ["/zookeeper/x", true],
    ["/zookeepers", true],
    ["/zookeeper012345", true],
    ["/zookeeper0123456", false],
    ["/zookeeper/quotaX", false],
    ["/zookeeper/quota/q", false],
    ["/zoo", false],
  ])("limits below %s: %s", (parent, isFatal) => {
    create(parent);
    const expected = isFatal ? ErrorCode.BADARGUMENTS : ErrorCode.OK;
    for (const mode of [CreateMode.PERSISTENT, CreateMode.EPHEMERAL]) {
      expect(errorOf(create(limits(parent), mode))).toBe(expected);
      const removal = prepare(OpCode.delete, { path: limits(parent), version: -1 });
      expect(errorOf(removal)).toBe(expected);
    }
    // The number behind it makes it another name.
    expect(errorOf(create(limits(parent), CreateMode.PERSISTENT_SEQUENTIAL))).toBe(ErrorCode.OK);
    applyAll();
  });

  test.each([null, "junk", "=", "count=x,bytes=1", "count=99999999999999999999", "\ufffd"])(
    "statistics %j",
    (text) => {
      for (const path of ["/q", "/zookeeper/quota/q", stats]) create(path);
      expect(setStats(text)).toBe(ErrorCode.BADARGUMENTS);
      applyAll();
    },
  );

  test.each(["", ",,,", "count=1,bytes=2", "count=-1,bytes=-1=;byteHardLimit=5"])(
    "statistics %j, which they can read, are not",
    (text) => {
      for (const path of ["/q", "/zookeeper/quota/q", stats]) create(path);
      expect(setStats(text)).toBe(ErrorCode.OK);
      applyAll();
    },
  );
});

// What Apache's server 3.8.0 answers is compared in test/interop/client-answers.interop.test.ts.
test.each([null, "count = 1"])(
  "an enforced quota of %j refuses whatever it would hold for",
  (text) => {
    start({ extendedTypes: true, enforcesQuotas: true });
    const quota = "/zookeeper/quota/q";
    for (const path of ["/q", quota, `${quota}/zookeeper_stats`]) create(path);
    const data = text === null ? null : new TextEncoder().encode(text);
    const limits = { path: `${quota}/zookeeper_limits`, data, acl: OPEN_ACL_UNSAFE, flags: 0 };
    expect(errorOf(prepare(OpCode.create, limits))).toBe(ErrorCode.OK);
    applyAll();
    const same = prepare(OpCode.setData, { path: "/q", data: new Uint8Array(0), version: -1 });
    expect(errorOf(same)).toBe(ErrorCode.MARSHALLINGERROR);
    const multi = prepare(OpCode.multi, [
      { type: OpCode.check, body: { path: "/q", version: -1 } },
      { type: OpCode.setData, body: { path: "/q", data: null, version: -1 } },
    ]);
    expect(multi.type).toBe(OpCode.error);
    expect(errorOf(multi)).toBe(ErrorCode.MARSHALLINGERROR);
    applyAll();
  },
);

describe("a txn that would be too long for any server to read", () => {
  test("is an error, and leaves no trace", () => {
    create("/a");
    maxBytes = 100;
    const data = new Uint8Array(60);
    const setData = (): TxnMessage => prepare(OpCode.setData, { path: "/a", data, version: -1 });
    expect(errorOf(setData())).toBe(ErrorCode.MARSHALLINGERROR);
    maxBytes = 200;
    const txn = setData();
    expect(txn.type === OpCode.setData && txn.body.version).toBe(1);
    applyAll();
  });

  test("lists some of a session's ephemerals only, and all go (ZOOKEEPER-4306)", () => {
    for (let count = 0; count < 10; count++) create(`/ä${count}`, CreateMode.EPHEMERAL);
    maxBytes = 100;
    const closing = prepare(OpCode.closeSession, null);
    expect(closing.type === OpCode.closeSession && closing.body?.paths2Delete).toHaveLength(6);
    applyAll();
    expect(tree.getNode("/")?.stat.numChildren).toBe(1);
    expect([...tree.ephemeralsOf(SESSION)]).toEqual([]);
  });
});

describe("a session", () => {
  test("may do nothing behind its closeSession, and takes along what is outstanding", () => {
    create("/a");
    create("/a/applied", CreateMode.EPHEMERAL);
    applyAll();
    create("/a/outstanding", CreateMode.EPHEMERAL);
    create("/a/deleted", CreateMode.EPHEMERAL);
    prepare(OpCode.delete, { path: "/a/deleted", version: -1 });
    const closing = prepare(OpCode.closeSession, null);
    expect(closing.type === OpCode.closeSession && closing.body?.paths2Delete).toEqual([
      "/a/applied",
      "/a/outstanding",
    ]);
    expect(errorOf(create("/a/late", CreateMode.EPHEMERAL))).toBe(ErrorCode.SESSIONEXPIRED);
    // The children that go do not count any more, although they are still there.
    const leaders = { sessionId: 0n };
    const removal = prepare(OpCode.delete, { path: "/a", version: -1 }, leaders);
    expect(errorOf(removal)).toBe(ErrorCode.OK);
    applyAll();
    expect([...tree.sessions]).toEqual([]);
    expect(tree.getNode("/a")).toBeUndefined();
    expect(errorOf(create("/b"))).toBe(ErrorCode.SESSIONEXPIRED);
  });

  test("is needed for an ephemeral: the leader itself has none", () => {
    expect(errorOf(create("/a", CreateMode.EPHEMERAL, { sessionId: 0n }))).toBe(
      ErrorCode.SESSIONEXPIRED,
    );
    expect(errorOf(create("/a", CreateMode.PERSISTENT, { sessionId: 0n }))).toBe(ErrorCode.OK);
  });
});

test("versions wrap around, and never become the one that matches any (ZOOKEEPER-4743)", () => {
  create("/a");
  applyAll();
  const versions = [0x7fff_ffff, -2].map((current) => {
    zxid++;
    const header = { clientId: SESSION, cxid: 1, zxid, time: nowMs };
    const body = { path: "/a", data: null, version: current };
    prepared.push(encodeTxn(OpCode.setData, header, body));
    applyAll();
    const txn = prepare(OpCode.setData, { path: "/a", data: null, version: current });
    applyAll();
    return txn.type === OpCode.setData && txn.body.version;
  });
  expect(versions).toEqual([-0x8000_0000, 0]);
});

describe("op codes and flags that do not agree", () => {
  test.each([
    [OpCode.create, CreateMode.CONTAINER, ErrorCode.BADARGUMENTS],
    [OpCode.create2, CreateMode.PERSISTENT_WITH_TTL, ErrorCode.BADARGUMENTS],
    [OpCode.createContainer, CreateMode.PERSISTENT, ErrorCode.BADARGUMENTS],
    [OpCode.create, 7, ErrorCode.BADARGUMENTS],
  ])("op %s with flags %s", (opCode, flags, err) => {
    expect(errorOf(prepare(opCode, { path: "/a", data: null, acl: OPEN_ACL_UNSAFE, flags }))).toBe(
      err,
    );
  });

  test.each([
    [CreateMode.PERSISTENT, -1n, ErrorCode.BADARGUMENTS],
    [CreateMode.PERSISTENT_WITH_TTL, 0n, ErrorCode.BADARGUMENTS],
    [CreateMode.PERSISTENT_WITH_TTL, 2n ** 40n, ErrorCode.BADARGUMENTS],
    [CreateMode.PERSISTENT_WITH_TTL, 2n ** 40n - 1n, ErrorCode.OK],
  ])("a createTTL with flags %s and %s ms", (flags, ttl, err) => {
    const body = { path: "/a", data: null, acl: OPEN_ACL_UNSAFE, flags, ttl };
    expect(errorOf(prepare(OpCode.createTTL, body))).toBe(err);
  });

  test("a time to live where extended types are disabled", () => {
    start({});
    const flags = CreateMode.PERSISTENT_WITH_TTL;
    const body = { path: "/a", data: null, acl: OPEN_ACL_UNSAFE, flags, ttl: 5n };
    expect(errorOf(prepare(OpCode.createTTL, body))).toBe(ErrorCode.UNIMPLEMENTED);
  });
});

describe("containers and times to live", () => {
  const duePaths = (): (string | null)[] =>
    tree.overdue(nowMs).map(({ body }) => DeleteTxn.decode(body).path);

  beforeEach(() => {
    const acl = OPEN_ACL_UNSAFE;
    const flags = CreateMode.CONTAINER;
    prepare(OpCode.createContainer, { path: "/box", data: null, acl, flags });
    const ttl = { flags: CreateMode.PERSISTENT_WITH_TTL, ttl: 1000n };
    prepare(OpCode.createTTL, { path: "/ttl", data: null, acl, ...ttl });
    applyAll();
  });

  test("are due when they are empty, after a child or after their time", () => {
    expect(duePaths()).toEqual([]);
    nowMs += 1000n;
    expect(duePaths()).toEqual([]);
    nowMs += 1n;
    expect(duePaths()).toEqual(["/ttl"]);
    create("/box/child");
    create("/ttl/child");
    applyAll();
    expect(duePaths()).toEqual([]);
    prepare(OpCode.delete, { path: "/box/child", version: -1 });
    applyAll();
    expect(duePaths()).toEqual(["/box"]);
  });

  test("are not due when they never had a child, unless that is set", () => {
    nowMs += 2n ** 39n;
    expect(duePaths()).toEqual(["/ttl"]);

    start({ maxNeverUsedMs: 5000 });
    const box = { data: null, acl: OPEN_ACL_UNSAFE, flags: CreateMode.CONTAINER };
    prepare(OpCode.createContainer, { path: "/box", ...box });
    applyAll();
    nowMs += 5000n;
    expect(duePaths()).toEqual([]);
    nowMs += 1n;
    expect(duePaths()).toEqual(["/box"]);
  });

  test("are requested so many at a time", () => {
    nowMs += 1001n;
    create("/box/child");
    applyAll();
    prepare(OpCode.delete, { path: "/box/child", version: -1 });
    applyAll();
    expect(duePaths()).toEqual(["/box", "/ttl"]);
    expect(tree.overdue(nowMs, 1)).toHaveLength(1);
  });

  test("are deleted by the leader's own requests", () => {
    create("/box/child");
    applyAll();
    prepare(OpCode.delete, { path: "/box/child", version: -1 });
    applyAll();
    nowMs += 300_001n;
    for (const request of tree.overdue(nowMs)) expect(errorOf(send(request))).toBe(ErrorCode.OK);
    applyAll();
    expect(tree.getChildren("/")).toEqual(["zookeeper"]);
  });

  test("are not deleted when they were used meanwhile", () => {
    create("/box/child");
    applyAll();
    prepare(OpCode.delete, { path: "/box/child", version: -1 });
    applyAll();
    nowMs += 300_001n;
    const due = tree.overdue(nowMs);
    create("/box/child");
    prepare(OpCode.setData, { path: "/ttl", data: null, version: -1 });
    expect(due.map((request) => errorOf(send(request)))).toEqual([
      ErrorCode.NOTEMPTY,
      ErrorCode.BADVERSION,
    ]);
  });

  test("are not deleted for a client that forges the request, and nothing else is for the leader", () => {
    nowMs += 300_001n;
    const [due] = tree.overdue(nowMs);
    expect(errorOf(send({ ...due, sessionId: SESSION }))).toBe(ErrorCode.UNIMPLEMENTED);
    create("/plain");
    const body = DeleteTxn.encode({ path: "/plain" });
    expect(errorOf(send({ ...due, body }))).toBe(ErrorCode.BADVERSION);
  });
});

test("leaves digests out where they are disabled", () => {
  start({ digests: false });
  expect(create("/a").digest).toBeNull();
});

test("says once what the leader expects when the trees have come apart, and again when they agree", () => {
  const other = new DataTree();
  const told = (): boolean => {
    const [bytes] = prepared;
    if (bytes === undefined) throw new Error("nothing was prepared");
    applyAll();
    const { header } = decodeTxn(bytes);
    const { expectedDigest } = other.apply({ zxid: header.zxid, header, bytes });
    return expectedDigest !== undefined;
  };
  // Sessions are in no digest, so the other tree may have missed one.
  create("/a");
  expect([told(), other.digest()]).toEqual([true, tree.digest()]);
  create("/missed");
  applyAll();
  create("/b");
  expect([told(), other.digest() === tree.digest()]).toEqual([true, false]);
  create("/c");
  expect(told()).toBe(false);
  // Without the znode that was missed, the trees are the same again.
  prepare(OpCode.delete, { path: "/missed", version: -1 });
  expect([told(), other.digest()]).toEqual([true, tree.digest()]);
  create("/d");
  expect(told()).toBe(true);
});
