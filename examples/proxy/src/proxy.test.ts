/** A client and a server talk through the proxy: nothing is lost, and everything is told. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type BinaryInputArchive, FrameReader } from "@jute-ts/runtime";
import {
  decodeConnectRequest,
  decodeConnectResponse,
  decodeRequest,
  decodeResponse,
  encodeConnectRequest,
  encodeConnectResponse,
  encodeErrorResponse,
  encodeEvent,
  encodeRequest,
  encodeResponse,
  ErrorCode,
  EventType,
  KeeperState,
  OPEN_ACL_UNSAFE,
  OpCode,
} from "@jute-ts/zookeeper";
import { afterEach, expect, test } from "vitest";
import { createProxy } from "./proxy.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test("prints what a client and a server say, and passes it on", async () => {
  const lines: string[] = [];
  const server = await listen(createServer(serve));
  const proxy = createProxy({ host: "127.0.0.1", port: server }, (line) => lines.push(line));
  const { send, receive } = client(await listen(proxy));

  send(encodeConnectRequest({ timeOut: 30_000, passwd: new Uint8Array(16) }, { framed: true }));
  const { sessionId } = await receive(decodeConnectResponse);
  send(encodeRequest(OpCode.create, 1, { path: "/a", acl: OPEN_ACL_UNSAFE }, { framed: true }));
  const created = await receive((frame) => decodeResponse(OpCode.create, frame));
  await receive(() => "the event");
  send(encodeRequest(OpCode.exists, 2, { path: "/b" }, { framed: true }));
  const missing = await receive((frame) => decodeResponse(OpCode.exists, frame));
  const parts = [{ type: OpCode.check, body: { path: "/b", version: 4 } }] as const;
  send(encodeRequest(OpCode.multi, 3, parts, { framed: true }));
  await receive(() => "a refusal");

  expect([sessionId, created.body?.path, missing.err]).toEqual([5n, "/a", ErrorCode.NONODE]);
  expect(lines).toEqual([
    "#1 > connects, session 0x0, timeout 30000 ms",
    "#1 < accepts, session 0x5, timeout 30000 ms",
    expect.stringMatching(/^#1 > 1 create CreateRequest \{ path: "\/a", /),
    '#1 < 1 CreateResponse { path: "/a" }',
    expect.stringMatching(/^#1 < event WatcherEvent \{ type: 1, state: 3, path: "\/a" \}$/),
    '#1 > 2 exists ExistsRequest { path: "/b", watch: false }',
    "#1 < 2 there is no such znode",
    '#1 > 3 multi check CheckVersionRequest { path: "/b", version: 4 }',
    "#1 < 3 there is no such znode",
  ]);
});

test("passes on what it cannot decode", async () => {
  const lines: string[] = [];
  const echo = createServer((socket) => socket.once("data", () => socket.end("imok")));
  const proxy = createProxy({ host: "127.0.0.1", port: await listen(echo) }, (line) =>
    lines.push(line),
  );
  const socket = connect(await listen(proxy), "127.0.0.1");
  socket.write("ruok");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toBe("imok");
  expect(lines[0]).toMatch(/^#1 > cannot be decoded from here on: JuteDecodeError/);
});

/** A server that knows one znode. */
function serve(socket: Socket): void {
  ends.push(() => socket.destroy());
  const reader = new FrameReader();
  let isFirst = true;
  socket.on("data", (chunk) => {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (isFirst) {
        const { timeOut } = decodeConnectRequest(frame);
        const session = { timeOut, sessionId: 5n, passwd: new Uint8Array(16) };
        socket.write(encodeConnectResponse(session, { framed: true }));
        isFirst = false;
        continue;
      }
      const { xid, type } = decodeRequest(frame);
      const reply = { xid, zxid: 9n };
      if (type === OpCode.create) {
        socket.write(encodeResponse(OpCode.create, reply, { path: "/a" }, { framed: true }));
        const event = {
          type: EventType.NodeCreated,
          state: KeeperState.SyncConnected,
          path: "/a",
        };
        socket.write(encodeEvent(event, 9n, { framed: true }));
      } else {
        socket.write(encodeErrorResponse(reply, ErrorCode.NONODE, { framed: true }));
      }
    }
  });
}

function client(port: number) {
  const socket = connect(port, "127.0.0.1");
  ends.push(() => socket.destroy());
  const reader = new FrameReader();
  return {
    send: (bytes: Uint8Array) => socket.write(bytes),
    receive: async <T>(decode: (frame: BinaryInputArchive) => T): Promise<T> => {
      for (;;) {
        const frame = reader.next();
        if (frame !== undefined) return decode(frame);
        const [chunk] = (await once(socket, "data")) as [Buffer];
        reader.push(chunk);
      }
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  ends.push(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
