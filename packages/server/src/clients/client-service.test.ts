/** A server's client side by itself: what it asks of the quorum, and when. */
import { DataTree } from "@jute-ts/data-tree";
import type { Answer, Clock } from "@jute-ts/quorum";
import {
  CreateMode,
  decodeConnectResponse,
  decodeReplyHeader,
  decodeResponse,
  encodeConnectRequest,
  encodeRequest,
  ErrorCode,
  type MultiOperationInit,
  OpCode,
  OPEN_ACL_UNSAFE,
  Xid,
  type RequestBodyInit,
} from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import type { ClientServiceOptions } from "./client-options.js";
import { ClientService } from "./client-service.js";
import { sessionPassword } from "./session-password.js";

const CONNECTION = 7;

function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + message.length);
  new DataView(bytes.buffer).setInt32(0, message.length);
  bytes.set(message, 4);
  return bytes;
}

function at(nowMs: number): Clock {
  return { nowMs, wallMs: nowMs };
}

/** A server that serves, with one client that has said hello. `certificateSubject`: of its certificate. */
function greeted(
  options: Partial<ClientServiceOptions>,
  certificateSubject?: string,
): ClientService {
  const limits = {
    minSessionTimeoutMs: 1000,
    maxSessionTimeoutMs: 1000,
    sessionlessTimeoutMs: 100,
  };
  const service = new ClientService({ sid: 1n, ...limits, ...options }, new DataTree());
  service.observe({ kind: "report", report: { kind: "serving", epoch: 1, zxid: 0n } }, at(0));
  const origin = { address: "10.0.0.1", port: 1, certificateSubject };
  service.step({ kind: "opened", connection: CONNECTION, ...origin }, at(0));
  const hello = encodeConnectRequest({ timeOut: 1000, passwd: new Uint8Array(16) });
  service.step({ kind: "received", connection: CONNECTION, bytes: framed(hello) }, at(0));
  return service;
}

/** A server that serves, with one client that has a session of the ensemble. */
function servedClient(maxOutstandingRequests: number): ClientService {
  const service = greeted({ maxOutstandingRequests });
  answer(service, { kind: "revalidated", valid: true }, 0);
  service.takeQuorumRequests();
  return service;
}

function answer(service: ClientService, given: Answer, nowMs: number): void {
  service.observe({ kind: "answer", request: CONNECTION, answer: given }, at(nowMs));
}

function sync(xid: number): Uint8Array {
  const body: RequestBodyInit<typeof OpCode.sync> = { path: "/" };
  return framed(encodeRequest(OpCode.sync, xid, body));
}

it("touches a session when it takes a request that had to wait, since its pings wait behind it", () => {
  const service = servedClient(1);
  const ping = framed(encodeRequest(OpCode.ping, Xid.ping));
  const bytes = new Uint8Array([...sync(1), ...sync(2), ...sync(3), ...ping]);
  service.step({ kind: "received", connection: CONNECTION, bytes }, at(100));
  const asked = (): string[] => service.takeQuorumRequests().map(({ kind }) => kind);
  expect(asked()).toEqual(["touch", "sync"]);
  answer(service, { kind: "synced" }, 900);
  expect(asked()).toEqual(["touch", "sync"]);
  answer(service, { kind: "synced" }, 1700);
  expect(asked()).toEqual(["touch", "sync"]);
  answer(service, { kind: "synced" }, 2500);
  expect(asked()).toEqual(["touch"]);
  // By the time of the last one, not of the bytes: its connection is not idle yet.
  service.takeEffects();
  service.step({ kind: "deadline" }, at(2600));
  expect(service.takeEffects()).toEqual([]);
});

it("keeps the connection of a session that only this server knows for as long as that lasts", () => {
  const service = greeted({ localSessions: true });
  service.takeEffects();
  service.step({ kind: "deadline" }, at(999));
  expect(service.takeEffects()).toEqual([]);
  service.step({ kind: "deadline" }, at(1000));
  expect(service.takeEffects()).toEqual([
    { kind: "close", connection: CONNECTION, reason: "session over" },
  ]);
});

it("shows what a client has asked for, and not that its session becomes one of the ensemble for it", () => {
  const service = greeted({ localSessions: true, upgradesLocalSessions: true });
  const body = { path: "/e", data: null, acl: [...OPEN_ACL_UNSAFE], flags: CreateMode.EPHEMERAL };
  const bytes = framed(encodeRequest(OpCode.create, 1, body));
  service.step({ kind: "received", connection: CONNECTION, bytes }, at(1));
  const asked = service.takeQuorumRequests();
  expect(asked.flatMap((each) => (each.kind === "submit" ? [each.change.opCode] : []))).toEqual([
    OpCode.createSession,
    OpCode.create,
  ]);
  const [connection] = service.view.connections();
  expect(connection?.outstandingRequests).toBe(1);
  expect(service.view.outstandingRequests).toBe(1);
  service.step({ kind: "disconnected", connection: CONNECTION }, at(2));
  expect(service.view.outstandingRequests).toBe(0);
});

it("refuses an ephemeral of a session that only it knows before all else, as a leader does", () => {
  const service = greeted({ localSessions: true });
  service.takeEffects();
  const of = (flags: number, type: typeof OpCode.create2 | typeof OpCode.createTTL, ttl = 0n) => ({
    type,
    body: { path: "/e", data: null, acl: [...OPEN_ACL_UNSAFE], flags, ...(ttl > 0n && { ttl }) },
  });
  const parts = [
    of(CreateMode.PERSISTENT_WITH_TTL, OpCode.createTTL, 1n),
    of(CreateMode.EPHEMERAL, OpCode.create2),
  ];
  // What TTL znodes need is off, too.
  const bytes = framed(encodeRequest(OpCode.multi, 1, parts as MultiOperationInit[]));
  service.step({ kind: "received", connection: CONNECTION, bytes }, at(1));
  const [sent] = service.takeEffects();
  const reply = sent?.kind === "send" ? sent.bytes.subarray(4) : new Uint8Array(16);
  expect(decodeReplyHeader(reply).err).toBe(ErrorCode.EPHEMERALONLOCALSESSION);
});

it("refuses other creates for what they are, whatever mode they name, as Java's servers do", () => {
  const service = greeted({ localSessions: true });
  service.takeEffects();
  const node = { path: "/e", data: null, acl: [...OPEN_ACL_UNSAFE], flags: CreateMode.EPHEMERAL };
  const bytes = framed(encodeRequest(OpCode.createTTL, 1, { ...node, ttl: 1n }));
  service.step({ kind: "received", connection: CONNECTION, bytes }, at(1));
  const [sent] = service.takeEffects();
  if (sent?.kind !== "send") throw new Error("nothing was answered");
  const { err } = decodeReplyHeader(sent.bytes.subarray(4));
  expect(err).not.toBe(ErrorCode.OK);
  expect(err).not.toBe(ErrorCode.EPHEMERALONLOCALSESSION);
});

it("writes no more for a client than its option says before that is sent", () => {
  const ping = framed(encodeRequest(OpCode.ping, Xid.ping, null));
  const bytes = new Uint8Array([...ping, ...ping, ...ping]);
  const replies = (service: ClientService): number =>
    service
      .takeEffects()
      .reduce((sum, effect) => sum + (effect.kind === "send" ? effect.bytes.length / 20 : 0), 0);
  for (const [maxUnsentBytes, first] of [
    [21, 2],
    [undefined, 3],
  ] as const) {
    const service = greeted({ localSessions: true, maxUnsentBytes });
    service.takeEffects();
    service.step({ kind: "received", connection: CONNECTION, bytes }, at(1));
    expect(replies(service)).toBe(first);
    service.step({ kind: "deadline" }, at(1));
    expect(replies(service)).toBe(3 - first);
  }
});

it("closes the connection of a client that watches more than its option says, after the answer", () => {
  const service = greeted({ maxWatchSize: 204 });
  answer(service, { kind: "revalidated", valid: true }, 0);
  service.takeEffects();
  const watch = (xid: number, path: string): Uint8Array => {
    const body: RequestBodyInit<typeof OpCode.exists> = { path, watch: true };
    return framed(encodeRequest(OpCode.exists, xid, body));
  };
  const bytes = new Uint8Array([...watch(1, "/a"), ...watch(2, "/b"), ...watch(3, "/a")]);
  service.step({ kind: "received", connection: CONNECTION, bytes }, at(1));
  expect(service.view.watchCount).toBe(2);
  const last = new Uint8Array([...watch(4, "/"), ...watch(5, "/a")]);
  service.step({ kind: "received", connection: CONNECTION, bytes: last }, at(1));
  const [sent, closed] = service.takeEffects();
  const replies = sent?.kind === "send" ? sent.bytes : new Uint8Array(0);
  // Four answers, each with its length; the last is nothing but a header.
  expect(decodeReplyHeader(replies.subarray(-16))).toMatchObject({
    xid: 4,
    err: ErrorCode.THROTTLEDOP,
  });
  expect(closed).toMatchObject({ kind: "close", reason: "too many watches" });
  expect(service.view.watchCount).toBe(0);
});

it("says of no session that it is over while it has no leader, but of those that its readers have", () => {
  const service = new ClientService(
    { sid: 1n, minSessionTimeoutMs: 1000, maxSessionTimeoutMs: 1000, readOnlyAfterMs: 0 },
    new DataTree(),
  );
  const looking = { kind: "roleChanged", role: "looking", leader: undefined, why: "" } as const;
  service.observe({ kind: "report", report: looking }, at(0));
  service.step({ kind: "deadline" }, at(0));
  /** The session that a reader gets, 0 if it is over, undefined if the connection is closed without a word. */
  const ask = (connection: number, sessionId: bigint): bigint | undefined => {
    service.step({ kind: "opened", connection, address: "10.0.0.1", port: 1 }, at(1));
    const passwd = sessionId === 0n ? new Uint8Array(16) : sessionPassword(sessionId);
    const hello = encodeConnectRequest({ timeOut: 1000, sessionId, passwd, readOnly: true });
    service.step({ kind: "received", connection, bytes: framed(hello) }, at(1));
    const sent = service.takeEffects().find(({ kind }) => kind === "send");
    return sent?.kind === "send"
      ? decodeConnectResponse(sent.bytes.subarray(4)).sessionId
      : undefined;
  };
  const own = ask(1, 0n) ?? 0n;
  expect(ask(2, own)).toBe(own);
  service.step({ kind: "deadline" }, at(5000));
  expect(ask(3, own)).toBe(0n);
  // Another server may have begun it after this one was cut off.
  expect(ask(4, (2n << 56n) | 7n)).toBeUndefined();
  // Nor is it known here what became of those that this server gave while it had a leader.
  service.observe({ kind: "report", report: { ...looking, role: "following" } }, at(6000));
  service.observe({ kind: "report", report: looking }, at(6000));
  service.step({ kind: "deadline" }, at(6000));
  expect(ask(5, own)).toBeUndefined();
});

it("shows a superuser that it is one, and by no name, as Java's servers do", () => {
  const authentication = { x509: true, x509SuperUser: "CN=root" };
  const service = greeted({ localSessions: true, authentication }, "CN=root");
  service.takeEffects();
  const bytes = framed(encodeRequest(OpCode.whoAmI, 1, null));
  service.step({ kind: "received", connection: CONNECTION, bytes }, at(1));
  const [sent] = service.takeEffects();
  if (sent?.kind !== "send") throw new Error("nothing was answered");
  const { body } = decodeResponse(OpCode.whoAmI, sent.bytes.subarray(4));
  const shown = body?.clientInfo.map(({ authScheme, user }) => `${authScheme}:${user}`);
  expect(shown).toEqual(["ip:10.0.0.1", "super:", "x509:CN=root"]);
});
