/** A connection of a capture: reassembles both directions, finds out what they speak, and has it decoded. */
import { ByteQueue } from "../byte-queue.js";
import type { Connection, Item } from "../item.js";
import { ClientConversation } from "../streams/client-conversation.js";
import { ElectionConversation } from "../streams/election-conversation.js";
import { QuorumConversation } from "../streams/quorum-conversation.js";
import { MessageStream } from "../streams/stream.js";
import { OpaqueFormat } from "./opaque-format.js";
import {
  type Protocol,
  protocolOfMiddle,
  protocolOfOpening,
  protocolOfPort,
  type ProtocolPorts,
  USUAL_PORTS,
} from "./recognition.js";
import { TcpDirection, type TcpPiece } from "./tcp-direction.js";
import type { TcpSegment } from "./tcp-segment.js";

export interface ConnectionOptions {
  readonly ports: ProtocolPorts;
  readonly maxMessageBytes: number | undefined;
}

type Side = "opener" | "acceptor";
type Streams = Readonly<Record<Side, MessageStream>>;

export class CapturedConnection {
  readonly #connection: Connection;
  readonly #acceptorPort: number;
  readonly #options: ConnectionOptions;
  readonly #directions: Record<Side, TcpDirection> = {
    opener: new TcpDirection(),
    acceptor: new TcpDirection(),
  };
  #streams: Streams | undefined;
  /** What came before it was clear what it is. */
  #early: { readonly side: Side; readonly piece: TcpPiece }[] = [];
  #earlyBytes = 0;
  readonly #endedStreams = new Set<Side>();

  constructor(number: number, segment: TcpSegment, options: ConnectionOptions) {
    const isForward = opensForward(segment, options.ports);
    this.#connection = isForward
      ? { number, opener: segment.source, acceptor: segment.destination }
      : { number, opener: segment.destination, acceptor: segment.source };
    this.#acceptorPort = isForward ? segment.destinationPort : segment.sourcePort;
    this.#options = options;
  }

  /** How many bytes are kept for this connection. */
  get heldBytes(): number {
    const { opener, acceptor } = this.#directions;
    const streams = this.#streams;
    const held = opener.heldBytes + acceptor.heldBytes + this.#earlyBytes;
    return streams === undefined
      ? held
      : held + streams.opener.heldBytes + streams.acceptor.heldBytes;
  }

  /** Whether both sides are done, so that nothing but another connection can come from these ends. */
  get ended(): boolean {
    return this.#endedStreams.size === 2;
  }

  /** Whether this segment belongs to another connection between the same ends. */
  isOther(segment: TcpSegment): boolean {
    if (!segment.isSyn) return false;
    return this.ended || this.#directions[this.#sideOf(segment)].isOther(segment.sequence);
  }

  push(segment: TcpSegment, timeMs: number | undefined): Item[] {
    const side = this.#sideOf(segment);
    const other = side === "opener" ? "acceptor" : "opener";
    const direction = this.#directions[side];
    const items: Item[] = [];
    if (segment.isAck) {
      const freed = this.#directions[other].acknowledged(segment.acknowledgment, timeMs);
      items.push(...this.#deliver(other, freed, timeMs));
    }
    if (segment.isSyn) direction.begin(segment.sequence);
    const { payload, cutBytes } = segment;
    const start = segment.isSyn ? (segment.sequence + 1) | 0 : segment.sequence;
    items.push(...this.#deliver(side, direction.push(start, payload, cutBytes, timeMs), timeMs));
    if (segment.isFin) direction.finish((start + payload.length + cutBytes) | 0);
    if (segment.isReset) {
      items.push(...this.finish(timeMs));
    } else if (direction.ended) {
      items.push(...this.#end(side, timeMs));
    }
    return items;
  }

  /** Says that no more segments come. */
  finish(timeMs: number | undefined): Item[] {
    const items: Item[] = [];
    for (const side of SIDES) {
      if (this.#endedStreams.has(side)) continue;
      items.push(...this.#deliver(side, this.#directions[side].flush(timeMs), timeMs));
    }
    if (this.#streams === undefined && this.#early.length > 0) {
      items.push(...this.#begin(undefined, timeMs));
    }
    for (const side of SIDES) items.push(...this.#end(side, timeMs));
    return items;
  }

  #sideOf(segment: TcpSegment): Side {
    return segment.source === this.#connection.opener ? "opener" : "acceptor";
  }

  #deliver(side: Side, pieces: readonly TcpPiece[], timeMs: number | undefined): Item[] {
    const items: Item[] = [];
    for (const piece of pieces) {
      if (this.#streams === undefined) {
        const kept = piece.kind === "bytes" ? { ...piece, bytes: piece.bytes.slice() } : piece;
        this.#early.push({ side, piece: kept });
        this.#earlyBytes += piece.kind === "bytes" ? piece.bytes.length : 0;
        const protocol = this.#recognize();
        if (protocol !== undefined) items.push(...this.#begin(protocol, timeMs));
      } else {
        items.push(...this.#decode(this.#streams, side, piece));
      }
    }
    return items;
  }

  #decode(streams: Streams, side: Side, piece: TcpPiece): Item[] {
    const stream = streams[side];
    return piece.kind === "bytes"
      ? stream.push(piece.bytes, piece.timeMs)
      : stream.gap(piece.length, piece.timeMs);
  }

  #end(side: Side, timeMs: number | undefined): Item[] {
    if (this.#endedStreams.has(side)) return [];
    const items: Item[] = [];
    // A side that said nothing until it hung up leaves nothing to wait for.
    if (this.#streams === undefined && this.#early.length > 0) {
      items.push(...this.#begin(undefined, timeMs));
    }
    this.#endedStreams.add(side);
    items.push(...(this.#streams?.[side].end(timeMs) ?? []));
    return items;
  }

  /** The protocol, as soon as it can be known; "opaque" when it never can. */
  #recognize(): Protocol | "tls" | "opaque" | undefined {
    const named = protocolOfPort(this.#acceptorPort, this.#options.ports);
    const opening = this.#firstBytes("opener");
    const byContent = opening === undefined ? undefined : protocolOfOpening(opening);
    if (byContent === "tls") return "tls";
    if (named !== undefined) return named;
    if (byContent !== undefined) return byContent;
    const usual = protocolOfPort(this.#acceptorPort, USUAL_PORTS);
    if (usual !== undefined) return usual;
    for (const side of SIDES) {
      const bytes = this.#firstBytes(side);
      const found = bytes === undefined ? undefined : protocolOfMiddle(bytes);
      if (found !== undefined) return found;
    }
    return this.#early.length >= MOST_EARLY_PIECES || this.#earlyBytes > MOST_EARLY_BYTES
      ? "opaque"
      : undefined;
  }

  #begin(protocol: Protocol | "tls" | "opaque" | undefined, timeMs: number | undefined): Item[] {
    const streams = this.#makeStreams(protocol ?? "opaque");
    this.#streams = streams;
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    const items = early.flatMap(({ side, piece }) => this.#decode(streams, side, piece));
    for (const side of this.#endedStreams) items.push(...streams[side].end(timeMs));
    return items;
  }

  #makeStreams(protocol: Protocol | "tls" | "opaque"): Streams {
    const connection = this.#connection;
    const { maxMessageBytes } = this.#options;
    const options = { connection, maxMessageBytes, startsLost: this.#startsLost() };
    switch (protocol) {
      case "client": {
        const { requests, responses } = new ClientConversation(options);
        return { opener: requests, acceptor: responses };
      }
      case "quorum": {
        const { learner, leader } = new QuorumConversation(options);
        return { opener: learner, acceptor: leader };
      }
      case "election": {
        const { opener, acceptor } = new ElectionConversation(options);
        return { opener, acceptor };
      }
      case "tls":
      case "opaque": {
        const reason = protocol === "tls" ? "encrypted by TLS" : "of an unknown protocol";
        const stream = (sender: Side): MessageStream =>
          new MessageStream(new OpaqueFormat(reason, { connection, sender }), {
            connection,
            sender,
          });
        return { opener: stream("opener"), acceptor: stream("acceptor") };
      }
    }
  }

  /** Without the SYN, the first bytes can still be those of a connection's start. */
  #startsLost(): boolean {
    const { opener, acceptor } = this.#directions;
    if (!opener.startsLost && !acceptor.startsLost) return false;
    const opening = this.#firstBytes("opener");
    return opening === undefined || protocolOfOpening(opening) === undefined;
  }

  /** What a side said first, up to what was not captured: clients in C send the length of a message by itself. */
  #firstBytes(side: Side): Uint8Array | undefined {
    const queue = new ByteQueue();
    for (const { side: sender, piece } of this.#early) {
      if (sender !== side) continue;
      if (piece.kind === "gap") break;
      queue.push(piece.bytes);
    }
    return queue.length > 0 ? queue.peek(queue.length) : undefined;
  }
}

/** Whether the source of this segment is taken for the side that opened the connection. */
function opensForward(segment: TcpSegment, ports: ProtocolPorts): boolean {
  if (segment.isSyn) return !segment.isAck;
  const isServer = (port: number): boolean =>
    protocolOfPort(port, ports) !== undefined || protocolOfPort(port, USUAL_PORTS) !== undefined;
  if (isServer(segment.destinationPort)) return true;
  if (isServer(segment.sourcePort)) return false;
  // Servers listen on ports below those that the system deals out.
  return segment.destinationPort <= segment.sourcePort;
}

const SIDES: readonly Side[] = ["opener", "acceptor"];
const MOST_EARLY_PIECES = 16;
const MOST_EARLY_BYTES = 65_536;
