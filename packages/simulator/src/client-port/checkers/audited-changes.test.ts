import type { AuditEvent } from "@jute-ts/server/clients";
import { CreateMode, encodeTxn, makeZxid, OpCode, OPEN_ACL_UNSAFE } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun, txnOf } from "../../checkers/fake-run.js";
import type { ExpectedOutcome } from "../../model/request-model.js";
import { TreeModel } from "../../model/tree-model.js";
import { type DrawnRequest, request } from "../frame-operations.js";
import { AuditedChanges } from "./audited-changes.js";

const SESSION = 5n;
const ZXID = makeZxid(1, 7);
const ids = [
  { scheme: "ip", id: "10.0.0.1" },
  { scheme: "digest", id: "ann:hash" },
];
const client = { sessionId: SESSION, user: "10.0.0.1,ann", ip: "10.0.0.1" };

const create = request(OpCode.create, {
  path: "/s-",
  data: new Uint8Array(0),
  acl: OPEN_ACL_UNSAFE,
  flags: CreateMode.EPHEMERAL_SEQUENTIAL,
});
const setAcl = request(OpCode.setACL, { path: "/a", acl: OPEN_ACL_UNSAFE, version: 2 });
const multi = request(OpCode.multi, [
  { type: OpCode.check, body: { path: "/a", version: 1 } },
  { type: OpCode.delete, body: { path: "/a", version: 1 } },
]);

/** What the audit log says, and then what a client is answered. */
function told(events: readonly AuditEvent[], drawn: DrawnRequest, outcome?: ExpectedOutcome): void {
  const tree = new TreeModel();
  const operation = outcome === undefined ? 8 : 9;
  const requests = { isLost: false, tree, operationOf: () => 9, outcomeOf: () => outcome };
  const run = new FakeRun([new AuditedChanges(requests)]);
  for (const event of events) run.observe({ kind: "audited", sid: 2n, event });
  const { message } = drawn;
  const asked = { xid: 3, message, ids, operation, objection: undefined };
  const answer = { xid: 3, zxid: ZXID, err: outcome?.err ?? -6, response: undefined };
  const event = { kind: "answered", request: asked, ...answer } as const;
  const happening = { client: "client-1", connection: 1, sessionId: SESSION, event };
  run.observe({ kind: "frame", sid: 2n, happening });
}

const created: AuditEvent = {
  ...client,
  operation: "create",
  znode: "/s-0000000001",
  znodeType: "ephemeral_sequential",
  result: "success",
};
const createdOutcome = { err: 0, path: "/s-0000000001" };

describe("AuditedChanges", () => {
  it.each<[string, readonly AuditEvent[], DrawnRequest, ExpectedOutcome?]>([
    ["a create", [created], create, createdOutcome],
    [
      "a create that failed",
      [{ ...created, znode: "/s-", result: "failure" }],
      create,
      { err: -101 },
    ],
    ["a create that was refused", [{ ...created, znode: "/s-", result: "failure" }], create],
    [
      "a list",
      [
        {
          ...client,
          operation: "setAcl",
          znode: "/a",
          acl: "world:anyone:cdrwa",
          result: "success",
        },
      ],
      setAcl,
      { err: 0 },
    ],
    [
      "the parts of a multi that change something",
      [{ ...client, operation: "delete", znode: "/a", result: "success" }],
      multi,
      { err: 0, parts: [{ err: 0 }, { err: 0, path: "/a" }] },
    ],
    [
      "a multi that failed as a whole",
      [{ ...client, operation: "multiOperation", result: "failure" }],
      multi,
      { err: -103, parts: [{ err: -103 }, { err: -2 }] },
    ],
    ["nothing of a read", [], request(OpCode.whoAmI, null), { err: 0 }],
  ])("wants to be told of %s", (_what, events, drawn, outcome) => {
    expect(() => {
      told(events, drawn, outcome);
    }).not.toThrow();
    if (events.length === 0) return;
    expect(() => {
      told([], drawn, outcome);
    }).toThrow("has said nothing of");
  });

  it.each<[string, Partial<AuditEvent>]>([
    ["session", { sessionId: 6n }],
    ["user", { user: "10.0.0.1" }],
    ["address", { ip: "10.0.0.2" }],
    ["operation", { operation: "setData" }],
    ["znode", { znode: "/s-" }],
    ["type", { znodeType: "ephemeral" }],
    ["result", { result: "failure" }],
  ])("refuses another %s", (_what, change) => {
    expect(() => {
      told([{ ...created, ...change }], create, createdOutcome);
    }).toThrow("has said nothing of create of /s-0000000001: success");
  });

  describe("of a session's end", () => {
    const gone: AuditEvent = {
      sessionId: SESSION,
      user: "server",
      operation: "ephemeralZNodeDeletionOnSessionCloseOrExpire",
      znode: "/e",
      result: "success",
    };
    const begin = (...events: readonly AuditEvent[]): FakeRun => {
      const tree = new TreeModel();
      tree.commit(ZXID, { znodes: new Map([["/e", undefined]]), sessions: new Map() });
      const requests = {
        isLost: false,
        tree,
        operationOf: () => undefined,
        outcomeOf: () => undefined,
      };
      const run = new FakeRun([new AuditedChanges(requests)]);
      for (const event of events) run.observe({ kind: "audited", sid: 2n, event });
      return run;
    };
    const close = (run: FakeRun): void => {
      const header = { clientId: SESSION, cxid: 1, zxid: ZXID, time: 0n };
      run.deliverTxns(2n, txnOf(ZXID, encodeTxn(OpCode.closeSession, header, null)));
    };
    const end = (...events: readonly AuditEvent[]): void => {
      const run = begin(...events);
      close(run);
      run.end();
    };

    it("wants to be told which ephemerals went with it", () => {
      expect(() => {
        end(gone);
      }).not.toThrow();
      expect(() => {
        end();
      }).toThrow("says nothing of");
    });

    it("refuses others", () => {
      expect(() => {
        end(gone, { ...gone, znode: "/f" });
      }).toThrow("of /f: success");
    });

    it("forgets what was told before a crash in the middle of the step, whether a txn was applied or not", () => {
      const early = begin({ ...gone, znode: "/f" });
      early.observe({ kind: "crash", sid: 2n });
      early.observe({ kind: "audited", sid: 2n, event: gone });
      close(early);
      early.end();
      const late = begin(gone, { ...gone, znode: "/f" });
      close(late);
      late.observe({ kind: "crash", sid: 2n });
      late.end();
    });

    it("does not forget it for another server's crash", () => {
      const run = begin(gone, { ...gone, znode: "/f" });
      close(run);
      run.observe({ kind: "crash", sid: 1n });
      expect(() => {
        run.end();
      }).toThrow("of /f: success");
    });
  });
});
