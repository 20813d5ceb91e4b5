/**
 * How sockets come about: plain TCP, or TLS where it is configured. Both kinds of
 * links use it, so that neither knows of certificates.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Sid } from "@jute-ts/zookeeper";

/** An incoming socket, and which servers it can be of, where that is proven. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly provenSids: readonly Sid[] | undefined;
}

/** Where to connect to. */
export interface Destination {
  /** Whom the other side must be. */
  readonly sid: Sid;
  /** The host as the configuration names it. */
  readonly host: string;
  /** One of the host's addresses, or the host again where it is one. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Gives the attempt up. It has no effect on a socket that is open. */
  readonly signal: AbortSignal;
}

/** Why somebody who came got no further than the transport. */
export interface RefusedSocket {
  /** The machine that it came from. */
  readonly address: string;
  readonly error: Error;
}

export interface Transport {
  /** Opens a socket to a member. Rejects when it cannot be opened, in time and to the right server. */
  connect(to: Destination): Promise<Socket>;
  /** A server that hands over sockets that may be used, and tells of those that may not. */
  createServer(
    onSocket: (open: OpenSocket) => void,
    onRefused: (refused: RefusedSocket) => void,
  ): Server;
}

/** TCP without encryption or authentication: whoever reaches the port is believed. */
export const plainTransport: Transport = {
  connect: (to) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: to.address, port: to.port, noDelay: true });
      readAtOnce(socket);
      settleConnect(socket, "connect", to, resolve, reject);
    }),
  createServer: (onSocket) =>
    createServer({ noDelay: true }, (socket) => {
      readAtOnce(socket);
      onSocket({ socket, provenSids: undefined });
    }),
};

/** Waits for a socket's first event, and not for longer than the timeout. */
export function settleConnect(
  socket: Socket,
  ready: "connect" | "secureConnect",
  { timeoutMs, signal }: Destination,
  resolve: (socket: Socket) => void,
  reject: (error: Error) => void,
): void {
  let isConnected = false;
  const settle = (): void => {
    clearTimeout(timer);
    socket.off("error", fail);
    signal.removeEventListener("abort", onAbort);
  };
  const fail = (error: Error): void => {
    settle();
    socket.on("error", ignore);
    socket.destroy();
    reject(error);
  };
  const onAbort = (): void => {
    fail(new Error("given up"));
  };
  const timer = setTimeout(() => {
    fail(new ConnectTimeout(timeoutMs, isConnected));
  }, timeoutMs);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  socket.once("error", fail);
  socket.once("connect", () => {
    isConnected = true;
  });
  socket.once(ready, () => {
    settle();
    resolve(socket);
  });
}

/** Nobody answered in time. */
export class ConnectTimeout extends Error {
  override readonly name = "ConnectTimeout";
  /** The handshake took too long, not the connection. */
  readonly isOfHandshake: boolean;
  readonly code: string;

  constructor(timeoutMs: number, isOfHandshake: boolean) {
    super(
      isOfHandshake
        ? `the TLS handshake did not end within ${timeoutMs} ms`
        : `no answer within ${timeoutMs} ms`,
    );
    this.isOfHandshake = isOfHandshake;
    this.code = isOfHandshake ? "ERR_TLS_HANDSHAKE_TIMEOUT" : "ETIMEDOUT";
  }
}

/** For sockets that are given up: whatever else happens to them is of no interest. */
export function ignore(): void {
  // An error event without a listener would end the process.
}

/**
 * From here on what comes on a socket goes straight to its `data` listeners while it flows. By
 * way of the stream's buffer, each read costs a tick of its own that looks whether there is room
 * for more. What comes while it is paused takes that way, and keeps its place.
 */
export function readAtOnce(socket: Socket): void {
  const buffered = socket.push.bind(socket);
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    const isDirect =
      chunk !== null && socket.readableFlowing === true && socket.readableLength === 0;
    if (!isDirect) return buffered(chunk, encoding);
    socket.emit("data", chunk);
    return true;
  };
}
