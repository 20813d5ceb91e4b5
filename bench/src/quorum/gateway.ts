/**
 * As much of ZooKeeper's client port as a load needs, before one of our peers,
 * which serves no clients itself: a session for each connection, and changes.
 * Requests reach the peer as they came; answers are encoded as Apache's are, so
 * that both kinds of servers do the same work for the same bytes.
 */
import { createServer, type Server, type Socket } from "node:net";
import { FrameReader, type BinaryInputArchive } from "@jute-ts/runtime";
import {
  CreateSessionTxn,
  decodeConnectRequest,
  encodeConnectResponse,
  encodeErrorResponse,
  encodeResponse,
  OpCode,
  RequestHeader,
} from "@jute-ts/zookeeper";
import type { Committed, Peer } from "@jute-ts/server";

/** Listens on the port, on loopback. While the peer does not serve, connections are closed at once. */
export function openGateway(peer: Peer, sid: number, port: number): Server {
  const server = createServer((socket) => {
    if (!peer.status().serving) socket.destroy();
    else new Connection(peer, sid, socket);
  });
  return server.listen({ host: "127.0.0.1", port });
}

class Connection {
  readonly #peer: Peer;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #sessionId: bigint;
  #isOpen = false;
  #touchedMs = 0;
  #out: Uint8Array[] = [];

  constructor(peer: Peer, sid: number, socket: Socket) {
    this.#peer = peer;
    this.#socket = socket;
    const time = BigInt.asUintN(40, BigInt(Date.now())) << 16n;
    this.#sessionId = BigInt.asIntN(64, (BigInt(sid) << 56n) | time | BigInt(++lastSession));
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      this.#touch();
      this.#frames.push(bytes);
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        this.#onFrame(frame);
      }
    });
    socket.on("error", () => undefined);
  }

  #onFrame(frame: BinaryInputArchive): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#open(decodeConnectRequest(frame).timeOut);
      return;
    }
    const { xid, type } = RequestHeader.read(frame);
    // The rest of the frame as it is: the leader decodes it.
    const size = frame.remaining;
    const at = frame.take(size);
    const body = frame.bytes.subarray(at, at + size);
    this.#propose(type, xid, body, ({ txn, result }) => {
      const reply = { xid, zxid: txn.zxid };
      if (result.err !== 0) return encodeErrorResponse(reply, result.err, FRAMED);
      switch (type) {
        case OpCode.create:
          return encodeResponse(type, reply, { path: result.path ?? "" }, FRAMED);
        case OpCode.setData:
          return encodeResponse(type, reply, { stat: result.stat }, FRAMED);
        default:
          return encodeResponse(OpCode.closeSession, reply, null, FRAMED);
      }
    });
  }

  #open(timeOut: number): void {
    const body = CreateSessionTxn.encode({ timeOut });
    this.#propose(OpCode.createSession, 0, body, () => {
      const passwd = new Uint8Array(16);
      const response = { timeOut, sessionId: this.#sessionId, passwd, readOnly: false };
      return encodeConnectResponse(response, FRAMED);
    });
  }

  #propose(
    opCode: number,
    cxid: number,
    body: Uint8Array,
    answer: (committed: Committed) => Uint8Array,
  ): void {
    const change = { sessionId: this.#sessionId, opCode, cxid, body, authInfo: AUTH_INFO };
    this.#peer.proposeRaw(change).then(
      (committed) => {
        // What is committed together leaves together: after all answers of this step.
        if (this.#out.length === 0)
          process.nextTick(() => {
            this.#flush();
          });

        this.#out.push(answer(committed));
      },
      // As Apache's servers do when they lose their leader.
      (error: unknown) => {
        if (!this.#socket.destroyed) console.error(`a connection is closed: ${String(error)}`);
        this.#socket.destroy();
      },
    );
  }

  #flush(): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(this.#out));
    this.#out = [];
  }

  #touch(): void {
    const nowMs = performance.now();
    if (!this.#isOpen || nowMs - this.#touchedMs < TOUCH_MS) return;
    this.#touchedMs = nowMs;
    this.#peer.touch(this.#sessionId);
  }
}

let lastSession = 0;
const FRAMED = { framed: true };
const AUTH_INFO = [{ scheme: "ip", id: "127.0.0.1" }];
const TOUCH_MS = 500;
