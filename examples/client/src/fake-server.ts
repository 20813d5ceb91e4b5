/**
 * As much of a ZooKeeper server as the client's tests need: it takes sessions, notes what it is
 * asked, and answers as the test says. It has no znodes.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FrameReader } from "@jute-ts/runtime";
import {
  type ConnectRequest,
  decodeConnectRequest,
  decodeRequest,
  encodeConnectResponse,
  encodeResponse,
  OpCode,
  type RequestMessage,
  Xid,
} from "@jute-ts/zookeeper";
import type { Address } from "./types.js";

type Answer = (request: RequestMessage) => Uint8Array | undefined;

export class FakeServer {
  readonly hellos: ConnectRequest[] = [];
  readonly requests: RequestMessage[] = [];
  /** Undefined: no answer. */
  answer: Answer = () => undefined;
  /** What sessions are granted; 0 says that they have expired. */
  timeoutMs = 600;
  answersPings = true;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#serve(socket);
  });

  async listen(): Promise<Address> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return { host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
  }

  /** Sends these bytes to every client. */
  send(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const reader = new FrameReader();
    let isFirst = true;
    socket.on("data", (chunk) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (isFirst) socket.write(this.#greet(decodeConnectRequest(frame, { buffers: "copy" })));
        else this.#hear(decodeRequest(frame, { buffers: "copy" }), socket);
        isFirst = false;
      }
    });
  }

  #greet(hello: ConnectRequest): Uint8Array {
    this.hellos.push(hello);
    const sessionId = hello.sessionId === 0n ? 7n : hello.sessionId;
    const session = { sessionId, passwd: new Uint8Array(16).fill(9), readOnly: false };
    return encodeConnectResponse({ timeOut: this.timeoutMs, ...session }, { framed: true });
  }

  #hear(request: RequestMessage, socket: Socket): void {
    this.requests.push(request);
    if (request.type === OpCode.ping && !this.answersPings) return;
    const { xid } = request;
    const bytes =
      request.type === OpCode.ping || request.type === OpCode.closeSession
        ? encodeResponse(request.type, { xid, zxid: 5n }, null, { framed: true })
        : xid === Xid.setWatches
          ? encodeResponse(OpCode.setWatches, { xid, zxid: 5n }, null, { framed: true })
          : this.answer(request);
    if (bytes !== undefined) socket.write(bytes);
  }
}
