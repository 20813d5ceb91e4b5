import { encodeSnapshotBody, SnapshotFileEncoder, snapshotFileName } from "@jute-ts/persistence";
import {
  ACL,
  CreateMode,
  encodeTxn,
  makeZxid,
  OPEN_ACL_UNSAFE,
  OpCode,
  StatPersisted,
} from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { asciiBytes, createSessionChange, createWith } from "../clients/change-requests.js";
import { CommittedTxns } from "../model/committed-txns.js";
import { GhostOperations } from "../model/ghost-operations.js";
import { newGhosts } from "../model/ghosts.js";
import { CommittedRequests } from "./committed-requests.js";
import { DocumentedSnapshots } from "./documented-snapshots.js";
import { FakeRun, sessionTxn, txnOf } from "./fake-run.js";

const SESSION = 5n;
const READERS = [new ACL({ perms: 1, id: { scheme: "world", id: "anyone" } })];
const WRITERS = [new ACL({ perms: 3, id: { scheme: "world", id: "anyone" } })];
const STRANGERS = [new ACL({ perms: 1, id: { scheme: "digest", id: "x:y" } })];
const CREATED = makeZxid(1, 2);

/** What a snapshot holds, as lists. */
interface Content {
  readonly sessions: [id: bigint, timeoutMs: number][];
  readonly acls: [id: bigint, acl: readonly ACL[]][];
  readonly nodes: Node[];
  readonly root: Node;
  readonly created: Node;
}

interface Node {
  path: string;
  data: Uint8Array;
  aclId: bigint;
  stat: StatPersisted;
}

/** What the file must hold: a session, and a znode that only some may write. */
function rightContent(): Content {
  const node = (path: string, aclId: bigint, stat: Partial<StatPersisted> = {}): Node => ({
    path,
    data: asciiBytes(path === "/a" ? "data" : ""),
    aclId,
    stat: Object.assign(new StatPersisted(), stat),
  });
  const root = node("", -1n, { cversion: 1, pzxid: CREATED });
  const created = node("/a", 2n, { czxid: CREATED, mzxid: CREATED, pzxid: CREATED });
  return {
    sessions: [[SESSION, 1000]],
    acls: [
      [1n, READERS],
      [2n, WRITERS],
    ],
    nodes: [
      root,
      node("/zookeeper", -1n),
      node("/zookeeper/quota", -1n),
      node("/zookeeper/config", 1n, { aversion: -1 }),
      created,
    ],
    root,
    created,
  };
}

/** Server 1 gives a snapshot of both txns its name. */
function publish({ sessions, acls, nodes }: Content): void {
  const { history } = newGhosts();
  const operations = new GhostOperations();
  const committed = new CommittedTxns(history);
  const requests = new CommittedRequests(operations, committed, {
    extendedTypes: false,
    enforcesQuotas: false,
    knowsLogins: false,
  });
  const judge = new DocumentedSnapshots(requests, history, 0n);
  const run = new FakeRun([history, operations, committed, requests, judge]);
  run.lead(1n, 1);
  const change = { ...createWith("/a", "data", CreateMode.PERSISTENT, WRITERS, 0), authInfo: [] };
  const header = { clientId: SESSION, cxid: 1, zxid: CREATED, time: 0n };
  const body = { path: "/a", data: asciiBytes("data"), acl: WRITERS };
  const create = encodeTxn(OpCode.create2, header, {
    ...body,
    ephemeral: false,
    parentCVersion: 1,
  });
  run.ask(1, "client", 1n, { kind: "submit", change: createSessionChange(SESSION, 1000) });
  run.ask(2, "client", 1n, { kind: "submit", change: { sessionId: SESSION, cxid: 1, ...change } });
  run.deliverTxns(1n, sessionTxn(1, 1, SESSION), txnOf(CREATED, create));

  const encoder = new SnapshotFileEncoder();
  const content = { sessions, sessionCount: sessions.length, acls, aclCount: acls.length, nodes };
  const pieces = [encoder.header()];
  for (const piece of encodeSnapshotBody(content)) pieces.push(encoder.body(piece));
  pieces.push(encoder.trailer({ lastProcessedZxid: CREATED }));
  const name = snapshotFileName(CREATED);
  run.peer(1n).disk.put({ directory: "data", name }, Buffer.concat(pieces));
  const file = { directory: "data", name: `${name}.tmp` } as const;
  run.file(1n, { kind: "rename", file, to: name });
}

describe("DocumentedSnapshots", () => {
  it("accepts what the requests have made", () => {
    publish(rightContent());
  });

  it.each<[text: string, spoil: (content: Content) => unknown]>([
    ["/a has other data", ({ created }) => (created.data = asciiBytes("dat"))],
    ["/a has 1 for version, and should have 0", ({ created }) => (created.stat.version = 1)],
    ["/ has 0 for cversion, and should have 1", ({ root }) => (root.stat.cversion = 0)],
    ["/a has the access control list world:anyone:1", ({ created }) => (created.aclId = 1n)],
    ["/a has an access control list that is not there", ({ acls }) => acls.pop()],
    ["it has 4 znodes, and should have 5", ({ nodes }) => nodes.pop()],
    ["/b is there, and should not", ({ nodes, created }) => nodes.push({ ...created, path: "/b" })],
    ["no znode has its list 3, digest:x:y:1", ({ acls }) => acls.push([3n, STRANGERS])],
    [
      "it has the list world:anyone:31 twice",
      ({ acls, nodes }) => {
        acls.push([3n, OPEN_ACL_UNSAFE], [4n, OPEN_ACL_UNSAFE]);
        for (const [index, node] of nodes.slice(0, 2).entries()) node.aclId = BigInt(3 + index);
      },
    ],
    ["session 5 should last 1000 ms", ({ sessions }) => sessions.pop()],
    ["session 5 should last 1000 ms", ({ sessions }) => sessions.splice(0, 1, [SESSION, 999])],
    ["it has 2 sessions, and should have 1", ({ sessions }) => sessions.push([6n, 1000])],
  ])("refuses a file of which is to say: %s", (text, spoil) => {
    const content = rightContent();
    spoil(content);
    expect(() => {
      publish(content);
    }).toThrow(text);
  });
});
