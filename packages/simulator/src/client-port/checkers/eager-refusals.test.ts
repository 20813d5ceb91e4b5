import { ACL, CreateMode, encodeTxn, ErrorCode, makeZxid, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { CommittedRequests } from "../../checkers/committed-requests.js";
import { FakeRun, sessionTxn, txnOf } from "../../checkers/fake-run.js";
import {
  asciiBytes,
  createSessionChange,
  createWith,
  setChange,
} from "../../clients/change-requests.js";
import { CommittedTxns } from "../../model/committed-txns.js";
import { GhostOperations } from "../../model/ghost-operations.js";
import { newGhosts } from "../../model/ghosts.js";
import { USUAL_RULES } from "../../world/settings.js";
import { request } from "../frame-operations.js";
import { EagerRefusals } from "./eager-refusals.js";

const SESSION = 5n;
const CREATED = makeZxid(1, 2);
const OPERATION = 9;
const READERS = [new ACL({ perms: 1, id: { scheme: "world", id: "anyone" } })];
const STRANGE = [new ACL({ perms: 1, id: { scheme: "strange", id: "x" } })];
const OPEN = [new ACL({ perms: 31, id: { scheme: "world", id: "anyone" } })];

const set = (path: string) =>
  request(OpCode.setData, { path, data: asciiBytes("b"), version: -1 }).message;
const create = (path: string, acl: ACL[]) =>
  request(OpCode.create, { path, data: null, acl, flags: CreateMode.PERSISTENT }).message;
const setAcl = (path: string, acl: ACL[]) =>
  request(OpCode.setACL, { path, acl, version: -1 }).message;
const remove = (path: string) => request(OpCode.delete, { path, version: -1 }).message;

/** A client asks server 1, which knows /a, that everybody may only read, and is answered. */
function ask(
  checksEagerly: boolean,
  message: ReturnType<typeof set>,
  answer: { readonly err: number; readonly zxid: bigint },
): void {
  const { history } = newGhosts();
  const operations = new GhostOperations();
  const committed = new CommittedTxns(history);
  const requests = new CommittedRequests(operations, committed, {
    extendedTypes: false,
    enforcesQuotas: false,
    knowsLogins: false,
  });
  const judge = new EagerRefusals(requests, false);
  const run = new FakeRun([history, operations, committed, requests, judge]);
  run.lead(1n, 1);
  const peer = run.peer(1n);
  peer.tree = run.newState();
  peer.clientRules = { ...USUAL_RULES, checksEagerly };
  const change = { ...createWith("/a", "a", CreateMode.PERSISTENT, READERS, 0), authInfo: [] };
  const header = { clientId: SESSION, cxid: 1, zxid: CREATED, time: 0n };
  const body = { path: "/a", data: asciiBytes("a"), acl: READERS, ephemeral: false };
  const created = encodeTxn(OpCode.create2, header, { ...body, parentCVersion: 1 });
  run.ask(1, "client", 1n, { kind: "submit", change: createSessionChange(SESSION, 1000) });
  run.ask(2, "client", 1n, { kind: "submit", change: { sessionId: SESSION, cxid: 1, ...change } });
  run.deliverTxns(1n, sessionTxn(1, 1, SESSION), txnOf(CREATED, created));
  peer.tree.setLastProcessed(CREATED);

  if (answer.zxid > 0n) {
    const operation = { ...setChange("/a", "b", -1), authInfo: [], sessionId: SESSION, cxid: 3 };
    run.ask(OPERATION, "client", 1n, { kind: "submit", change: operation });
  }
  const ids = [{ scheme: "ip", id: "10.0.0.1" }];
  const asked = { xid: 3, message, ids, operation: OPERATION, objection: undefined };
  const happens = { client: "client", connection: 1, sessionId: SESSION };
  const frame = { kind: "frame", sid: 1n } as const;
  run.observe({ ...frame, happening: { ...happens, event: { kind: "asked", request: asked } } });
  if (answer.zxid > 0n) {
    const { zxid, err } = answer;
    const refused = { clientId: SESSION, cxid: 3, zxid, time: 0n };
    run.deliverTxns(1n, txnOf(zxid, encodeTxn(OpCode.error, refused, { err })));
  }
  const event = {
    kind: "answered",
    request: asked,
    xid: 3,
    response: undefined,
    ...answer,
  } as const;
  run.observe({ ...frame, happening: { ...happens, event } });
}

describe("EagerRefusals", () => {
  const { NOAUTH, INVALIDACL } = ErrorCode;

  it.each([
    [set("/a"), NOAUTH],
    [setAcl("/a", OPEN), NOAUTH],
    [create("/a/b", OPEN), NOAUTH],
    [remove("/a/b"), NOAUTH],
    [setAcl("/a", STRANGE), INVALIDACL],
    [create("/a/b", STRANGE), INVALIDACL],
    [create("/b", STRANGE), INVALIDACL],
  ])("accepts that %j is refused with %i, by a server that checks", (message, err) => {
    ask(true, message, { err, zxid: 0n });
    expect(() => {
      ask(false, message, { err, zxid: 0n });
    }).toThrow(`is refused request 3 with ${err}, and may do that`);
  });

  it.each([
    [set("/b"), NOAUTH],
    [remove("/a"), NOAUTH],
    [create("/b", OPEN), NOAUTH],
    [create("/b", OPEN), INVALIDACL],
    [set("/a"), INVALIDACL],
    [create("/a/b", STRANGE), NOAUTH],
  ])("refuses that %j is refused with %i", (message, err) => {
    expect(() => {
      ask(true, message, { err, zxid: 0n });
    }).toThrow(`is refused request 3 with ${err}, and may do that`);
  });

  it("refuses that a server that checks hands on what may not be done", () => {
    const answer = { err: NOAUTH, zxid: makeZxid(1, 3) };
    ask(false, set("/a"), answer);
    expect(() => {
      ask(true, set("/a"), answer);
    }).toThrow("is not refused request 3, and may not do that");
  });
});
