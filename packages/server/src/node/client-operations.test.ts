/** What clients are answered, operation by operation, and the events of their watches. */
import {
  AddWatchMode,
  ANYONE_ID_UNSAFE,
  decodeEvent,
  encodeRequest,
  ErrorCode,
  EventType,
  OpCode,
  OPEN_ACL_UNSAFE,
  Perms,
  WatcherType,
  Xid,
} from "@jute-ts/zookeeper";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, node, openClient } from "../../test/client-of.js";
import type { RawClient } from "../../test/raw-client.js";
import { type Ensemble, startEnsemble } from "../index.js";

let ensemble: Ensemble;

beforeAll(async () => {
  ensemble = await startEnsemble({ size: 3 });
});
afterAll(async () => {
  await ensemble.stop();
});

async function event(
  client: RawClient,
): Promise<{ type: number; path: string | null; zxid: bigint }> {
  const frame = await client.frame();
  if (frame === undefined) throw new Error("the connection was closed");
  const { zxid, event: fired } = decodeEvent(frame);
  expect(fired.state).toBe(3);
  return { type: fired.type, path: fired.path, zxid };
}

describe("watches", () => {
  it.each([0, 1, 2])(
    "of a client fire before any answer that shows the change, at server %i",
    async (index) => {
      const client = await openClient(ensemble, index);
      const path = `/w${index}`;
      await client.ask(OpCode.exists, { path, watch: true });
      await client.ask(OpCode.getChildren, { path: "/", watch: true });
      const create = client.post(OpCode.create, node(path));
      expect(await event(client)).toMatchObject({ type: EventType.NodeCreated, path });
      expect(await event(client)).toMatchObject({ type: EventType.NodeChildrenChanged, path: "/" });
      expect(await client.response(OpCode.create)).toMatchObject({ xid: create, ok: true });
      await client.ask(OpCode.getData, { path, watch: true });
      const set = client.post(OpCode.setData, { path, data: null, version: -1 });
      const { zxid, ...changed } = await event(client);
      expect(changed).toEqual({ type: EventType.NodeDataChanged, path });
      expect(await client.response(OpCode.setData)).toMatchObject({ xid: set, zxid });
      // Used up.
      expect(await client.ask(OpCode.delete, { path, version: -1 })).toMatchObject({ ok: true });
    },
  );

  it("fire at every server for whoever watches there", async () => {
    const watchers = await Promise.all([0, 1, 2].map((index) => openClient(ensemble, index)));
    for (const watcher of watchers) await watcher.ask(OpCode.exists, { path: "/all", watch: true });
    const writer = await openClient(ensemble, 1);
    await writer.ask(OpCode.create, node("/all", "", 1));
    for (const watcher of watchers) {
      expect(await event(watcher)).toMatchObject({ type: EventType.NodeCreated, path: "/all" });
      await watcher.ask(OpCode.getData, { path: "/all", watch: true });
    }
    await writer.ask(OpCode.closeSession);
    for (const watcher of watchers) {
      expect(await event(watcher)).toMatchObject({ type: EventType.NodeDeleted, path: "/all" });
    }
  });

  it("are set again after a move, with what was missed, before the answer", async () => {
    const client = await openClient(ensemble, 0);
    await client.ask(OpCode.create, node("/again"));
    const { zxid: relativeZxid } = await client.ask(OpCode.create, node("/gone"));
    const { sessionId = 0n, passwd = null } = client.session ?? {};
    await client.drop();
    const writer = await openClient(ensemble, 2);
    await writer.ask(OpCode.setData, { path: "/again", data: null, version: -1 });
    await writer.ask(OpCode.delete, { path: "/gone", version: -1 });
    const moved = clientOf(ensemble, 2);
    await moved.open({ sessionId, passwd, lastZxidSeen: relativeZxid });
    const body = {
      relativeZxid,
      dataWatches: ["/again", "/gone"],
      existWatches: ["/later"],
      childWatches: ["/again"],
    };
    moved.send(encodeRequest(OpCode.setWatches, Xid.setWatches, body));
    expect(await event(moved)).toMatchObject({ type: EventType.NodeDataChanged, path: "/again" });
    expect(await event(moved)).toMatchObject({ type: EventType.NodeDeleted, path: "/gone" });
    expect(await moved.header()).toMatchObject({ xid: Xid.setWatches, err: 0 });
    await writer.ask(OpCode.create, node("/later"));
    expect(await event(moved)).toMatchObject({ type: EventType.NodeCreated, path: "/later" });
    await writer.ask(OpCode.create, node("/again/child"));
    expect(await event(moved)).toMatchObject({
      type: EventType.NodeChildrenChanged,
      path: "/again",
    });
  });

  it("stay when they are persistent, until they are removed", async () => {
    const client = await openClient(ensemble, 1);
    const mode = AddWatchMode.PERSISTENT_RECURSIVE;
    await client.ask(OpCode.create, node("/deep"));
    expect(await client.ask(OpCode.addWatch, { path: "/deep", mode })).toMatchObject({ ok: true });
    expect(await client.ask(OpCode.addWatch, { path: "/deep", mode: 2 })).toMatchObject({
      err: ErrorCode.MARSHALLINGERROR,
    });
    for (const path of ["/deep/a", "/deep/a/b"]) {
      client.post(OpCode.create, node(path));
      expect(await event(client)).toMatchObject({ type: EventType.NodeCreated, path });
      expect(await client.response(OpCode.create)).toMatchObject({ ok: true });
    }
    const type = WatcherType.PersistentRecursive;
    expect(await client.ask(OpCode.checkWatches, { path: "/deep", type })).toMatchObject({
      ok: true,
    });
    expect(await client.ask(OpCode.removeWatches, { path: "/deep", type })).toMatchObject({
      ok: true,
    });
    expect(await client.ask(OpCode.removeWatches, { path: "/deep", type })).toMatchObject({
      err: ErrorCode.NOWATCHER,
    });
    expect(await client.ask(OpCode.create, node("/deep/c"))).toMatchObject({ ok: true });
  });

  it("are not set by whoever may not read, and go with their connection", async () => {
    const view = await openClient(ensemble, 0);
    const secret = { ...node("/secret"), acl: [{ perms: Perms.WRITE, id: ANYONE_ID_UNSAFE }] };
    await view.ask(OpCode.create, secret);
    const path = "/secret";
    expect(await view.ask(OpCode.getData, { path, watch: true })).toMatchObject({
      err: ErrorCode.NOAUTH,
    });
    expect(await view.ask(OpCode.exists, { path, watch: true })).toMatchObject({
      err: ErrorCode.NOAUTH,
    });
    expect(await view.ask(OpCode.setData, { path, data: null, version: -1 })).toMatchObject({
      err: 0,
    });
  });
});

describe("an operation", () => {
  it("of several parts is answered part by part, or fails as a whole", async () => {
    const client = await openClient(ensemble, 2);
    const parts = [
      { type: OpCode.create, body: node("/multi") },
      { type: OpCode.create2, body: node("/multi/a") },
      { type: OpCode.setData, body: { path: "/multi", data: null, version: 0 } },
      { type: OpCode.check, body: { path: "/multi/a", version: 0 } },
      { type: OpCode.delete, body: { path: "/multi/a", version: -1 } },
    ] as const;
    expect(await client.ask(OpCode.multi, parts)).toMatchObject({
      ok: true,
      body: [
        { ok: true, type: OpCode.create, body: { path: "/multi" } },
        { ok: true, type: OpCode.create2, body: { path: "/multi/a" } },
        { ok: true, type: OpCode.setData, body: { stat: { version: 1 } } },
        { ok: true, type: OpCode.check },
        { ok: true, type: OpCode.delete },
      ],
    });
    const failing = [
      { type: OpCode.create, body: node("/multi/b") },
      { type: OpCode.check, body: { path: "/multi", version: 7 } },
      { type: OpCode.delete, body: { path: "/multi", version: -1 } },
    ] as const;
    client.post(OpCode.multi, failing);
    const answer = await client.response(OpCode.multi);
    expect(answer.body).toMatchObject([
      { ok: false, err: 0 },
      { ok: false, err: ErrorCode.BADVERSION },
      { ok: false, err: ErrorCode.RUNTIMEINCONSISTENCY },
    ]);
    const reads = [
      { type: OpCode.getChildren, body: { path: "/multi", watch: false } },
      { type: OpCode.getData, body: { path: "/multi/b", watch: false } },
    ] as const;
    expect(await client.ask(OpCode.multiRead, reads)).toMatchObject({
      body: [
        { ok: true, body: { children: [] } },
        { ok: false, err: ErrorCode.NONODE },
      ],
    });
    expect(await client.ask(OpCode.multi, [])).toMatchObject({ ok: true, body: [] });
  });

  it("tells who the client is, what is below a znode, and what is the session's own", async () => {
    const client = await openClient(ensemble, 1);
    expect(await client.ask(OpCode.whoAmI)).toMatchObject({
      body: { clientInfo: [{ authScheme: "ip", user: "127.0.0.1" }] },
    });
    for (const path of ["/count", "/count/a", "/count/a/b"]) {
      await client.ask(OpCode.create, node(path));
    }
    expect(await client.ask(OpCode.getAllChildrenNumber, { path: "/count" })).toMatchObject({
      body: { totalNumber: 2 },
    });
    await client.ask(OpCode.create, node("/count/own", "", 1));
    await client.ask(OpCode.create, node("/other", "", 1));
    expect(await client.ask(OpCode.getEphemerals, { prefixPath: "/count" })).toMatchObject({
      body: { ephemerals: ["/count/own"] },
    });
    expect(await client.ask(OpCode.getACL, { path: "/count" })).toMatchObject({
      body: { acl: OPEN_ACL_UNSAFE, stat: { numChildren: 2 } },
    });
    const acl = [{ perms: Perms.READ, id: ANYONE_ID_UNSAFE }];
    expect(await client.ask(OpCode.setACL, { path: "/count", acl, version: -1 })).toMatchObject({
      body: { stat: { aversion: 1 } },
    });
    expect(await client.ask(OpCode.create, node("/count/c"))).toMatchObject({
      err: ErrorCode.NOAUTH,
    });
  });

  it("that would stop an Apache leader is answered here", async () => {
    for (const index of [0, 1, 2]) {
      const client = await openClient(ensemble, index);
      const body = { ...node("/ttl"), ttl: 1000n };
      expect(await client.ask(OpCode.createTTL, body)).toMatchObject({
        err: ErrorCode.BADARGUMENTS,
      });
      expect(await client.ask(OpCode.create, { ...node("/x"), flags: 99 })).toMatchObject({
        err: ErrorCode.BADARGUMENTS,
      });
      const parts = [{ type: OpCode.create, body: { ...node("/x"), flags: 99 } }] as const;
      client.post(OpCode.multi, parts);
      // As Apache's server answers, whose header says that all is well.
      expect((await client.response(OpCode.multi)).body).toMatchObject([
        { ok: false, err: ErrorCode.BADARGUMENTS },
      ]);
      const header = new Uint8Array(8);
      new DataView(header.buffer).setInt32(4, OpCode.reconfig);
      client.send(header);
      expect(await client.header()).toMatchObject({ err: ErrorCode.RECONFIGDISABLED });
      new DataView(header.buffer).setInt32(4, OpCode.create);
      client.send(header);
      expect(await client.header()).toMatchObject({ err: ErrorCode.MARSHALLINGERROR });
    }
  });
});
