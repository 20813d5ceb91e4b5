/**
 * The links between a leader and its learners: sockets on the quorum port. What
 * is said on them is the core's business; here bytes come and go.
 */
import type { Server, Socket } from "node:net";
import type { ConnectionId, Member, QuorumEvent } from "@jute-ts/quorum";
import { encodePacket, type OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import { OutgoingQueue } from "./outgoing-queue.js";
import { connectToMember, ignore, type OpenSocket, type Transport } from "./transport.js";

/** An event without its time, which the receiver adds. */
export type LinkEvent = WithoutClock<
  Extract<
    QuorumEvent,
    { kind: "connected" | "connectFailed" | "accepted" | "received" | "drained" | "disconnected" }
  >
>;

type WithoutClock<E> = E extends unknown ? Omit<E, "nowMs" | "wallMs"> : never;

export interface QuorumLinksOptions {
  readonly transport: Transport;
  readonly members: ReadonlyMap<Sid, Member>;
  /** Where to listen while leading. */
  readonly listenHost: string;
  readonly listenPort: number;
  readonly connectTimeoutMs: number;
  readonly onEvent: (event: LinkEvent) => void;
  readonly onListenError: (error: Error) => void;
}

interface Link {
  readonly socket: Socket;
  readonly queue: OutgoingQueue;
}

export class QuorumLinks {
  readonly #options: QuorumLinksOptions;
  readonly #links = new Map<ConnectionId, Link>();
  readonly #written = new Set<Link>();
  readonly #connecting = new Set<number>();
  readonly #perAddress = new Map<string, number>();
  #server: Server | undefined;
  #listenTimer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #closed = false;

  constructor(options: QuorumLinksOptions) {
    this.#options = options;
  }

  /**
   * Accepts learners from now on. Where the port is taken it is tried again: who
   * leads without listening waits for all of initLimit for followers that cannot come.
   */
  listen(): void {
    clearTimeout(this.#listenTimer);
    if (this.#server !== undefined || this.#closed) return;
    const { transport, listenHost, listenPort, onListenError } = this.#options;
    const server = transport.createServer((open) => {
      this.#accept(open);
    });
    this.#server = server;
    server.on("error", (error) => {
      if (this.#server !== server) return;
      this.#server = undefined;
      this.#listenTimer = setTimeout(() => {
        this.listen();
      }, LISTEN_RETRY_MS);
      onListenError(error);
    });
    server.listen({ host: listenHost, port: listenPort });
  }

  /** Accepts no more. Connections that exist stay. */
  stopListening(): void {
    clearTimeout(this.#listenTimer);
    this.#server?.close();
    this.#server = undefined;
  }

  #accept({ socket, provenSids }: OpenSocket): void {
    const address = socket.remoteAddress ?? "";
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    if (this.#server === undefined || count > MAX_PER_ADDRESS) {
      socket.on("error", ignore);
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, count);
    socket.once("close", () => {
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    const connection = ++this.#lastId;
    this.#options.onEvent({
      kind: "accepted",
      connection,
      ...(provenSids === undefined ? {} : { provenSids }),
    });
    this.#attach(connection, socket, () => {
      if (this.#links.has(connection)) this.#options.onEvent({ kind: "drained", connection });
    });
  }

  /** Opens a connection to a leader, and reports what came of it. */
  connect(attempt: number, to: Sid): void {
    const { transport, members, connectTimeoutMs, onEvent } = this.#options;
    const addresses = members.get(to)?.addresses ?? [];
    this.#connecting.add(attempt);
    connectToMember(
      transport,
      to,
      addresses,
      ({ quorumPort }) => quorumPort,
      connectTimeoutMs,
    ).then(
      (socket) => {
        if (!this.#connecting.delete(attempt) || this.#closed) {
          socket.on("error", ignore);
          socket.destroy();
          return;
        }
        const connection = ++this.#lastId;
        // Listened to before the core hears of it, because the core may close it at once.
        this.#attach(connection, socket, ignore);
        onEvent({ kind: "connected", attempt, connection });
      },
      (error: unknown) => {
        if (!this.#connecting.delete(attempt) || this.#closed) return;
        const text = error instanceof Error ? error.message : String(error);
        onEvent({ kind: "connectFailed", attempt, text });
      },
    );
  }

  #attach(connection: ConnectionId, socket: Socket, onDrained: () => void): void {
    const { onEvent } = this.#options;
    const queue = new OutgoingQueue(socket, onDrained);
    this.#links.set(connection, { socket, queue });
    let why = "closed by the other side";
    socket.setNoDelay(true);
    socket.on("error", (error) => {
      why = error.message;
    });
    socket.on("data", (bytes: Buffer) => {
      if (this.#links.has(connection)) onEvent({ kind: "received", connection, bytes });
    });
    // Whoever says no more is lost: the protocol has no use for half a conversation.
    socket.on("end", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      if (this.#links.delete(connection)) onEvent({ kind: "disconnected", connection, text: why });
    });
  }

  send(connection: ConnectionId, packet: OutgoingPacket): void {
    const link = this.#links.get(connection);
    if (link === undefined) return;
    link.queue.write(encodePacket(packet));
    this.#written.add(link);
  }

  /** Sends what was written since the last flush. */
  flush(): void {
    for (const { queue } of this.#written) queue.flush();
    this.#written.clear();
  }

  /** Closes a connection once what was written to it has left, and reports nothing more of it. */
  closeConnection(connection: ConnectionId): void {
    const link = this.#links.get(connection);
    if (link === undefined) return;
    this.#links.delete(connection);
    this.#written.delete(link);
    link.queue.flush();
    // A slow receiver must not keep the socket for ever.
    const timer = setTimeout(() => {
      link.socket.destroy();
    }, LINGER_MS);
    link.socket.once("close", () => {
      clearTimeout(timer);
    });
    link.socket.end();
    link.socket.destroySoon();
  }

  /** Closes everything at once. */
  close(): void {
    this.#closed = true;
    this.stopListening();
    for (const [connection, { socket }] of this.#links) {
      this.#links.delete(connection);
      socket.destroy();
    }
  }
}

/** Sockets of one address: more than an ensemble on one machine needs, less than what would hurt. */
const MAX_PER_ADDRESS = 64;
const LINGER_MS = 1000;
const LISTEN_RETRY_MS = 100;
