/**
 * A capture of network traffic: finds the TCP connections in it and decodes those that
 * speak one of ZooKeeper's protocols. Memory is bounded by numbers of connections and
 * of bytes that wait; what is beyond is given up, oldest first, and said.
 */
import type { Decoder, Item } from "../item.js";
import { MessageStream, type StreamFormat } from "../streams/stream.js";
import { CapturedConnection } from "./connection.js";
import type { CapturedPacket } from "./packet-source.js";
import { PcapFormat } from "./pcap-format.js";
import { PcapngFormat } from "./pcapng-format.js";
import type { ProtocolPorts } from "./recognition.js";
import { type NoSegment, segmentOf, type TcpSegment } from "./tcp-segment.js";

export interface CaptureOptions {
  /** Ports besides 2181, 2888 and 3888. What is named here is believed without a look at the content. */
  readonly ports?: ProtocolPorts | undefined;
  /** How many connections are followed at a time. Default 16384. */
  readonly maxConnections?: number | undefined;
  /** How many bytes may wait for others in all connections together. Default 256 MiB. */
  readonly maxHeldBytes?: number | undefined;
  /** The longest message that is believed, in bytes. Default 16 MiB. */
  readonly maxMessageBytes?: number | undefined;
}

/** How many packets there were, and how many of them hold no TCP segment, by the reason. */
export interface CaptureStatistics {
  readonly packets: number;
  readonly connections: number;
  readonly withoutSegment: Readonly<Record<NoSegment, number>>;
}

export class CaptureDecoder implements Decoder {
  readonly #options: CaptureOptions;
  readonly #maxConnections: number;
  readonly #maxHeldBytes: number;
  /** By their ends; the one that was quiet for longest comes first. */
  readonly #connections = new Map<string, CapturedConnection>();
  readonly #withoutSegment: Record<NoSegment, number> = {
    "not TCP": 0,
    fragment: 0,
    damaged: 0,
    "unknown link layer": 0,
  };
  #stream: MessageStream | undefined;
  #start = new Uint8Array(0);
  #packets = 0;
  #numbered = 0;
  #heldBytes = 0;
  #timeMs: number | undefined;

  constructor(options: CaptureOptions = {}) {
    this.#options = options;
    this.#maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    this.#maxHeldBytes = options.maxHeldBytes ?? DEFAULT_MAX_HELD_BYTES;
  }

  get statistics(): CaptureStatistics {
    const withoutSegment = { ...this.#withoutSegment };
    return { packets: this.#packets, connections: this.#numbered, withoutSegment };
  }

  push(chunk: Uint8Array): Item[] {
    if (this.#stream !== undefined) return this.#stream.push(chunk);
    const start = new Uint8Array(this.#start.length + chunk.length);
    start.set(this.#start);
    start.set(chunk, this.#start.length);
    this.#start = start;
    if (start.length < 4) return [];
    this.#stream = new MessageStream(this.#formatOf(start));
    this.#start = new Uint8Array(0);
    return this.#stream.push(start);
  }

  finish(): Item[] {
    const stream = this.#stream ?? new MessageStream(this.#formatOf(this.#start));
    const items = this.#stream === undefined ? stream.push(this.#start) : [];
    items.push(...stream.end());
    for (const connection of this.#connections.values()) {
      items.push(...connection.finish(this.#timeMs));
    }
    this.#connections.clear();
    return items;
  }

  #formatOf(start: Uint8Array): StreamFormat {
    const isNg = start[0] === 0x0a && start[1] === 0x0d;
    const onPacket = (packet: CapturedPacket): Item[] => this.#packet(packet);
    return isNg ? new PcapngFormat(onPacket) : new PcapFormat(onPacket);
  }

  #packet(packet: CapturedPacket): Item[] {
    this.#packets++;
    this.#timeMs = packet.timeMs ?? this.#timeMs;
    const segment = segmentOf(packet);
    if (typeof segment === "string") {
      this.#withoutSegment[segment]++;
      return [];
    }
    return this.#segment(segment, packet.timeMs);
  }

  #segment(segment: TcpSegment, timeMs: number | undefined): Item[] {
    const { source, destination } = segment;
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`;
    const items: Item[] = [];
    let connection = this.#connections.get(key);
    if (connection?.isOther(segment) === true) {
      items.push(...this.#close(key, connection, timeMs));
      connection = undefined;
    }
    if (connection === undefined) {
      // What only ends or acknowledges a connection tells nothing.
      if (!segment.isSyn && segment.payload.length + segment.cutBytes === 0) return items;
      connection = new CapturedConnection(++this.#numbered, segment, {
        ports: this.#options.ports ?? {},
        maxMessageBytes: this.#options.maxMessageBytes,
      });
    } else if (connection.ended) {
      return items;
    }
    this.#connections.delete(key);
    this.#connections.set(key, connection);
    this.#heldBytes -= connection.heldBytes;
    items.push(...connection.push(segment, timeMs));
    this.#heldBytes += connection.heldBytes;
    while (this.#connections.size > this.#maxConnections || this.#heldBytes > this.#maxHeldBytes) {
      const [oldest] = this.#connections;
      if (oldest === undefined) break;
      items.push(...this.#close(oldest[0], oldest[1], timeMs));
    }
    return items;
  }

  #close(key: string, connection: CapturedConnection, timeMs: number | undefined): Item[] {
    this.#heldBytes -= connection.heldBytes;
    this.#connections.delete(key);
    return connection.finish(timeMs);
  }
}

const DEFAULT_MAX_CONNECTIONS = 16_384;
const DEFAULT_MAX_HELD_BYTES: number = 256 << 20;
