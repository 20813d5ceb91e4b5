/** A server's client port from the outside: sockets and bytes. */
import { encodeRequest, ErrorCode, OpCode, Xid } from "@jute-ts/zookeeper";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, node, openClient } from "../../test/client-of.js";
import type { RawClient } from "../../test/raw-client.js";
import { type Ensemble, startEnsemble } from "../index.js";

let ensemble: Ensemble;
const utf8 = new TextEncoder();
const EMPTY = new Uint8Array(0);

beforeAll(async () => {
  ensemble = await startEnsemble({ size: 3 });
});
afterAll(async () => {
  await ensemble.stop();
});

async function ping(client: RawClient) {
  client.send(encodeRequest(OpCode.ping, Xid.ping));
  return await client.header();
}

describe("a session", () => {
  it("is opened with an id of this server, a password and a timeout within bounds", async () => {
    const client = clientOf(ensemble, 1);
    const { sessionId, timeOut, passwd, readOnly } = await client.open({ timeOut: 1 });
    expect(sessionId >> 56n).toBe(ensemble.servers[1]?.sid);
    expect(timeOut).toBe(400);
    expect(passwd).toHaveLength(16);
    expect(readOnly).toBe(false);
  });

  it.each([0, 1, 2])("writes and reads, at server %i", async (index) => {
    const client = await openClient(ensemble, index);
    const path = `/a${index}`;
    expect(await client.ask(OpCode.create, node(path, "x"))).toMatchObject({
      ok: true,
      body: { path },
    });
    const read = await client.ask(OpCode.getData, { path, watch: false });
    expect(read).toMatchObject({ ok: true, body: { data: utf8.encode("x") } });
    expect(await client.ask(OpCode.create, node(path))).toMatchObject({
      err: ErrorCode.NODEEXISTS,
    });
    expect(await client.ask(OpCode.setData, { path, data: null, version: 7 })).toMatchObject({
      err: ErrorCode.BADVERSION,
    });
    expect(await client.ask(OpCode.delete, { path, version: -1 })).toMatchObject({ ok: true });
    expect(await client.ask(OpCode.exists, { path, watch: false })).toMatchObject({
      err: ErrorCode.NONODE,
    });
  });

  it("is renewed at another server with its ephemerals, and refused with a wrong password", async () => {
    const first = await openClient(ensemble, 0);
    const { sessionId = 0n, passwd = null } = first.session ?? {};
    await first.ask(OpCode.create, node("/mine", "", 1));
    await first.drop();
    const second = clientOf(ensemble, 2);
    expect(await second.open({ sessionId, passwd, timeOut: 4000 })).toMatchObject({
      sessionId,
      timeOut: 4000,
    });
    await second.ask(OpCode.sync, { path: "/" });
    expect(await second.ask(OpCode.getEphemerals, { prefixPath: "/" })).toMatchObject({
      body: { ephemerals: ["/mine"] },
    });
    const thief = clientOf(ensemble, 1);
    expect(await thief.open({ sessionId, passwd: new Uint8Array(16) })).toMatchObject({
      sessionId: 0n,
      timeOut: 0,
    });
    expect(await thief.frame()).toBeUndefined();
    expect(await ping(second)).toMatchObject({ xid: Xid.ping, err: 0 });
  });

  it("ends with its ephemerals when it is closed, and when nobody hears from its client", async () => {
    const closing = await openClient(ensemble, 0);
    const silent = await openClient(ensemble, 1, 400);
    await closing.ask(OpCode.create, node("/closing", "", 1));
    await silent.ask(OpCode.create, node("/silent", "", 1));
    const witness = await openClient(ensemble, 2);
    expect(await closing.ask(OpCode.closeSession)).toMatchObject({ ok: true });
    expect(await closing.frame()).toBeUndefined();
    // Not a byte, as the client could not know what it is for.
    expect(await silent.frame()).toBeUndefined();
    await witness.ask(OpCode.sync, { path: "/" });
    for (const path of ["/closing", "/silent"]) {
      expect(await witness.ask(OpCode.exists, { path, watch: false })).toMatchObject({
        err: ErrorCode.NONODE,
      });
    }
  });

  it("lives as long as its client pings", async () => {
    const client = await openClient(ensemble, 1, 400);
    await client.ask(OpCode.create, node("/pinged", "", 1));
    for (let sent = 0; sent < 12; sent++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      client.send(encodeRequest(OpCode.ping, Xid.ping));
      expect(await client.header()).toMatchObject({ xid: Xid.ping, err: 0 });
    }
    expect(await client.ask(OpCode.exists, { path: "/pinged", watch: false })).toMatchObject({
      ok: true,
    });
  });
});

describe("requests that come at once", () => {
  it.each([0, 1, 2])(
    "are answered in their order, each seeing those before it, at server %i",
    async (index) => {
      const client = await openClient(ensemble, index);
      const path = `/order${index}`;
      await client.ask(OpCode.create, node(path));
      for (let value = 0; value < 200; value++) {
        client.post(OpCode.setData, { path, data: utf8.encode(String(value)), version: -1 });
        client.post(OpCode.getData, { path, watch: false });
        client.post(OpCode.sync, { path });
        client.post(OpCode.ping);
      }
      let xid = 1;
      let last = 0n;
      for (let value = 0; value < 200; value++) {
        const written = await client.response(OpCode.setData);
        const read = await client.response(OpCode.getData);
        const synced = await client.response(OpCode.sync);
        const pinged = await client.response(OpCode.ping);
        expect([written.xid, read.xid, synced.xid]).toEqual([++xid, ++xid, ++xid]);
        // Whatever number it had, as Apache's server answers.
        expect(pinged.xid).toBe(Xid.ping);
        xid++;
        // Not those after it either: its own next write waits for it.
        expect(read).toMatchObject({
          body: { data: utf8.encode(String(value)), stat: { version: value + 1 } },
        });
        for (const { zxid } of [written, read, synced, pinged]) {
          expect(zxid).toBeGreaterThanOrEqual(last);
          last = zxid;
        }
      }
    },
  );

  it("are answered with what they asked for, also where the client reads late and others read meanwhile", async () => {
    const [late, prompt] = [await openClient(ensemble), await openClient(ensemble)];
    const znodes = Array.from({ length: 8 }, (_, index) => `/late${index}`);
    const dataOf = (index: number): Uint8Array => new Uint8Array(100_000).fill(1 + index);
    const expectData = async (client: RawClient, index: number): Promise<void> => {
      const { body } = await client.response(OpCode.getData);
      expect(Buffer.compare(body?.data ?? EMPTY, dataOf(index))).toBe(0);
    };
    for (const [index, path] of znodes.entries()) {
      await late.ask(OpCode.create, { ...node(path), data: dataOf(index) });
    }
    late.socket.pause();
    const asked = Array.from({ length: 100 }, (_, count) => count % znodes.length);
    for (const index of asked) {
      late.post(OpCode.getData, { path: znodes[index] ?? "", watch: false });
    }
    for (const index of asked) {
      prompt.post(OpCode.getData, { path: znodes[index] ?? "", watch: false });
      await expectData(prompt, index);
    }
    late.socket.resume();
    for (const index of asked) await expectData(late, index);
  });

  it("are carried out before the session ends, and not after it", async () => {
    const client = await openClient(ensemble, 1);
    client.post(OpCode.create, node("/before", "", 0));
    client.post(OpCode.closeSession);
    client.post(OpCode.create, node("/after", "", 1));
    expect(await client.response(OpCode.create)).toMatchObject({ ok: true });
    expect(await client.response(OpCode.closeSession)).toMatchObject({ ok: true });
    expect(await client.frame()).toBeUndefined();
    const witness = await openClient(ensemble, 1);
    await witness.ask(OpCode.sync, { path: "/" });
    expect(await witness.ask(OpCode.exists, { path: "/after", watch: false })).toMatchObject({
      ok: false,
    });
  });
});

describe("what no client sends", () => {
  it.each([
    ["a length below zero", Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ["a length above the limit", Uint8Array.of(0x7f, 0xff, 0xff, 0xff)],
    ["an empty frame", Uint8Array.of(0, 0, 0, 0)],
    ["a frame too short for its header", Uint8Array.of(0, 0, 0, 3, 1, 2, 3)],
  ])("costs the connection: %s", async (_, bytes) => {
    const client = await openClient(ensemble, 1);
    client.socket.write(bytes);
    expect(await client.frame()).toBeUndefined();
    const fresh = clientOf(ensemble, 1);
    fresh.socket.write(bytes);
    expect(await fresh.frame()).toBeUndefined();
  });

  it("an op that means nothing is answered, and costs the connection", async () => {
    for (const opCode of [0, 13, 20, -10, 999]) {
      const client = await openClient(ensemble, 1);
      const header = new Uint8Array(8);
      new DataView(header.buffer).setInt32(0, 7);
      new DataView(header.buffer).setInt32(4, opCode);
      client.send(header);
      expect(await client.header()).toMatchObject({ xid: 7, err: ErrorCode.UNIMPLEMENTED });
      expect(await client.frame()).toBeUndefined();
    }
  });

  it("a read that cannot be read is answered, and the connection lives", async () => {
    const client = await openClient(ensemble, 1);
    const header = new Uint8Array(8);
    new DataView(header.buffer).setInt32(4, OpCode.getData);
    client.send(header);
    expect(await client.header()).toMatchObject({ err: ErrorCode.MARSHALLINGERROR });
    expect(await ping(client)).toMatchObject({ xid: Xid.ping, err: 0 });
  });
});
