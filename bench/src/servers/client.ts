/**
 * As much of a ZooKeeper client as a load needs: a session, and requests that are
 * sent without waiting for the answers. It speaks ZooKeeper's own protocol, and
 * the very same bytes go to Apache's servers and to ours.
 */
import { connect, type Socket } from "node:net";
import {
  CreateMode,
  encodeConnectRequest,
  encodeRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
} from "@jute-ts/zookeeper";
import { Replies } from "./replies.js";

/** The connection is gone; what was not answered may have happened or not. */
export class ConnectionLost extends Error {}

export class Client {
  readonly #socket: Socket;
  readonly #replies: Replies;
  /** Requests that are not answered, oldest first: answers come in the order of the requests. */
  readonly #waiting: ((err: number) => void)[] = [];
  #firstWaiting = 0;
  #onConnected: (() => void) | undefined;
  #onLost: ((why: ConnectionLost) => void)[] = [];
  #lost: ConnectionLost | undefined;
  #onEvent: (() => void) | undefined;
  #xid = 0;
  #answeredXid = 0;
  /** What leaves with the next flush: the first `#length` bytes. */
  #out = Buffer.alloc(OUT_BYTES);
  #length = 0;

  private constructor(to: { readonly host: string; readonly port: number }) {
    // What arrives on any of the sockets is read into the same memory, and taken out at once.
    const callback = (length: number): boolean => {
      this.#onBytes(length);
      return true;
    };
    this.#socket = connect({ ...to, noDelay: true, onread: { buffer: RECEIVED, callback } });
    this.#replies = new Replies((head, at) => {
      this.#onFrame(head, at);
    });
    let why = "the server has closed the connection";
    this.#socket.on("error", (error) => {
      why = error.message;
    });
    this.#socket.on("close", () => {
      this.#lost = new ConnectionLost(why);
      for (const listener of this.#onLost) listener(this.#lost);
    });
  }

  #onBytes(length: number): void {
    try {
      this.#replies.push(RECEIVED_VIEW, length);
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : undefined);
      return;
    }
    // What the answers led to leaves in one write.
    this.flush();
  }

  #onFrame(head: DataView, at: number): void {
    if (this.#onConnected === undefined) {
      this.#answered(head.getInt32(at + XID_AT), head.getInt32(at + ERR_AT));
      return;
    }
    if (head.getBigInt64(at + SESSION_AT) === 0n) {
      this.#socket.destroy(new ConnectionLost("no session"));
    } else this.#onConnected();
    this.#onConnected = undefined;
  }

  /** Connects and opens a session. Rejects at once when that does not work: it tries nothing again. */
  static async open(
    address: string,
    { timeoutMs = 5000, sessionMs = SESSION_MS }: OpenOptions = {},
  ): Promise<Client> {
    const at = address.lastIndexOf(":");
    const client = new Client({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    const timer = setTimeout(() => {
      client.#socket.destroy(new ConnectionLost(`no session within ${String(timeoutMs)} ms`));
    }, timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        client.#onConnected = resolve;
        client.#onLost.push(reject);
        const request = { timeOut: sessionMs, passwd: new Uint8Array(16), readOnly: false };
        client.#socket.write(encodeConnectRequest(request, { framed: true }));
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

  /**
   * Makes a request of bytes that `encodeRequest` has made, framed and with any xid; they are
   * copied. `answered` gets the error code. Nothing leaves before `flush`, or the end of a
   * batch of answers.
   */
  request(bytes: Uint8Array, answered: (err: number) => void): void {
    const at = this.#length;
    this.#length += bytes.length;
    if (this.#length > this.#out.length) {
      const grown = Buffer.alloc(2 * this.#length);
      grown.set(this.#out.subarray(0, at));
      this.#out = grown;
    }
    this.#out.set(bytes, at);
    this.#out.writeInt32BE(++this.#xid, at + XID_AT);
    this.#waiting.push(answered);
  }

  /** As `request` does. */
  create(
    path: string,
    data: Uint8Array,
    answered: (err: number) => void,
    flags: number = CreateMode.PERSISTENT,
  ): void {
    const body = { path, data, acl: [...OPEN_ACL_UNSAFE], flags };
    this.request(encodeRequest(OpCode.create, 0, body, FRAMED), answered);
  }

  /** As `request` does. */
  setData(path: string, data: Uint8Array, answered: (err: number) => void): void {
    this.request(writeRequest(path, data), answered);
  }

  /** As `request` does. With `watch`, the next change of what was read is an event. */
  read(opCode: ReadOpCode, path: string, answered: (err: number) => void, watch = false): void {
    this.request(readRequest(opCode, path, watch), answered);
  }

  flush(): void {
    if (this.#length === 0) return;
    this.#socket.write(this.#out.subarray(0, this.#length));
    this.#length = 0;
    // What has not left yet must stay as it is.
    if (this.#socket.writableLength > 0) this.#out = Buffer.alloc(OUT_BYTES);
  }

  /** Closes the session and the connection. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    await new Promise<void>((resolve) => {
      this.onLost(() => {
        resolve();
      });
      this.request(encodeRequest(OpCode.closeSession, 0, null, FRAMED), () =>
        this.#socket.destroy(),
      );
      this.flush();
    });
  }

  /** Closes the connection; the session stays until it expires. */
  destroy(): void {
    this.#socket.destroy();
  }

  #answered(xid: number, err: number): void {
    if (xid === EVENT_XID) this.#onEvent?.();
    // What else has no number of a request answers pings, which this client does not send.
    if (xid < 0) return;
    if (xid !== ++this.#answeredXid) {
      const expected = String(this.#answeredXid);
      throw new Error(`the server has answered ${String(xid)} in the place of ${expected}`);
    }
    const answered = this.#waiting[this.#firstWaiting++];
    if (this.#firstWaiting > 1024) {
      this.#waiting.splice(0, this.#firstWaiting);
      this.#firstWaiting = 0;
    }
    answered?.(err);
  }
}

/** The bytes of a request that sets data, for `Client.request`. */
export function writeRequest(path: string, data: Uint8Array): Uint8Array {
  return encodeRequest(OpCode.setData, 0, { path, data, version: -1 }, FRAMED);
}

/** The bytes of a request that reads, for `Client.request`. */
export function readRequest(opCode: ReadOpCode, path: string, watch = false): Uint8Array {
  return encodeRequest(opCode, 0, { path, watch }, FRAMED);
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
/** Where numbers are from the beginning of a frame on: of a request and a reply, and of the answer to a ConnectRequest. */
const XID_AT = 4;
const ERR_AT = 16;
const SESSION_AT = 12;
const OUT_BYTES = 256;
const RECEIVED = new Uint8Array(65_536);
const RECEIVED_VIEW = new DataView(RECEIVED.buffer);
const SESSION_MS = 30_000;
