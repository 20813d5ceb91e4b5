/**
 * The newer capture file: blocks that name their type and their length, at both ends.
 * Interfaces tell how their packets' bytes and times are to be read.
 */
import { quantity } from "../quantity.js";
import type { ByteQueue } from "../byte-queue.js";
import type { Item } from "../item.js";
import type { Extent, SearchBudget, StreamFormat } from "../streams/stream.js";
import { type CapturedPacket, MAX_PACKET_BYTES, OrderedView } from "./packet-source.js";

interface Interface {
  readonly linkType: number;
  /** How many units of its timestamps are a millisecond. */
  readonly unitsPerMs: number;
}

export class PcapngFormat implements StreamFormat {
  readonly endsWhole = true;
  readonly #onPacket: (packet: CapturedPacket) => Item[];
  #isLittle = true;
  #interfaces: Interface[] = [];

  constructor(onPacket: (packet: CapturedPacket) => Item[]) {
    this.#onPacket = onPacket;
  }

  extent(queue: ByteQueue): Extent {
    if (queue.length < LEAST_BLOCK_BYTES) return { kind: "more" };
    if (queue.intAt(0) === SECTION_HEADER) {
      // A section decides its own byte order.
      const order = queue.intAt(8);
      if (order !== ORDER_MAGIC && order !== ORDER_MAGIC_SWAPPED) {
        return { kind: "lost", reason: "a section header without a byte order" };
      }
      this.#isLittle = order === ORDER_MAGIC_SWAPPED;
    }
    const length = new OrderedView(queue.peek(8), this.#isLittle).int(4);
    if (length < LEAST_BLOCK_BYTES || length % 4 !== 0 || length > MAX_BLOCK_BYTES) {
      return { kind: "lost", reason: `a block of ${quantity(length, "byte")} cannot be one` };
    }
    return { kind: "bytes", count: length };
  }

  lay(bytes: Uint8Array): Item[] {
    const view = new OrderedView(bytes, this.#isLittle);
    switch (view.int(0)) {
      case SECTION_HEADER:
        this.#interfaces = [];
        return [];
      case INTERFACE:
        if (bytes.length >= 20 && this.#interfaces.length < MOST_INTERFACES) {
          this.#interfaces.push(interfaceOf(bytes, view));
        }
        return [];
      case ENHANCED_PACKET:
        return this.#packet(bytes, view, view.int(8), 28);
      case OLD_PACKET:
        return this.#packet(bytes, view, view.short(8), 28);
      case SIMPLE_PACKET:
        return this.#simplePacket(bytes, view);
      default:
        return [];
    }
  }

  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more" {
    if (queue.length - from < LEAST_BLOCK_BYTES) return "more";
    const view = new OrderedView(queue.peek(8, from), this.#isLittle);
    const type = view.int(0);
    const length = view.int(4);
    if (!TYPES.has(type) || length < LEAST_BLOCK_BYTES || length % 4 !== 0) return false;
    if (length > MAX_PACKET_BYTES + 4096) return false;
    if (queue.length - from < length) return "more";
    if (!budget.spend(8)) return false;
    return new OrderedView(queue.peek(4, from + length - 4), this.#isLittle).int(0) === length;
  }

  onLost(): Item[] {
    // Blocks stand for themselves: the interfaces stay as they are.
    return [];
  }

  #packet(bytes: Uint8Array, view: OrderedView, number: number, dataAt: number): Item[] {
    const from = this.#interfaces[number];
    if (bytes.length < dataAt + 4 || from === undefined) return [];
    const captured = Math.min(view.int(20), bytes.length - dataAt - 4);
    const units = view.int(12) * 0x1_0000_0000 + view.int(16);
    return this.#onPacket({
      timeMs: units / from.unitsPerMs,
      linkType: from.linkType,
      bytes: bytes.subarray(dataAt, dataAt + captured),
      originalLength: view.int(24),
    });
  }

  #simplePacket(bytes: Uint8Array, view: OrderedView): Item[] {
    const [from] = this.#interfaces;
    if (bytes.length < 16 || from === undefined) return [];
    const originalLength = view.int(8);
    const captured = Math.min(originalLength, bytes.length - 16);
    const data = bytes.subarray(12, 12 + captured);
    return this.#onPacket({
      timeMs: undefined,
      linkType: from.linkType,
      bytes: data,
      originalLength,
    });
  }
}

function interfaceOf(bytes: Uint8Array, view: OrderedView): Interface {
  let unitsPerMs = 1000;
  // Options: a code, a length, a value filled up to four bytes. Code 0 ends them.
  for (let at = 16; at + 8 <= bytes.length;) {
    const code = view.short(at);
    const length = view.short(at + 2);
    if (code === 0) break;
    if (code === TIME_RESOLUTION && length === 1) {
      const resolution = bytes[at + 4] ?? 6;
      const power = resolution & 0x7f;
      const base = (resolution & 0x80) === 0 ? 10 : 2;
      unitsPerMs = base ** power / 1000;
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { linkType: view.short(8), unitsPerMs };
}

const SECTION_HEADER = 0x0a0d0d0a;
const ORDER_MAGIC = 0x1a2b3c4d;
const ORDER_MAGIC_SWAPPED = 0x4d3c2b1a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const TYPES: ReadonlySet<number> = new Set([
  SECTION_HEADER,
  INTERFACE,
  OLD_PACKET,
  SIMPLE_PACKET,
  4,
  5,
  ENHANCED_PACKET,
]);
const TIME_RESOLUTION = 9;
const LEAST_BLOCK_BYTES = 12;
const MAX_BLOCK_BYTES: number = 16 << 20;
const MOST_INTERFACES = 4096;
