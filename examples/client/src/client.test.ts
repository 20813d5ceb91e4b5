/** The client against a server that does what the test says: silent, gone, out of order, expired. */
import { once } from "node:events";
import {
  encodeErrorResponse,
  encodeEvent,
  encodeResponse,
  ErrorCode,
  EventType,
  KeeperState,
  OpCode,
  Xid,
} from "@jute-ts/zookeeper";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client } from "./client.js";
import { FakeServer } from "./fake-server.js";
import type { Address } from "./types.js";

let server: FakeServer;
let address: Address;
let client: Client;

beforeEach(async () => {
  server = new FakeServer();
  address = await server.listen();
  client = new Client([address], 900);
  await once(client, "connected");
});
afterEach(async () => {
  await client.close();
  await server.close();
});

test("a request resolves with the body of its answer, or rejects with the server's error", async () => {
  server.answer = ({ xid, type }) =>
    type === OpCode.create
      ? encodeResponse(OpCode.create, { xid, zxid: 6n }, { path: "/a1" }, { framed: true })
      : encodeErrorResponse({ xid, zxid: 6n }, ErrorCode.NONODE, { framed: true });
  const created = client.request(OpCode.create, { path: "/a", data: null, acl: [], flags: 2 });
  const missing = client.request(OpCode.getData, { path: "/b", watch: false });
  expect((await created).path).toBe("/a1");
  await expect(missing).rejects.toMatchObject({ code: ErrorCode.NONODE, mayHaveHappened: false });
  expect(server.requests.map(({ xid }) => xid)).toEqual([1, 2]);
});

test("an idle session is kept by pings, a third of the granted timeout apart", async () => {
  const lost = vi.fn();
  client.on("disconnected", lost);
  await delay(1500); // more than twice the granted 600 ms
  const pings = server.requests.filter(({ type }) => type === OpCode.ping);
  expect(pings.length).toBeGreaterThanOrEqual(3);
  expect(pings.every(({ xid }) => xid === Xid.ping)).toBe(true);
  expect(lost).not.toHaveBeenCalled();
});

test("a silent server is left, and the session goes on with what was seen", async () => {
  server.answer = ({ xid }) =>
    encodeResponse(OpCode.sync, { xid, zxid: 6n }, { path: "/" }, { framed: true });
  await client.request(OpCode.sync, { path: "/" });
  server.answersPings = false;
  const [cause] = (await once(client, "disconnected")) as [Error];
  expect(cause.message).toBe("the server is silent");
  server.answersPings = true;
  await once(client, "connected");
  expect(server.hellos[1]).toMatchObject({ sessionId: 7n, lastZxidSeen: 6n, timeOut: 600 });
  expect(server.hellos[1]?.passwd).toEqual(new Uint8Array(16).fill(9));
});

test("a request that a lost connection leaves open may have happened; one without a connection has not", async () => {
  const open = client.request(OpCode.delete, { path: "/a", version: -1 });
  await vi.waitFor(() => {
    expect(server.requests).toHaveLength(1);
  });
  server.dropConnections();
  await expect(open).rejects.toMatchObject({
    code: ErrorCode.CONNECTIONLOSS,
    mayHaveHappened: true,
  });
  await expect(client.request(OpCode.delete, { path: "/a", version: -1 })).rejects.toMatchObject({
    mayHaveHappened: false,
  });
});

test("watches fire once, and those that have not are set again with their reserved xid", async () => {
  server.answer = ({ xid, body }) =>
    body !== null && "path" in body && body.path === "/missing"
      ? encodeErrorResponse({ xid, zxid: 6n }, ErrorCode.NONODE, { framed: true })
      : encodeResponse(OpCode.getChildren, { xid, zxid: 6n }, { children: [] }, { framed: true });
  await client.request(OpCode.getChildren, { path: "/list", watch: true });
  await client.request(OpCode.getChildren, { path: "/other", watch: true });
  await client
    .request(OpCode.exists, { path: "/missing", watch: true })
    .catch((error: unknown) => error);
  const fired = once(client, "watch");
  const type = EventType.NodeChildrenChanged;
  const event = { type, state: KeeperState.SyncConnected, path: "/other" };
  server.send(encodeEvent(event, undefined, { framed: true }));
  expect((await fired)[0]).toMatchObject(event);

  server.dropConnections();
  await once(client, "connected");
  await vi.waitFor(() => {
    expect(server.requests.at(-1)).toMatchObject({
      xid: Xid.setWatches,
      type: OpCode.setWatches,
      body: {
        relativeZxid: 6n,
        dataWatches: [],
        existWatches: ["/missing"],
        childWatches: ["/list"],
      },
    });
  });
});

test("an expired session is over", async () => {
  server.timeoutMs = 0;
  server.dropConnections();
  await once(client, "expired");
  await expect(client.request(OpCode.sync, { path: "/" })).rejects.toThrow();
  await delay(1200);
  expect(server.hellos).toHaveLength(2);
});

test("an answer to something else ends the connection", async () => {
  server.answer = ({ xid }) =>
    encodeResponse(OpCode.sync, { xid: xid + 1, zxid: 6n }, { path: "/" }, { framed: true });
  const disconnected = once(client, "disconnected");
  await expect(client.request(OpCode.sync, { path: "/" })).rejects.toMatchObject({
    mayHaveHappened: true,
  });
  expect(String((await disconnected)[0])).toContain("which is not the oldest request");
});

test("a dead server is passed over, and closing ends the session", async () => {
  const dead = new FakeServer();
  const deadAddress = await dead.listen();
  await dead.close();
  const other = new Client([deadAddress, address], 900);
  await once(other, "connected");
  await other.close();
  expect(server.requests.at(-1)?.type).toBe(OpCode.closeSession);
});

test("closing while there is no connection ends the attempts", async () => {
  server.dropConnections();
  await once(client, "disconnected");
  await client.close();
  await delay(1200);
  expect(server.hellos).toHaveLength(1);
});

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
