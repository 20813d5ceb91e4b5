/**
 * What a txn's result says about znodes, for watches: the order in which Java's
 * DataTree triggers them, and the access control lists of that moment.
 */
import type { TxnResult } from "@jute-ts/quorum";
import {
  ACL,
  CreateMode,
  decodeTxn,
  encodeRequest,
  Id,
  OpCode,
  OPEN_ACL_UNSAFE,
  Perms,
  type RequestBodyInit,
  type RequestContent,
  type RequestOpCode,
} from "@jute-ts/zookeeper";
import { beforeEach, expect, test } from "vitest";
import { DataTree } from "./data-tree.js";

const SESSION = 0x100n;
const LOCAL = [
  new ACL({ perms: Perms.ALL, id: new Id({ scheme: "ip", id: "127.0.0.1" }) }),
] as const;

let tree: DataTree;
let zxid: bigint;

beforeEach(() => {
  tree = new DataTree();
  zxid = 0x100000000n;
  run(OpCode.createSession, { timeOut: 5000 });
});

test("a create and a delete name the lists of the znode and of its parent", () => {
  expect(create("/a", CreateMode.PERSISTENT, LOCAL).changes).toEqual([
    { kind: "created", path: "/a", acl: LOCAL, parentAcl: OPEN_ACL_UNSAFE },
  ]);
  expect(create("/a/b").changes).toEqual([
    { kind: "created", path: "/a/b", acl: OPEN_ACL_UNSAFE, parentAcl: LOCAL },
  ]);
  run(OpCode.delete, { path: "/a/b", version: -1 });
  // No other znode has this list, so it is gone from the tree.
  expect(run(OpCode.delete, { path: "/a", version: -1 }).changes).toEqual([
    { kind: "deleted", path: "/a", acl: LOCAL, parentAcl: OPEN_ACL_UNSAFE },
  ]);
});

test("new data is a change, a new list and a failure are none", () => {
  create("/a");
  expect(run(OpCode.setACL, { path: "/a", acl: [...LOCAL], version: -1 }).changes ?? []).toEqual(
    [],
  );
  expect(run(OpCode.setData, { path: "/a", data: null, version: -1 }).changes).toEqual([
    { kind: "dataChanged", path: "/a", acl: LOCAL },
  ]);
  expect(run(OpCode.setData, { path: "/none", data: null, version: -1 }).changes ?? []).toEqual([]);
  expect(run(OpCode.setData, { path: "/a", data: null, version: 77 }).changes ?? []).toEqual([]);
});

test("the parts of a multi have their own, one after another", () => {
  const part = { path: "/a", data: null, acl: OPEN_ACL_UNSAFE, flags: 0 };
  const multi = run(OpCode.multi, [
    { type: OpCode.create, body: part },
    { type: OpCode.check, body: { path: "/a", version: 0 } },
    { type: OpCode.setData, body: { path: "/a", data: null, version: 0 } },
    { type: OpCode.delete, body: { path: "/a", version: 1 } },
  ]);
  const kinds = multi.parts?.map(({ changes }) => changes?.map(({ kind }) => kind) ?? []);
  expect(kinds).toEqual([["created"], [], ["dataChanged"], ["deleted"]]);
});

test("a failed multi changes nothing", () => {
  const multi = run(OpCode.multi, [
    {
      type: OpCode.create,
      body: { path: "/a", data: null, acl: OPEN_ACL_UNSAFE, flags: 0 },
    },
    { type: OpCode.check, body: { path: "/none", version: 0 } },
  ]);
  expect(multi.parts?.flatMap(({ changes }) => changes ?? [])).toEqual([]);
});

test("the end of a session deletes its ephemerals in the order of its leader", () => {
  create("/a");
  create("/a/2", CreateMode.EPHEMERAL, LOCAL);
  create("/a/1", CreateMode.EPHEMERAL);
  const { changes } = run(OpCode.closeSession, null);
  expect(changes).toEqual([
    { kind: "deleted", path: "/a/2", acl: LOCAL, parentAcl: OPEN_ACL_UNSAFE },
    { kind: "deleted", path: "/a/1", acl: OPEN_ACL_UNSAFE, parentAcl: OPEN_ACL_UNSAFE },
  ]);
});

function create(
  path: string,
  flags: number = CreateMode.PERSISTENT,
  acl: readonly ACL[] = OPEN_ACL_UNSAFE,
): TxnResult {
  return run(OpCode.create, { path, data: null, acl: [...acl], flags });
}

function run<C extends RequestOpCode>(opCode: C, content: RequestBodyInit<C>): TxnResult {
  zxid++;
  const body = encodeRequest(opCode, 0, ...([content] as unknown as RequestContent<C>)).subarray(8);
  const authInfo = [{ scheme: "ip", id: "127.0.0.1" }];
  const bytes = tree.prepare({ sessionId: SESSION, cxid: 1, opCode, body, authInfo }, zxid, 1n);
  return tree.apply({ zxid, header: decodeTxn(bytes).header, bytes });
}
