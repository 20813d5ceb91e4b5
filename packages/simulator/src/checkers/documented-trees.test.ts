import { DataTree } from "@jute-ts/data-tree";
import {
  CreateMode,
  DeleteTxn,
  encodeTxn,
  makeZxid,
  OpCode,
  OPEN_ACL_UNSAFE,
} from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { asciiBytes, createChange, createSessionChange } from "../clients/change-requests.js";
import { CommittedTxns } from "../model/committed-txns.js";
import { GhostOperations } from "../model/ghost-operations.js";
import { newGhosts } from "../model/ghosts.js";
import { CommittedRequests } from "./committed-requests.js";
import { DocumentedTrees } from "./documented-trees.js";
import { FakeRun, sessionTxn, txnOf } from "./fake-run.js";

const SESSION = 5n;
const PATH = "/ephemeral";
const DATA = "data";

describe("DocumentedTrees", () => {
  /** Server 1 has applied what a client has asked for: a session, and an ephemeral of it. */
  function runWith(tree: DataTree): FakeRun {
    const { history } = newGhosts();
    const operations = new GhostOperations();
    const committed = new CommittedTxns(history);
    const requests = new CommittedRequests(operations, committed, {
      extendedTypes: false,
      enforcesQuotas: false,
      knowsLogins: false,
    });
    const run = new FakeRun([
      ...[history, operations, committed, requests],
      new DocumentedTrees(requests, history, { firstZxid: 0n, neverUsedMs: 0 }),
    ]);
    run.lead(1n, 1);
    run.peer(1n).tree = tree;
    const zxid = makeZxid(1, 2);
    const header = { clientId: SESSION, cxid: 1, zxid, time: 0n };
    const data = asciiBytes(DATA);
    const acl = [...OPEN_ACL_UNSAFE];
    const body = { path: PATH, data, acl, ephemeral: true, parentCVersion: 1 };
    const create = { ...createChange(PATH, DATA, CreateMode.EPHEMERAL), authInfo: [] };
    for (const [operation, change, txn] of [
      [1, createSessionChange(SESSION, 1000), sessionTxn(1, 1, SESSION)],
      [
        2,
        { ...create, sessionId: SESSION, cxid: 1 },
        txnOf(zxid, encodeTxn(OpCode.create2, header, body)),
      ],
    ] as const) {
      run.ask(operation, "client", 1n, { kind: "submit", change });
      tree.apply(txn);
      run.deliverTxns(1n, txn);
    }
    return run;
  }

  /** A tree that shows something else than it has. */
  function showing(figure: PropertyKey, value: unknown): DataTree {
    return Object.defineProperty(new DataTree(), figure, { value });
  }

  const right = new DataTree();
  runWith(right);

  it("accepts what the requests have made", () => {
    runWith(new DataTree()).end();
    // The root, three more that every server has, and the ephemeral.
    expect(right.nodeCount).toBe(5);
  });

  it.each<[text: string, figure: keyof DataTree, value: unknown]>([
    ["it has 4 znodes, and should have 5", "nodeCount", 4],
    ["bytes, and should have", "approximateDataSize", right.approximateDataSize + 1],
    ["it shows 1 ephemerals, and should 1", "ephemeralCount", 2],
    ["it shows 0 ephemerals, and should 1", "ephemerals", () => []],
    ["it shows 1 ephemerals, and should 1", "ephemerals", () => [[SESSION, ["/other"]]]],
    ["it shows 1 ephemerals, and should 1", "ephemerals", () => [[SESSION + 1n, [PATH]]]],
    [
      "it shows 2 ephemerals, and should 1",
      "ephemerals",
      () => [
        [SESSION, [PATH]],
        [6n, []],
      ],
    ],
    ["/ lists other children", "getChildren", () => ["zookeeper"]],
    [
      "it has 2 sessions, and should have 1",
      "sessions",
      new Map([
        [SESSION, 1000],
        [6n, 1000],
      ]),
    ],
    ["its digest is", "digest", () => right.digest() + 1n],
    ["it shows digests of other txns", "digests", [{ zxid: makeZxid(1, 2), digest: 0n }]],
    [
      "at 0 ms /ephemeral is due, and nothing should be",
      "overdue",
      () => [{ body: DeleteTxn.encode({ path: PATH }) }],
    ],
  ])("refuses a tree when %s: %s", (text, figure, value) => {
    expect(() => {
      runWith(showing(figure, value)).end();
    }).toThrow(text);
  });
});
