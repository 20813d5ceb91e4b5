/** A client of ZooKeeper that is nothing but a socket: every frame is visible, and nothing is done unasked. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  type ConnectRequestInit,
  type ConnectResponse,
  decodeConnectResponse,
  decodeResponse,
  encodeConnectRequest,
  encodeRequest,
  FrameReader,
  OpCode,
  ReplyHeader,
  type RequestContent,
  type RequestOpCode,
  type ResponseMessage,
  type ResponseOpCode,
  Xid,
} from "@jute-ts/zookeeper";

export class RawClient {
  readonly socket: Socket;
  readonly #frames = new FrameReader({ maxFrame: 0x7fff_ffff, maxBuffer: 0x3fff_ffff });
  readonly #received: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  #xid = 0;
  session: ConnectResponse | undefined;

  constructor(port: number, host = "127.0.0.1") {
    this.socket = connect({ host, port });
    this.socket.on("error", () => undefined);
    this.socket.on("data", (bytes) => {
      this.#frames.push(bytes);
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        this.#received.push(frame.bytes.slice(frame.position, frame.end));
      }
      this.#wake?.();
    });
    this.socket.on("close", () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /** Whether the connection is gone, with all that came of it taken. */
  get isClosed(): boolean {
    return this.#closed && this.#received.length === 0;
  }

  /** Opens a session, or renews one. */
  async open(init: ConnectRequestInit = {}): Promise<ConnectResponse> {
    this.send(
      encodeConnectRequest({
        timeOut: 10_000,
        passwd: new Uint8Array(16),
        readOnly: false,
        ...init,
      }),
    );
    const frame = await this.frame();
    if (frame === undefined) throw new Error("closed without an answer");
    this.session = decodeConnectResponse(frame);
    return this.session;
  }

  /** Sends bytes as one frame. */
  send(payload: Uint8Array): void {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setInt32(0, payload.length);
    this.socket.write(Buffer.concat([length, payload]));
  }

  /** Sends a request without waiting. Returns its xid. */
  post<C extends RequestOpCode>(type: C, ...content: RequestContent<C>): number {
    const xid = ++this.#xid;
    this.send(encodeRequest(type, xid, ...content));
    return xid;
  }

  /** Sends a request and waits for the next frame as its answer. */
  async ask<C extends RequestOpCode & ResponseOpCode>(
    type: C,
    ...content: RequestContent<C>
  ): Promise<ResponseMessage<C>> {
    const xid = this.post(type, ...content);
    const response = await this.response(type);
    // Pings are answered under a number of their own.
    const expected = type === OpCode.ping ? Xid.ping : xid;
    if (response.xid !== expected) throw new Error(`asked ${xid}, answered ${response.xid}`);
    return response;
  }

  async response<C extends ResponseOpCode>(type: C): Promise<ResponseMessage<C>> {
    const frame = await this.frame();
    if (frame === undefined) throw new Error("the connection was closed");
    return decodeResponse(type, frame);
  }

  /** The header of the next frame. */
  async header(): Promise<ReplyHeader> {
    const frame = await this.frame();
    if (frame === undefined) throw new Error("the connection was closed");
    return ReplyHeader.decode(frame.subarray(0, 16));
  }

  /** The next frame, or undefined when the connection is closed. Rejects after five seconds. */
  async frame(timeoutMs = 5000): Promise<Uint8Array | undefined> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.#received.shift();
      if (frame !== undefined || this.#closed) return frame;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Error(`no frame within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Closes the socket, not the session. */
  async drop(): Promise<void> {
    if (this.#closed) return;
    this.socket.destroy();
    await once(this.socket, "close");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drop();
  }
}
