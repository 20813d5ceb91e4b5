/**
 * Packets out of the bytes of one connection, which come cut anywhere. Packets
 * follow each other without frames, so their ends are found by walking over
 * their fields; no length is believed beyond its limit, and nothing is kept of a
 * packet but the bytes that have come.
 *
 * After a SNAP packet the bytes are a snapshot, whose end only its receiver can
 * tell, and then the signature.
 */
import { PacketType, QuorumPacket } from "@jute-ts/zookeeper";
import { JuteDecodeError } from "@jute-ts/runtime";
import { ProtocolViolation } from "../protocol-violation.js";
import type { StateLoader } from "../replicated-state.js";
import { encodeString } from "./text-bytes.js";
import { interpretPacket, type Sender, SNAPSHOT_SIGNATURE } from "./codec.js";
import type { Packet } from "./packet.js";

export interface PacketStreamOptions {
  /** Who sends on this connection. */
  readonly sender: Sender;
  /** The longest data of a packet, in bytes. See `acceptLongTxns`. */
  readonly maxPacketBytes: number;
}

/** What `next` found: a packet, or the end of the snapshot that was being received. */
export type StreamItem = Packet | { readonly kind: "SNAPSHOTEND" };

export class PacketStream {
  private readonly sender: Sender;
  private readonly maxPacketBytes: number;
  private acceptsLongTxns = false;
  /** What has come and was not consumed: `buffer` from `start` to `end`. */
  private buffer = new Uint8Array(0);
  private start = 0;
  private end = 0;
  /** Set between a SNAP packet and the end of its stream. */
  private snapshot: StateLoader | undefined;

  constructor({ sender, maxPacketBytes }: PacketStreamOptions) {
    this.sender = sender;
    this.maxPacketBytes = maxPacketBytes;
  }

  /** Adds what has come. The bytes are copied, so they are lent for the call only. */
  push(bytes: Uint8Array): void {
    const kept = this.end - this.start;
    if (this.end + bytes.length > this.buffer.length) {
      const wanted = kept + bytes.length;
      const target = wanted > this.buffer.length ? new Uint8Array(grownSize(wanted)) : this.buffer;
      // Either the rest moves to the front or, when that is not enough, to a larger place.
      target.set(this.buffer.subarray(this.start, this.end));
      this.buffer = target;
      this.start = 0;
      this.end = kept;
    }
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  /**
   * From here on a txn may be longer than other packets, because the leader's limit
   * counts and not ours. Its length is believed when the packet names the txn that it
   * holds: a length that is nonsense would swallow all that follows.
   */
  acceptLongTxns(): void {
    this.acceptsLongTxns = true;
  }

  /** How many bytes wait to be consumed. */
  get waitingBytes(): number {
    return this.end - this.start;
  }

  /** From here on the bytes are a snapshot, which `sink` takes in. */
  beginSnapshot(sink: StateLoader): void {
    this.snapshot = sink;
  }

  /**
   * The next packet, or undefined when not all of it has come. What it holds may
   * be kept. Throws ProtocolViolation for bytes that are no packet of this sender;
   * the connection is of no use then.
   */
  next(): StreamItem | undefined {
    if (this.snapshot !== undefined) return this.nextOfSnapshot(this.snapshot);
    const length = this.packetLength();
    if (length === undefined) return undefined;
    const bytes = this.buffer.slice(this.start, this.start + length);
    this.consume(length);
    return interpretPacket(this.decode(bytes), this.sender);
  }

  private decode(bytes: Uint8Array): QuorumPacket {
    try {
      // As Java reads: an id that is not UTF-8 must not end a connection.
      return QuorumPacket.decode(bytes, { maxBuffer: MAX_LENGTH, invalidUtf8: "replace" });
    } catch (error) {
      if (!(error instanceof JuteDecodeError)) throw error;
      throw new ProtocolViolation("malformed", error.message);
    }
  }

  private nextOfSnapshot(sink: StateLoader): StreamItem | undefined {
    if (!isDone(sink)) this.feed(sink);
    if (!isDone(sink)) return undefined;
    const signature = encodeString(SNAPSHOT_SIGNATURE);
    if (this.waitingBytes < signature.length) return undefined;
    if (signature.some((byte, index) => this.buffer[this.start + index] !== byte)) {
      const text = "the snapshot's stream does not end with its signature";
      throw new ProtocolViolation("malformed", text, "SNAP");
    }
    this.consume(signature.length);
    this.snapshot = undefined;
    return { kind: "SNAPSHOTEND" };
  }

  private feed(sink: StateLoader): void {
    let taken: number;
    try {
      taken = sink.push(this.buffer.subarray(this.start, this.end));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ProtocolViolation("malformed", `the snapshot's stream: ${why}`, "SNAP");
    }
    this.consume(taken);
  }

  /** The length of the packet at the start, or undefined when its end has not come. */
  private packetLength(): number | undefined {
    let at = this.start + TYPE_AND_ZXID_BYTES;
    const data = this.lengthAt(at);
    if (data === undefined) return undefined;
    if (data > this.maxPacketBytes) {
      const isNamed = this.acceptsLongTxns && this.namesItsTxn(at + 4);
      if (isNamed === undefined) return undefined;
      if (!isNamed) throw this.tooLong("data", data, this.maxPacketBytes);
    }
    at += 4 + data;
    const ids = this.lengthAt(at);
    if (ids === undefined) return undefined;
    if (ids > MAX_IDS) throw this.tooLong("ids", ids, MAX_IDS);
    at += 4;
    for (let strings = 2 * ids; strings > 0; strings--) {
      const length = this.lengthAt(at);
      if (length === undefined) return undefined;
      if (length > MAX_ID_BYTES) throw this.tooLong("an id", length, MAX_ID_BYTES);
      at += 4 + length;
    }
    return at <= this.end ? at - this.start : undefined;
  }

  /**
   * Whether the packet at the start is one with a txn, whose header at `data` has the
   * packet's zxid; undefined when not so much of it has come.
   */
  private namesItsTxn(data: number): boolean | undefined {
    const view = new DataView(this.buffer.buffer, 0, this.end);
    if (!TXN_PACKETS.has(view.getInt32(this.start))) return false;
    const zxid = data + TXN_ZXID_OFFSET;
    if (zxid + ZXID_BYTES > this.end) return undefined;
    return view.getBigInt64(zxid) === view.getBigInt64(this.start + ZXID_OFFSET);
  }

  /** A length or count, where null counts as 0; undefined when it has not come. */
  private lengthAt(at: number): number | undefined {
    if (at + 4 > this.end) return undefined;
    const bytes = this.buffer;
    const length =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0);
    if (length < -1) throw new ProtocolViolation("malformed", `a length of ${length}`);
    return length === -1 ? 0 : length;
  }

  private tooLong(what: string, length: number, limit: number): ProtocolViolation {
    return new ProtocolViolation("limit", `${what} of length ${length}, at most ${limit} allowed`);
  }

  private consume(length: number): void {
    this.start += length;
    if (this.start < this.end) return;
    this.start = 0;
    this.end = 0;
    // A buffer that one large packet needed is not kept for the small ones that follow.
    if (this.buffer.length > KEPT_BYTES) this.buffer = new Uint8Array(0);
  }
}

/** Asked again: taking bytes in changes it. */
function isDone(sink: StateLoader): boolean {
  return sink.done;
}

/** Room for twice as much, so that a packet that comes in many pieces is not copied for each. */
function grownSize(wanted: number): number {
  return Math.max(MIN_BUFFER_BYTES, 2 ** Math.ceil(Math.log2(wanted)));
}

const TYPE_AND_ZXID_BYTES = 12;
/** The packet's zxid, after its type; and the txn's, after its session and number. */
const ZXID_OFFSET = 4;
const TXN_ZXID_OFFSET = 12;
const ZXID_BYTES = 8;
/** The packets whose data is a txn. */
const TXN_PACKETS: ReadonlySet<number> = new Set<number>([PacketType.PROPOSAL, PacketType.INFORM]);
const MAX_LENGTH = 0x7fff_ffff;
const MIN_BUFFER_BYTES = 1024;
const KEPT_BYTES = 256 * 1024;

/** Ids of one client, and the bytes of a part of one: far above what any client has. */
const MAX_IDS = 256;
const MAX_ID_BYTES = 64 * 1024;
