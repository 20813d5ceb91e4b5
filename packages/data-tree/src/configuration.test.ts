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
