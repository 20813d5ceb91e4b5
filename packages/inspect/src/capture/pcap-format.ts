/**
 * The classic capture file: a header that tells byte order and precision, then packets
 * after 16 bytes each. After damage the next packet is the next place where these
 * 16 bytes can stand.
 */
import type { ByteQueue } from "../byte-queue.js";
import { Item, plainLayout } from "../item.js";
import type { Extent, SearchBudget, StreamFormat } from "../streams/stream.js";
import { intAt } from "../quick/wire-cursor.js";
import { type CapturedPacket, MAX_PACKET_BYTES, OrderedView } from "./packet-source.js";

export class PcapFormat implements StreamFormat {
  readonly endsWhole = true;
  readonly #onPacket: (packet: CapturedPacket) => Item[];
  #isHeader = true;
  #isLittle = false;
  #unitsPerMs = 1000;
  #linkType = 0;
  #lastSeconds = 0;

  constructor(onPacket: (packet: CapturedPacket) => Item[]) {
    this.#onPacket = onPacket;
  }

  extent(queue: ByteQueue): Extent {
    if (this.#isHeader) {
      if (queue.length >= 4 && !MAGICS.has(queue.intAt(0) >>> 0)) {
        return { kind: "lost", reason: "no capture begins like this" };
      }
      return { kind: "bytes", count: FILE_HEADER_BYTES };
    }
    if (queue.length < RECORD_HEADER_BYTES) return { kind: "more" };
    const length = this.#inOrder(queue.intAt(8));
    if (length > MAX_PACKET_BYTES) {
      const reason = `a packet of ${length} bytes is above ${MAX_PACKET_BYTES}`;
      return { kind: "lost", reason };
    }
    return { kind: "bytes", count: RECORD_HEADER_BYTES + length };
  }

  lay(bytes: Uint8Array): Item[] {
    if (this.#isHeader) {
      this.#readHeader(bytes);
      return [];
    }
    const seconds = this.#inOrder(intAt(bytes, 0));
    this.#lastSeconds = seconds;
    return this.#onPacket({
      timeMs: seconds * 1000 + this.#inOrder(intAt(bytes, 4)) / this.#unitsPerMs,
      linkType: this.#linkType,
      bytes: bytes.subarray(RECORD_HEADER_BYTES),
      originalLength: this.#inOrder(intAt(bytes, 12)),
    });
  }

  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more" {
    if (queue.length - from < RECORD_HEADER_BYTES) return "more";
    const view = new OrderedView(queue.peek(RECORD_HEADER_BYTES, from), this.#isLittle);
    const seconds = view.int(0);
    const isNear = Math.abs(seconds - this.#lastSeconds) < NEAR_SECONDS;
    const length = view.int(8);
    const original = view.int(12);
    if (!isNear || view.int(4) >= this.#unitsPerMs * 1000) return false;
    return length >= LEAST_PACKET_BYTES && length <= original && original <= MAX_PACKET_BYTES
      ? budget.spend(RECORD_HEADER_BYTES)
      : false;
  }

  onLost(): Item[] {
    this.#isHeader = false;
    return [];
  }

  finish(offset: number): Item[] {
    if (!this.#isHeader) return [];
    const facts = { kind: "fault", name: "fault", offset, length: 0 } as const;
    const reason = "the capture ends where its header should follow";
    return [new Item(facts, plainLayout(facts, "", "the capture is empty", [{ offset, reason }]))];
  }

  /** The unsigned number of one that was read with its highest byte first. */
  #inOrder(value: number): number {
    if (!this.#isLittle) return value >>> 0;
    const outer = (value << 24) | (value >>> 24);
    return (outer | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00)) >>> 0;
  }

  #readHeader(bytes: Uint8Array): void {
    this.#isHeader = false;
    const big = new OrderedView(bytes, false).int(0);
    this.#isLittle = big === MICROSECONDS_SWAPPED || big === NANOSECONDS_SWAPPED;
    const isNano = big === NANOSECONDS || big === NANOSECONDS_SWAPPED;
    this.#unitsPerMs = isNano ? 1_000_000 : 1000;
    // The upper bits tell the length of a frame check sequence.
    this.#linkType = new OrderedView(bytes, this.#isLittle).int(20) & 0xffff;
  }
}

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MICROSECONDS = 0xa1b2c3d4;
const MICROSECONDS_SWAPPED = 0xd4c3b2a1;
const NANOSECONDS = 0xa1b23c4d;
const NANOSECONDS_SWAPPED = 0x4d3cb2a1;
const MAGICS: ReadonlySet<number> = new Set([
  MICROSECONDS,
  MICROSECONDS_SWAPPED,
  NANOSECONDS,
  NANOSECONDS_SWAPPED,
]);

/** An IP and a TCP header. */
const LEAST_PACKET_BYTES = 40;

/** A packet is found by a time that is within a day of the last one's. */
const NEAR_SECONDS = 86_400;
