/**
 * The links of the election: one connection for each pair of servers, opened by
 * the one with the larger id. Each link carries frames of a length and a
 * notification, keeps at most one waiting, and sends the last one again when it
 * comes up anew; the election itself repeats what matters.
 */
import type { Server, Socket } from "node:net";
import type { Member } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { decodeElectionHello, encodeElectionHello, ElectionHelloError } from "@jute-ts/quorum/wire";
import { connectToMember, ignore, type OpenSocket, type Transport } from "./transport.js";

export interface ElectionLinksOptions {
  readonly transport: Transport;
  readonly sid: Sid;
  readonly members: ReadonlyMap<Sid, Member>;
  readonly listenHost: string;
  readonly listenPort: number;
  readonly connectTimeoutMs: number;
  /** How long a hello may take. */
  readonly helloTimeoutMs: number;
  readonly onNotification: (from: Sid, bytes: Uint8Array) => void;
  readonly onLinkUp: (to: Sid) => void;
  /** Something that a person may want to know: refused hellos, bad frames. */
  readonly onNote: (text: string) => void;
}

/** What is known of one other server. */
interface Link {
  socket: Socket | undefined;
  connecting: boolean;
  /** The newest notification that has not been written. */
  waiting: Uint8Array | undefined;
  /** The last that was written, for a link that comes up anew. */
  last: Uint8Array | undefined;
  /** A write is on its way. */
  busy: boolean;
}

export class ElectionLinks {
  readonly #options: ElectionLinksOptions;
  readonly #links = new Map<Sid, Link>();
  readonly #hellos = new Map<Socket, string>();
  #server: Server | undefined;
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
      });
    }
  }

  /** Listens on the election port. Rejects when the port cannot be had. */
  async listen(): Promise<void> {
    const { transport, listenHost, listenPort } = this.#options;
    const server = transport.createServer((open) => {
      this.#accept(open);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: listenHost, port: listenPort }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    server.on("error", (error) => {
      this.#options.onNote(`the election port: ${error.message}`);
    });
    this.#server = server;
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
    const { transport, members, connectTimeoutMs, sid: self } = this.#options;
    const addresses = members.get(sid)?.addresses ?? [];
    try {
      const socket = await connectToMember(
        transport,
        sid,
        addresses,
        ({ electionPort }) => electionPort,
        connectTimeoutMs,
      );
      if (this.#closed) {
        drop(socket);
      } else {
        // In one write: Java's receiver reads the address with a single read.
        socket.write(this.#hello());
        // The one with the larger id keeps its connections; the other is called back.
        if (sid > self) drop(socket);
        else this.#keep(sid, link, socket);
      }
    } catch {
      // The election asks again when it needs the link.
    } finally {
      link.connecting = false;
    }
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
    const address = socket.remoteAddress ?? "";
    const sameAddress = [...this.#hellos.values()].filter((other) => other === address).length;
    if (
      this.#closed ||
      this.#hellos.size >= MAX_HELLOS ||
      sameAddress >= this.#maxHellosPerAddress()
    ) {
      drop(socket);
      return;
    }
    this.#hellos.set(socket, address);
    let received: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => {
      refuse("no hello in time");
    }, this.#options.helloTimeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      this.#hellos.delete(socket);
      socket.off("data", onData);
      socket.off("close", settle);
      socket.off("error", ignore);
    };
    const refuse = (why: string): void => {
      settle();
      drop(socket);
      this.#options.onNote(`an election connection from ${address} was refused: ${why}`);
    };
    const onData = (bytes: Buffer): void => {
      received = Buffer.concat([received, bytes]);
      try {
        const read = decodeElectionHello(received);
        if (read === undefined) return;
        if (provenSids?.includes(read.hello.sid) === false) {
          refuse(`its certificate is not that of server ${read.hello.sid}`);
          return;
        }
        settle();
        this.#onHello(socket, read.hello.sid, received.subarray(read.length));
      } catch (error) {
        if (!(error instanceof ElectionHelloError)) throw error;
        refuse(error.message);
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

  #onHello(socket: Socket, sid: Sid, rest: Buffer): void {
    const { sid: self, onNote } = this.#options;
    const link = this.#links.get(sid);
    if (link === undefined) {
      drop(socket);
      onNote(`an election connection of server ${sid}, which is not one of ours, was refused`);
    } else if (sid < self) {
      // The connection is ours to open.
      drop(socket);
      if (link.socket !== undefined) drop(link.socket);
      link.socket = undefined;
      this.connect([sid]);
    } else {
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
    const frames = new FrameSplitter((payload) => {
      this.#options.onNotification(sid, payload);
    });
    const onData = (bytes: Buffer): void => {
      if (link.socket !== socket) return;
      if (frames.push(bytes)) return;
      this.#options.onNote(`server ${sid} sent a frame of a length that cannot be`);
      drop(socket);
    };
    socket.on("error", ignore);
    socket.on("data", onData);
    socket.on("end", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      if (link.socket === socket) link.socket = undefined;
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
    this.#server?.close();
    for (const socket of this.#hellos.keys()) socket.destroy();
    for (const link of this.#links.values()) {
      if (link.socket !== undefined) drop(link.socket);
      link.socket = undefined;
    }
  }
}

/** Takes frames apart. Holds no more than one frame. */
class FrameSplitter {
  readonly #onFrame: (payload: Uint8Array) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onFrame: (payload: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** False: the bytes are no frames, and the link is of no use any more. */
  push(bytes: Buffer): boolean {
    let buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (buffer.length >= 4) {
      const length = buffer.readInt32BE(0);
      if (length < 1 || length > MAX_FRAME_BYTES) return false;
      if (buffer.length < 4 + length) break;
      this.#onFrame(buffer.subarray(4, 4 + length));
      buffer = buffer.subarray(4 + length);
    }
    // A copy, so that what is left does not keep all that came with it.
    this.#rest = Buffer.from(buffer);
    return true;
  }
}

function drop(socket: Socket): void {
  socket.on("error", ignore);
  // Lets a hello that was just written leave.
  socket.destroySoon();
}

/** Far above the longest configuration; Java would take 512 KiB. */
const MAX_FRAME_BYTES = 65_536;
const MAX_HELLOS = 64;
const MIN_HELLOS_PER_ADDRESS = 4;
