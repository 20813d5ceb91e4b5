/**
 * The links between a leader and its learners: sockets on the quorum port. What
 * is said on them is the core's business; here bytes come and go.
 */
import type { Socket } from "node:net";
import type { ConnectionId, Member, QuorumEvent, UntimedEvent } from "@jute-ts/quorum";
import { encodePacket, type OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import { connectToMember } from "./connecting.js";
import { isElectionHello, PORTS_SWAPPED, strangerTrouble, unknownTrouble } from "./first-bytes.js";
import { type NameLookup, remoteHost, showAddress } from "./name-lookup.js";
import type { Trouble } from "./network-report.js";
import type { NetworkWatch } from "./network-watch.js";
import { ListenError, type ListenTarget, OpenPorts, probePorts } from "./open-ports.js";
import { OutgoingQueue } from "./outgoing-queue.js";
import { ignore, type OpenSocket, type Transport } from "./transport.js";

/** What happens on quorum connections and their port. */
export type LinkEvent = UntimedEvent<
  Extract<
    QuorumEvent,
    {
      kind:
        | "canListen"
        | "cannotListen"
        | "connected"
        | "connectFailed"
        | "accepted"
        | "received"
        | "drained"
        | "disconnected";
    }
  >
>;

export interface QuorumLinksOptions {
  readonly transport: Transport;
  readonly members: ReadonlyMap<Sid, Member>;
  readonly names: NameLookup;
  /** Where to listen while leading. */
  readonly targets: readonly ListenTarget[];
  readonly dialTimeoutMs: number;
  /** As the peer's option has it; undefined: its default. */
  readonly maxQueuedBytes: number | undefined;
  readonly onEvent: (event: LinkEvent) => void;
  /** Told what goes wrong with connections, and what works again. */
  readonly watch: NetworkWatch;
}

/** What operators see of a connection. */
export interface LinkDescription {
  /** `host:port`. */
  readonly remoteAddress: string;
  readonly openedWallMs: number;
  readonly packetsSent: number;
}

interface Link {
  readonly socket: Socket;
  readonly queue: OutgoingQueue;
  readonly isAccepted: boolean;
  /** The machine at the other end. */
  readonly address: string;
  readonly port: number;
  readonly openedWallMs: number;
  packetsSent: number;
  /** The first bytes that came, to tell a stranger by. */
  first: Buffer;
}

export class QuorumLinks {
  readonly #options: QuorumLinksOptions;
  readonly #links = new Map<ConnectionId, Link>();
  readonly #written = new Set<Link>();
  readonly #connecting = new Set<number>();
  readonly #perAddress = new Map<string, number>();
  /** What was sent last, until the next flush. */
  #last: { readonly packet: OutgoingPacket; readonly bytes: Uint8Array } | undefined;
  #ports: OpenPorts | undefined;
  #listenTimer: NodeJS.Timeout | undefined;
  /** The core was told that the port cannot be opened. */
  #isBlocked = false;
  #lastId = 0;
  #closed = false;

  constructor(options: QuorumLinksOptions) {
    this.#options = options;
  }

  /**
   * Looks whether the port could be opened, and says so where it cannot: a server
   * that finds out only when it leads has won an election for nothing.
   */
  async probe(): Promise<void> {
    try {
      await probePorts({ ...this.#portOptions(), onProblem: ignore });
      this.#unblock();
    } catch (error) {
      this.#block(error);
      this.#probeLater();
    }
  }

  #probeLater(): void {
    if (this.#closed) return;
    clearTimeout(this.#listenTimer);
    this.#listenTimer = setTimeout(() => void this.probe(), RETRY_BLOCKED_MS);
  }

  /**
   * Accepts learners from now on. Where the port is taken it is tried again for a
   * moment, because whoever had it may be on the way out; then the core is told.
   */
  listen(): void {
    if (this.#ports !== undefined || this.#closed) return;
    this.#options.watch.forgetLeaders();
    clearTimeout(this.#listenTimer);
    const ports = new OpenPorts(this.#portOptions());
    this.#ports = ports;
    void this.#open(ports, 1);
  }

  async #open(ports: OpenPorts, attempt: number): Promise<void> {
    try {
      await ports.open();
      if (this.#ports === ports) this.#unblock();
    } catch (error) {
      if (this.#ports !== ports) return;
      const isLate = attempt >= LISTEN_ATTEMPTS;
      if (isLate) this.#block(error);
      // The core may have had enough of it.
      if (this.#ports !== ports) return;
      const delayMs = isLate ? RETRY_BLOCKED_MS : LISTEN_RETRY_MS;
      this.#listenTimer = setTimeout(() => void this.#open(ports, attempt + 1), delayMs);
    }
  }

  /** Accepts no more. Connections that exist stay. */
  stopListening(): void {
    clearTimeout(this.#listenTimer);
    void this.#ports?.close();
    this.#ports = undefined;
    if (this.#isBlocked) this.#probeLater();
  }

  #portOptions(): ConstructorParameters<typeof OpenPorts>[0] {
    const { transport, targets, names, watch } = this.#options;
    return {
      port: "quorum",
      targets,
      names,
      createServer: () =>
        transport.createServer(
          (open) => {
            this.#accept(open);
          },
          (refused) => {
            watch.refusedByTransport("quorum", refused);
          },
        ),
      onProblem: (error) => {
        watch.cannotListen(error, false);
      },
    };
  }

  #block(error: unknown): void {
    if (!(error instanceof ListenError)) throw error;
    if (this.#closed) return;
    this.#options.watch.cannotListen(error, true);
    if (this.#isBlocked) return;
    this.#isBlocked = true;
    this.#options.onEvent({ kind: "cannotListen", text: error.message });
  }

  #unblock(): void {
    if (this.#closed || !this.#isBlocked) return;
    this.#isBlocked = false;
    this.#options.watch.listens("quorum");
    this.#options.onEvent({ kind: "canListen" });
  }

  #accept({ socket, provenSids }: OpenSocket): void {
    const address = remoteHost(socket.remoteAddress);
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    if (this.#ports === undefined || count > MAX_PER_ADDRESS) {
      socket.on("error", ignore);
      socket.destroy();
      if (count > MAX_PER_ADDRESS) this.#options.watch.refused("quorum", address, TOO_MANY);
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
    this.#attach(connection, socket, true, ignore);
  }

  /** Opens a connection to a leader, and reports what came of it. */
  connect(attempt: number, to: Sid): void {
    const { transport, names, members, dialTimeoutMs, onEvent, watch } = this.#options;
    const member = members.get(to);
    if (member === undefined) return;
    this.#connecting.add(attempt);
    watch.forgetLeaders(to);
    watch.dials(to, "quorum");
    connectToMember({
      transport,
      names,
      member,
      portOf: ({ quorumPort }) => quorumPort,
      timeoutMs: dialTimeoutMs,
    }).then(
      (socket) => {
        if (!this.#connecting.delete(attempt) || this.#closed) {
          socket.on("error", ignore);
          socket.destroy();
          return;
        }
        const connection = ++this.#lastId;
        this.#watchLeader(connection, socket, to);
        // Listened to before the core hears of it, because the core may close it at once.
        const onFirst = (): void => {
          watch.reached(to, "quorum");
        };
        this.#attach(connection, socket, false, onFirst);
        onEvent({ kind: "connected", attempt, connection });
      },
      (error: unknown) => {
        if (!this.#connecting.delete(attempt) || this.#closed) return;
        watch.dialFailed(to, "quorum", error);
        const text = error instanceof Error ? error.message : String(error);
        onEvent({ kind: "connectFailed", attempt, text });
      },
    );
  }

  /** That a leader does not accept our certificate may show only after the handshake. */
  #watchLeader(connection: ConnectionId, socket: Socket, leader: Sid): void {
    const { watch } = this.#options;
    const address = showAddress(remoteHost(socket.remoteAddress), socket.remotePort ?? 0);
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => {
      const link = this.#links.get(connection);
      if (this.#closed || link === undefined) return;
      watch.lost(leader, "quorum");
      if (failure !== undefined) watch.closedByError(leader, "quorum", address, failure);
    });
  }

  #attach(
    connection: ConnectionId,
    socket: Socket,
    isAccepted: boolean,
    onFirst: () => void,
  ): void {
    const { onEvent, maxQueuedBytes = Infinity } = this.#options;
    const queue = new OutgoingQueue(
      socket,
      () => {
        if (this.#links.has(connection)) onEvent({ kind: "drained", connection });
      },
      // A leader counts what waits for its learners; nobody counts what waits for a leader.
      isAccepted ? Math.min(UNTOLD_BYTES, maxQueuedBytes / 16) : Infinity,
    );
    const address = remoteHost(socket.remoteAddress);
    const link: Link = {
      socket,
      queue,
      isAccepted,
      address,
      port: socket.remotePort ?? 0,
      openedWallMs: Date.now(),
      packetsSent: 0,
      first: EMPTY,
    };
    this.#links.set(connection, link);
    let why = "closed by the other side";
    socket.setNoDelay(true);
    socket.on("error", (error) => {
      why = error.message;
    });
    socket.on("data", (bytes: Buffer) => {
      if (link.first.length < FIRST_BYTES) {
        if (link.first.length === 0) onFirst();
        link.first = Buffer.concat([link.first, bytes.subarray(0, FIRST_BYTES)]);
      }
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

  /** Tells whose connection it was that broke the protocol; false for connections that this server opened itself. */
  refused(connection: ConnectionId, why: string): boolean {
    const link = this.#links.get(connection);
    if (link?.isAccepted !== true) return false;
    const swapped = isElectionHello(link.first) ? PORTS_SWAPPED : undefined;
    const trouble =
      strangerTrouble(link.first) ?? swapped ?? unknownTrouble(`it broke the protocol: ${why}`);
    this.#options.watch.refused("quorum", link.address, trouble);
    return true;
  }

  send(connection: ConnectionId, packet: OutgoingPacket): void {
    const link = this.#links.get(connection);
    if (link === undefined) return;
    // The next piece comes when this one has left.
    link.queue.write(this.#encoded(packet), packet.kind === "SNAPSHOTPIECE");
    link.packetsSent++;
    this.#written.add(link);
  }

  /** What goes to several learners is one packet. */
  #encoded(packet: OutgoingPacket): Uint8Array {
    if (packet !== this.#last?.packet) this.#last = { packet, bytes: encodePacket(packet) };
    return this.#last.bytes;
  }

  /** A connection that is open. */
  describe(connection: ConnectionId): LinkDescription | undefined {
    const link = this.#links.get(connection);
    if (link === undefined) return undefined;
    const { address, port, openedWallMs, packetsSent } = link;
    return { remoteAddress: showAddress(address, port), openedWallMs, packetsSent };
  }

  /** Sends what was written since the last flush. */
  flush(): void {
    for (const { queue } of this.#written) queue.flush();
    this.#written.clear();
    this.#last = undefined;
  }

  /** Tells now of what has left and was not told of, because it was little. */
  tellDrained(): void {
    for (const { queue, isAccepted } of this.#links.values()) if (isAccepted) queue.tell();
  }

  /** Closes a connection once what was written to it has left, and reports nothing more of it. */
  closeConnection(connection: ConnectionId): void {
    const link = this.#links.get(connection);
    if (link === undefined) return;
    this.#links.delete(connection);
    this.#written.delete(link);
    link.queue.flush();
    // A slow receiver must not keep the socket forever.
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
/** So little of what a leader sends may have left without its core having heard so, as a dozen proposals and commits; and never much of what may wait. */
const UNTOLD_BYTES = 4096;
const LINGER_MS = 1000;
const LISTEN_RETRY_MS = 100;
const LISTEN_ATTEMPTS = 5;
/** How often a port that cannot be opened is tried again. */
const RETRY_BLOCKED_MS = 1000;
/** As many as it takes to recognize a protocol. */
const FIRST_BYTES = 16;
const EMPTY = Buffer.alloc(0);
const TOO_MANY: Trouble = {
  code: "TOO_MANY",
  why: "this address has too many connections already",
  advice: "if nothing of yours is at that address, keep it from this port",
};
