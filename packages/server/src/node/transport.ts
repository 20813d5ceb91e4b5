/**
 * How sockets come about: plain TCP, or TLS where it is configured. Both kinds of
 * links use it, so that neither knows of certificates.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { MemberAddress } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";

/** An incoming socket, and which servers it can be of, where that is proven. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly provenSids: readonly Sid[] | undefined;
}

export interface Transport {
  /** Opens a socket to a member. Rejects when it cannot be opened, in time and to the right server. */
  connect(sid: Sid, host: string, port: number, timeoutMs: number): Promise<Socket>;
  /** A server that hands over sockets that may be used. */
  createServer(onSocket: (open: OpenSocket) => void): Server;
}

/** TCP without encryption or authentication: whoever reaches the port is believed. */
export const plainTransport: Transport = {
  connect: (_sid, host, port, timeoutMs) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      settleConnect(socket, "connect", timeoutMs, resolve, reject);
    }),
  createServer: (onSocket) =>
    createServer({ noDelay: true }, (socket) => {
      onSocket({ socket, provenSids: undefined });
    }),
};

/** Waits for a socket's first event, and not for longer than the timeout. */
export function settleConnect(
  socket: Socket,
  ready: "connect" | "secureConnect",
  timeoutMs: number,
  resolve: (socket: Socket) => void,
  reject: (error: Error) => void,
): void {
  const onError = (error: Error): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(error);
  };
  const timer = setTimeout(() => {
    socket.off("error", onError);
    socket.on("error", ignore);
    socket.destroy();
    reject(new Error(`no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  socket.once("error", onError);
  socket.once(ready, () => {
    clearTimeout(timer);
    socket.off("error", onError);
    resolve(socket);
  });
}

/** Opens a socket to the first of a member's addresses that answers. */
export async function connectToMember(
  transport: Transport,
  sid: Sid,
  addresses: readonly MemberAddress[],
  portOf: (address: MemberAddress) => number,
  timeoutMs: number,
): Promise<Socket> {
  let failure: unknown = new Error("the server has no address");
  for (const address of addresses) {
    try {
      return await transport.connect(sid, address.host, portOf(address), timeoutMs);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** For sockets that are given up: whatever else happens to them is of no interest. */
export function ignore(): void {
  // An error event without a listener would end the process.
}
