import { encodeTxn, makeZxid, OpCode, TxnHeader } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { DataTree } from "./data-tree.js";
import { CONFIG } from "./znode-path.js";

it("the tree tells the configuration that a reconfiguration has committed last, and none before", () => {
  const tree = new DataTree();
  expect(tree.configuration()).toBeUndefined();
  const data = new TextEncoder().encode("server.1=a:1:2:participant\nversion=100000001");
  const header = { clientId: 1n, cxid: 1, zxid: makeZxid(1, 1), time: 0n };
  const bytes = encodeTxn(OpCode.reconfig, header, { path: CONFIG, data, version: 1 });
  tree.apply({
    zxid: header.zxid,
    header: new TxnHeader({ ...header, type: OpCode.reconfig }),
    bytes,
  });
  expect(tree.configuration()).toEqual(data);
  tree.clear();
  expect(tree.configuration()).toBeUndefined();
});

it("a configuration that is shown is no part of what is replicated, and all may read it", () => {
  const [tree, other] = [new DataTree(), new DataTree()];
  const text = new TextEncoder().encode("server.1=a:1:2:participant\nversion=0");
  tree.showConfiguration(text, 0n, 1234n);
  expect(tree.configuration()).toEqual(text);
  const znode = tree.getNode(CONFIG);
  expect(znode?.data).toEqual(text);
  // As Apache's server has it.
  expect(znode?.stat).toMatchObject({ czxid: 0n, mzxid: 0n, ctime: 0n, mtime: 1234n, version: -1 });
  expect(znode?.stat).toMatchObject({
    cversion: 0,
    aversion: -1,
    pzxid: 0n,
    dataLength: text.length,
  });
  expect(tree.digest()).toBe(other.digest());
  expect(tree.lastProcessedZxid).toBe(other.lastProcessedZxid);
});
