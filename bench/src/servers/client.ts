/**
 * As much of a ZooKeeper client as a load needs: a session, and requests that are
 * sent without waiting for the answers. It speaks ZooKeeper's own protocol, and
 * the very same bytes go to Apache's servers and to ours.
 */
import { connect, type Socket } from "node:net";
import { FrameReader } from "@jute-ts/runtime";
import {
  CreateMode,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReplyHeader,
} from "@jute-ts/zookeeper";

/** The connection is gone; what was not answered may have happened or not. */
export class ConnectionLost extends Error {}

export class Client {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  /** Requests that are not answered, oldest first: answers come in the order of the requests. */
  readonly #waiting: ((err: number) => void)[] = [];
  #firstWaiting = 0;
  #onConnected: (() => void) | undefined;
  #onLost: ((why: ConnectionLost) => void)[] = [];
  #lost: ConnectionLost | undefined;
  #onEvent: (() => void) | undefined;
  #xid = 0;
  #out: Uint8Array[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      this.#frames.push(bytes);
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        if (this.#onConnected === undefined) {
          this.#answered(ReplyHeader.read(frame));
          continue;
        }
        const { sessionId } = decodeConnectResponse(frame);
        if (sessionId === 0n) socket.destroy(new ConnectionLost("no session"));
        else this.#onConnected();
        this.#onConnected = undefined;
      }
      // What the answers led to leaves in one write.
      this.flush();
    });
    let why = "the server has closed the connection";
    socket.on("error", (error) => {
      why = error.message;
    });
    socket.on("close", () => {
      this.#lost = new ConnectionLost(why);
      for (const listener of this.#onLost) listener(this.#lost);
    });
  }

  /** Connects and opens a session. Rejects at once when that does not work: it tries nothing again. */
  static async open(
    address: string,
    { timeoutMs = 5000, sessionMs = SESSION_MS }: OpenOptions = {},
  ): Promise<Client> {
    const at = address.lastIndexOf(":");
    const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    const client = new Client(socket);
    const timer = setTimeout(() => {
      socket.destroy(new ConnectionLost(`no session within ${String(timeoutMs)} ms`));
    }, timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        client.#onConnected = resolve;
        client.#onLost.push(reject);
        const request = { timeOut: sessionMs, passwd: new Uint8Array(16), readOnly: false };
        socket.write(encodeConnectRequest(request, { framed: true }));
      });
    } finally {
      clearTimeout(timer);
    }
    client.#onLost = [];
    return client;
  }

  /** Tells of the end of the connection, at most once. */
  onLost(listener: (why: ConnectionLost) => void): void {
    if (this.#lost === undefined) this.#onLost.push(listener);
    else listener(this.#lost);
  }

  /** Tells of each event of a watch. */
  onEvent(listener: () => void): void {
    this.#onEvent = listener;
  }

  /** `answered` gets the error code. Nothing leaves before `flush`, or the end of a batch of answers. */
  create(
    path: string,
    data: Uint8Array,
    answered: (err: number) => void,
    flags: number = CreateMode.PERSISTENT,
  ): void {
    const body = { path, data, acl: [...OPEN_ACL_UNSAFE], flags };
    this.#out.push(encodeRequest(OpCode.create, ++this.#xid, body, FRAMED));
    this.#waiting.push(answered);
  }

  /** As `create` does. */
  setData(path: string, data: Uint8Array, answered: (err: number) => void): void {
    const body = { path, data, version: -1 };
    this.#out.push(encodeRequest(OpCode.setData, ++this.#xid, body, FRAMED));
    this.#waiting.push(answered);
  }

  /** As `create` does. With `watch`, the next change of what was read is an event. */
  read(opCode: ReadOpCode, path: string, answered: (err: number) => void, watch = false): void {
    this.#out.push(encodeRequest(opCode, ++this.#xid, { path, watch }, FRAMED));
    this.#waiting.push(answered);
  }

  flush(): void {
    if (this.#out.length === 0) return;
    this.#socket.write(this.#out.length === 1 ? (this.#out[0] ?? EMPTY) : Buffer.concat(this.#out));
    this.#out = [];
  }

  /** Closes the session and the connection. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    await new Promise<void>((resolve) => {
      this.onLost(() => {
        resolve();
      });
      this.#out.push(encodeRequest(OpCode.closeSession, ++this.#xid, null, FRAMED));
      this.#waiting.push(() => this.#socket.destroy());
      this.flush();
    });
  }

  /** Closes the connection; the session stays until it expires. */
  destroy(): void {
    this.#socket.destroy();
  }

  #answered({ xid, err }: ReplyHeader): void {
    if (xid === EVENT_XID) this.#onEvent?.();
    // What else has no number of a request answers pings, which this client does not send.
    if (xid < 0) return;
    const answered = this.#waiting[this.#firstWaiting++];
    if (this.#firstWaiting > 1024) {
      this.#waiting.splice(0, this.#firstWaiting);
      this.#firstWaiting = 0;
    }
    answered?.(err);
  }
}

/** Reads whose requests are a path and whether to watch it. */
export type ReadOpCode = typeof OpCode.getData | typeof OpCode.exists | typeof OpCode.getChildren;

export interface OpenOptions {
  /** For the connection and its session to be there. */
  readonly timeoutMs?: number;
  /** What the session asks for. No pings are sent: a session that is idle for so long expires. */
  readonly sessionMs?: number;
}

/** Of the header before an event. */
const EVENT_XID = -1;
const FRAMED = { framed: true };
const EMPTY = new Uint8Array(0);
const SESSION_MS = 30_000;
