/**
 * The links of the election: one connection for each pair of servers, opened by
 * the one with the larger id. Each link carries frames of a length and a
 * notification, keeps at most one waiting, and sends the last one again when it
 * comes up again; the election itself repeats what matters.
 */
import type { Socket } from "node:net";
import type { Member } from "@jute-ts/quorum";
import { decodeElectionHello, ElectionHelloError, encodeElectionHello } from "@jute-ts/quorum/wire";
import { FrameReader, JuteDecodeError } from "@jute-ts/runtime";
import type { Sid } from "@jute-ts/zookeeper";
import { connectToMember } from "./connecting.js";
import { isLearnerInfo, PORTS_SWAPPED, strangerTrouble, unknownTrouble } from "./first-bytes.js";
import { type NameLookup, remoteHost, showAddress } from "./name-lookup.js";
import type { Trouble } from "./network-report.js";
import type { NetworkWatch } from "./network-watch.js";
import { type ListenTarget, OpenPorts } from "./open-ports.js";
import { ignore, type OpenSocket, type Transport } from "./transport.js";

export interface ElectionLinksOptions {
  readonly transport: Transport;
  readonly sid: Sid;
  readonly members: ReadonlyMap<Sid, Member>;
  readonly names: NameLookup;
  /** Where to listen. */
  readonly targets: readonly ListenTarget[];
  readonly dialTimeoutMs: number;
  /** How long a hello may take. */
  readonly helloTimeoutMs: number;
  readonly onNotification: (from: Sid, bytes: Uint8Array) => void;
  readonly onLinkUp: (to: Sid) => void;
  /** Told what goes wrong with connections, and what works again. */
  readonly watch: NetworkWatch;
  /** What hardly anybody wants to know. */
  readonly onNote: (text: string) => void;
}

/** What is known of one other server. */
interface Link {
  socket: Socket | undefined;
  connecting: boolean;
  /** The newest notification that has not been written. */
  waiting: Uint8Array | undefined;
  /** The last that was written, for a link that comes up again. */
  last: Uint8Array | undefined;
  /** A write is on its way. */
  busy: boolean;
  /** The last connection on which we said hello and that the other side does not keep. */
  parting: Socket | undefined;
}

export class ElectionLinks {
  readonly #options: ElectionLinksOptions;
  readonly #links = new Map<Sid, Link>();
  readonly #hellos = new Map<Socket, string>();
  #ports: OpenPorts | undefined;
  #closed = false;

  constructor(options: ElectionLinksOptions) {
    this.#options = options;
    for (const sid of options.members.keys()) {
      if (sid === options.sid) continue;
      this.#links.set(sid, {
        socket: undefined,
        connecting: false,
        waiting: undefined,
        last: undefined,
        busy: false,
        parting: undefined,
      });
    }
  }

  /** Listens on the election port. Rejects with ListenError when none of its addresses can be had. */
  async listen(): Promise<void> {
    const { transport, targets, names, watch } = this.#options;
    const ports = new OpenPorts({
      port: "election",
      targets,
      names,
      createServer: () =>
        transport.createServer(
          (open) => {
            this.#accept(open);
          },
          (refused) => {
            watch.refusedByTransport("election", refused);
          },
        ),
      onProblem: (error) => {
        watch.cannotListen(error, false);
      },
    });
    this.#ports = ports;
    await ports.open();
    watch.listens("election");
  }

  /** Sends a notification, or lets it wait for the link. It replaces one that still waits. */
  send(to: Sid, bytes: Uint8Array): void {
    const link = this.#links.get(to);
    if (link === undefined) return;
    link.waiting = bytes;
    if (link.socket === undefined) this.connect([to]);
    else this.#write(link);
  }

  /** Makes sure that there are links, or attempts at them. */
  connect(to: readonly Sid[]): void {
    for (const sid of to) {
      const link = this.#links.get(sid);
      if (link === undefined || link.socket !== undefined || link.connecting || this.#closed) {
        continue;
      }
      link.connecting = true;
      void this.#open(sid, link);
    }
  }

  async #open(sid: Sid, link: Link): Promise<void> {
    const { transport, names, members, dialTimeoutMs, watch, sid: self } = this.#options;
    const member = members.get(sid);
    if (member === undefined) return;
    watch.dials(sid, "election");
    try {
      const socket = await connectToMember({
        transport,
        names,
        member,
        portOf: ({ electionPort }) => electionPort,
        timeoutMs: dialTimeoutMs,
      });
      if (this.#closed) {
        drop(socket);
        return;
      }
      // In one write: Java's receiver reads the address with a single read.
      socket.write(this.#hello());
      // The one with the larger id keeps its connections; the other is called back.
      if (sid > self) this.#part(sid, link, socket);
      else this.#keep(sid, link, socket);
    } catch (error) {
      // The election asks again when it needs the link.
      if (!this.#closed) watch.dialFailed(sid, "election", error);
    } finally {
      link.connecting = false;
    }
  }

  /**
   * The other side ends this connection and opens its own. If it ends it because of
   * our certificate, or speaks another protocol, that shows only now.
   */
  #part(sid: Sid, link: Link, socket: Socket): void {
    link.parting?.destroy();
    link.parting = socket;
    const address = remoteAddress(socket);
    const timer = setTimeout(() => {
      socket.destroy();
    }, PARTING_MS);
    socket.on("error", (error) => {
      if (!this.#closed) this.#options.watch.closedByError(sid, "election", address, error);
    });
    socket.on("data", (bytes: Buffer) => {
      this.#onForeignBytes(sid, address, bytes);
      socket.destroy();
    });
    socket.on("end", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      clearTimeout(timer);
      if (link.parting === socket) link.parting = undefined;
    });
  }

  /** Bytes where a server of the election would say something else, or nothing. */
  #onForeignBytes(sid: Sid, address: string, bytes: Buffer): boolean {
    const trouble = strangerTrouble(bytes.subarray(0, FIRST_BYTES));
    if (trouble === undefined) return false;
    this.#options.watch.speaksOtherwise(sid, "election", address, trouble);
    return true;
  }

  #hello(): Uint8Array {
    const { sid, members } = this.#options;
    const addresses = (members.get(sid)?.addresses ?? []).map(({ host, electionPort }) => ({
      host,
      port: electionPort,
    }));
    return encodeElectionHello({ sid, addresses });
  }

  /** Waits for the hello, beside all others: a silent client must not keep anyone from voting. */
  #accept({ socket, provenSids }: OpenSocket): void {
    const address = remoteHost(socket.remoteAddress);
    const sameAddress = [...this.#hellos.values()].filter((other) => other === address).length;
    if (
      this.#closed ||
      this.#hellos.size >= MAX_HELLOS ||
      sameAddress >= this.#maxHellosPerAddress()
    ) {
      drop(socket);
      if (!this.#closed) this.#options.watch.refused("election", address, TOO_MANY);
      return;
    }
    this.#hellos.set(socket, address);
    let received: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => {
      // Who says nothing at all may be a tool that looks whether the port is open.
      if (received.length > 0) refuse(unknownTrouble("it did not say who it is in time"));
      else part("it said nothing");
    }, this.#options.helloTimeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      this.#hellos.delete(socket);
      socket.off("data", onData);
      socket.off("close", settle);
      socket.off("error", ignore);
    };
    const part = (why: string): void => {
      settle();
      drop(socket);
      this.#options.onNote(`an election connection from ${address} was closed: ${why}`);
    };
    const refuse = (otherwise: Trouble): void => {
      settle();
      drop(socket);
      this.#options.watch.refused("election", address, troubleOf(received) ?? otherwise);
    };
    const onData = (bytes: Buffer): void => {
      received = Buffer.concat([received, bytes]);
      try {
        const read = decodeElectionHello(received);
        if (read === undefined) return;
        const { sid } = read.hello;
        const unwanted = this.#whyUnwanted(sid, provenSids);
        if (unwanted !== undefined) {
          refuse(unwanted);
          return;
        }
        settle();
        this.#onHello(socket, sid, received.subarray(read.length));
      } catch (error) {
        if (!(error instanceof ElectionHelloError)) throw error;
        refuse(unknownTrouble(`it sent ${error.message}`));
      }
    };
    socket.on("error", ignore);
    socket.on("close", settle);
    socket.on("data", onData);
  }

  /** An ensemble on one machine says hello from one address. */
  #maxHellosPerAddress(): number {
    return MIN_HELLOS_PER_ADDRESS + this.#links.size;
  }

  /** Why whoever says that it is this server may not come in, if so. */
  #whyUnwanted(sid: Sid, provenSids: readonly Sid[] | undefined): Trouble | undefined {
    if (sid === this.#options.sid) return SAME_ID;
    if (!this.#links.has(sid)) {
      return {
        code: "UNKNOWN_SERVER",
        why: `it says that it is server ${sid}, which is not in this server's configuration`,
        advice:
          "the lines of the ensemble must be the same on every server; if nothing of yours is at that address, keep it from this port",
      };
    }
    if (provenSids?.includes(sid) !== false) return undefined;
    return {
      code: "FOREIGN_CERTIFICATE",
      why: `it says that it is server ${sid}, but its certificate is not that server's`,
      advice: "the certificate must name the host of its server's line; check that server's myid",
    };
  }

  #onHello(socket: Socket, sid: Sid, rest: Buffer): void {
    const link = this.#links.get(sid);
    if (link === undefined) {
      drop(socket);
    } else if (sid < this.#options.sid) {
      // The connection is ours to open.
      drop(socket);
      if (link.socket !== undefined) drop(link.socket);
      link.socket = undefined;
      this.connect([sid]);
    } else {
      this.#options.watch.reached(sid, "election");
      this.#keep(sid, link, socket, rest);
    }
  }

  /** This is the link from now on; an older one has lost its other side. */
  #keep(sid: Sid, link: Link, socket: Socket, rest?: Buffer): void {
    const older = link.socket;
    link.socket = socket;
    link.busy = false;
    if (older !== undefined) drop(older);
    socket.setNoDelay(true);
    const { watch } = this.#options;
    const address = remoteAddress(socket);
    const isOurs = sid < this.#options.sid;
    let isHeard = false;
    let failure: Error | undefined;
    const frames = new FrameReader({ maxFrame: MAX_FRAME_BYTES });
    const onData = (bytes: Buffer): void => {
      if (link.socket !== socket) return;
      const { payloads, broken } = takeFrames(frames, bytes);
      for (const payload of payloads) {
        if (!isHeard) watch.reached(sid, "election");
        isHeard = true;
        this.#options.onNotification(sid, payload);
      }
      if (!broken) return;
      if (isHeard || !this.#onForeignBytes(sid, address, bytes)) {
        watch.refused("election", address, {
          code: "FRAME",
          why: `server ${sid} sent a message of a length that cannot be`,
          advice: "is it a server of ZooKeeper, and does anything between change what it sends?",
        });
      }
      // Nothing more is to be said of its end.
      isHeard = true;
      drop(socket);
    };
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("data", onData);
    socket.on("end", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      if (link.socket !== socket) return;
      link.socket = undefined;
      watch.lost(sid, "election");
      if (isOurs && !isHeard && !this.#closed) {
        watch.closedSilently(sid, "election", address, failure);
      }
    });
    link.waiting ??= link.last;
    this.#write(link);
    this.#options.onLinkUp(sid);
    if (rest !== undefined && rest.length > 0) onData(rest);
  }

  #write(link: Link): void {
    const { socket, waiting } = link;
    if (socket === undefined || waiting === undefined || link.busy) return;
    link.waiting = undefined;
    link.last = waiting;
    link.busy = true;
    const frame = Buffer.alloc(4 + waiting.length);
    frame.writeInt32BE(waiting.length, 0);
    frame.set(waiting, 4);
    socket.write(frame, () => {
      if (link.socket !== socket) return;
      link.busy = false;
      this.#write(link);
    });
  }

  /** Closes everything. */
  close(): void {
    this.#closed = true;
    void this.#ports?.close();
    for (const socket of this.#hellos.keys()) socket.destroy();
    for (const link of this.#links.values()) {
      if (link.socket !== undefined) drop(link.socket);
      link.socket = undefined;
      link.parting?.destroy();
    }
  }
}

/** The payloads of the frames that are complete now. `broken`: bytes after them are no frame, and the link is of no use any more. */
function takeFrames(
  frames: FrameReader,
  bytes: Uint8Array,
): { readonly payloads: readonly Uint8Array[]; readonly broken: boolean } {
  const payloads: Uint8Array[] = [];
  try {
    frames.push(bytes);
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      if (frame.remaining === 0) return { payloads, broken: true };
      payloads.push(frame.readRest());
    }
    return { payloads, broken: false };
  } catch (error) {
    if (error instanceof JuteDecodeError) return { payloads, broken: true };
    throw error;
  }
}

/** What these bytes are, if they are no hello. */
function troubleOf(received: Buffer): Trouble | undefined {
  return strangerTrouble(received) ?? (isLearnerInfo(received) ? PORTS_SWAPPED : undefined);
}

function remoteAddress({ remoteAddress: address, remotePort }: Socket): string {
  return address === undefined
    ? "an address that is gone"
    : showAddress(remoteHost(address), remotePort ?? 0);
}

function drop(socket: Socket): void {
  socket.on("error", ignore);
  // Lets a hello that was just written leave.
  socket.destroySoon();
}

/** Far above the longest configuration; Java would take 512 KiB. */
const MAX_FRAME_BYTES = 65_536;
const MAX_HELLOS = 64;
/** How long the other side may take to end a connection that it does not keep. */
const PARTING_MS = 1000;
/** As many as it takes to recognize a protocol. */
const FIRST_BYTES = 16;
const TOO_MANY: Trouble = {
  code: "TOO_MANY",
  why: "too many connections have not said who they are",
  advice: "if nothing of yours is at that address, keep it from this port",
};
const SAME_ID: Trouble = {
  code: "SAME_ID",
  why: "it says that it is this server",
  advice: "two servers have the same number in their myid: give each its own",
};
const MIN_HELLOS_PER_ADDRESS = 4;
