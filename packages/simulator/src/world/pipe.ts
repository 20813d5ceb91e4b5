/**
 * One direction of a connection, as TCP makes it: bytes arrive in order
 * and without holes, cut anywhere, late, or from some point on never. What is
 * sent waits in the sender's buffer, then on the wire and in the receiver's
 * buffer (together at most a window), until the receiver reads it.
 *
 * Positions count bytes from the beginning of the connection:
 * delivered <= wired <= enqueued.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { cancel, type EventQueue, type Scheduled } from "./event-queue.js";
import type { Random } from "./random.js";

/** How a direction of a link behaves. */
export interface PipeConditions {
  readonly minLatencyMs: number;
  readonly meanExtraLatencyMs: number;
  /** What comes on top of the minimum is never more than this; without a bound when undefined. */
  readonly maxExtraLatencyMs?: number;
  /** How often what arrives together is read in two pieces. */
  readonly splitProbability: number;
  /** The most bytes between the sender's buffer and the reader. */
  readonly windowBytes: number;
}

export interface PipeListener<Packet = OutgoingPacket> {
  /** Whether bytes get through at all, and whether the receiver's acknowledgements get back. */
  isBlocked(): boolean;
  isReverseBlocked(): boolean;
  /** Whether the receiving process reads now. */
  isReading(): boolean;
  /** Whether any packet might be held back, and whether this one is, with everything after it. */
  holdsAny(): boolean;
  isHeld(packet: Packet): boolean;
  /** All of a packet is about to be read. */
  onPacket(packet: Packet): void;
  /** The receiver reads these bytes, which are overwritten afterwards. */
  onBytes(bytes: Uint8Array): void;
  /** The sender's buffer is empty. Undefined when nobody wants to know. */
  readonly onDrained: (() => void) | undefined;
  /** Nothing more comes. */
  onEnd(text: string): void;
}

/** How long something is under way beyond the minimum, in milliseconds. */
export function drawExtraLatencyMs(random: Random, conditions: PipeConditions): number {
  const { meanExtraLatencyMs, maxExtraLatencyMs = Infinity } = conditions;
  return Math.min(random.exponential(meanExtraLatencyMs), maxExtraLatencyMs);
}

interface Chunk<Packet> {
  readonly bytes: Uint8Array;
  readonly packet: Packet;
  /** The position of its first byte. */
  readonly start: number;
}

/** `Packet`: what is known of the bytes that are sent at once. */
export class Pipe<Packet = OutgoingPacket> {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #conditions: PipeConditions;
  readonly #listener: PipeListener<Packet>;
  readonly #chunks: Chunk<Packet>[] = [];
  /** What is on the wire: up to which position, and when that arrives. */
  readonly #wire: { readonly until: number; readonly arrivalMs: number }[] = [];
  #enqueued = 0;
  #wired = 0;
  /** What has arrived in the receiver's buffer. */
  #arrived = 0;
  #delivered = 0;
  #acknowledged = 0;
  #lastArrivalMs = 0;
  #timer: Scheduled | undefined;
  #drainTimer: Scheduled | undefined;
  #slowReadMs = 0;
  #end: string | undefined;
  #closed = false;

  constructor(
    queue: EventQueue,
    random: Random,
    conditions: PipeConditions,
    listener: PipeListener<Packet>,
  ) {
    this.#queue = queue;
    this.#random = random;
    this.#conditions = conditions;
    this.#listener = listener;
  }

  /** Whether nothing will be read from it any more. */
  get isOver(): boolean {
    return this.#closed;
  }

  /** Whether something waits in the sender's buffer. */
  get isBacklogged(): boolean {
    return this.#wired < this.#enqueued;
  }

  /** Takes an encoded packet, which must not change any more. */
  send(packet: Packet, bytes: Uint8Array): void {
    if (this.#closed || this.#end !== undefined) return;
    this.#chunks.push({ bytes, packet, start: this.#enqueued });
    this.#enqueued += bytes.length;
    this.#pump();
  }

  /** Nothing more is sent. Of what is on its way, chance decides how much arrives; all of it, if `graceful`. */
  finish(text: string, graceful: boolean): void {
    if (this.#closed || this.#end !== undefined) return;
    this.#end = text;
    cancel(this.#drainTimer);
    if (!graceful) {
      this.#enqueued = this.#random.integer(this.#delivered, this.#wired);
      this.#wired = Math.min(this.#wired, this.#enqueued);
      this.#arrived = Math.min(this.#arrived, this.#enqueued);
    }
    this.#pump();
    if (this.#wired === this.#enqueued) this.#wireEnd();
  }

  /** The sender is gone without a word: what is on the wire arrives, and then nothing, not even an end. */
  fallSilent(): void {
    cancel(this.#drainTimer);
    this.#enqueued = this.#wired;
  }

  /** The receiver is gone: nothing is delivered any more. */
  discard(): void {
    this.#closed = true;
    cancel(this.#timer);
    cancel(this.#drainTimer);
    this.#chunks.length = 0;
    this.#wire.length = 0;
  }

  /** The receiver takes this long between two small reads; 0 for as fast as it can. */
  readSlowly(everyMs: number): void {
    this.#slowReadMs = everyMs;
    this.kick();
  }

  /** Something that held the pipe up may be over: a block, a pause, a held packet. */
  kick(): void {
    if (this.#closed) return;
    if (!this.#listener.isReverseBlocked()) this.#acknowledged = this.#delivered;
    this.#pump();
    if (this.#arrived > this.#delivered) this.#deliverAfter(0);
    else this.#schedule();
  }

  /** Moves bytes from the sender's buffer to the wire, as far as the window allows. */
  #pump(): void {
    const until = Math.min(this.#enqueued, this.#acknowledged + this.#conditions.windowBytes);
    if (until > this.#wired) {
      this.#wired = until;
      this.#wire.push({ until, arrivalMs: this.#arrivalMs() });
      this.#schedule();
      if (until === this.#enqueued) this.#scheduleDrained();
    }
    if (this.#end !== undefined && this.#wired === this.#enqueued) this.#wireEnd();
  }

  #scheduleDrained(): void {
    const { onDrained } = this.#listener;
    if (onDrained === undefined) return;
    if (this.#end !== undefined || this.#drainTimer?.run !== undefined) return;
    // What is sent in a row drains at once.
    this.#drainTimer = this.#queue.after(this.#conditions.minLatencyMs, () => {
      if (!this.#closed && this.#wired === this.#enqueued) onDrained();
    });
  }

  /** The end travels like a byte after the last one. */
  #wireEnd(): void {
    const last = this.#wire.at(-1);
    if (last === undefined || last.until <= this.#enqueued) {
      this.#wire.push({ until: this.#enqueued + 1, arrivalMs: this.#arrivalMs() });
    }
    this.#schedule();
  }

  /** Never before what was sent earlier. */
  #arrivalMs(): number {
    const extraMs = drawExtraLatencyMs(this.#random, this.#conditions);
    const arrivalMs = this.#queue.nowMs + this.#conditions.minLatencyMs + extraMs;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivalMs);
    return this.#lastArrivalMs;
  }

  /** Waits for what is on the wire. */
  #schedule(): void {
    const next = this.#wire[0];
    if (next === undefined || this.#timer?.run !== undefined) return;
    this.#deliverAfter(Math.max(0, next.arrivalMs - this.#queue.nowMs));
  }

  #deliverAfter(delayMs: number): void {
    cancel(this.#timer);
    this.#timer = this.#queue.after(delayMs, () => {
      this.#deliver();
    });
  }

  #deliver(): void {
    const { nowMs } = this.#queue;
    // A block that began while these bytes were under way: they are sent again when it ends.
    if (this.#listener.isBlocked()) return;
    while (this.#wire[0] !== undefined && this.#wire[0].arrivalMs <= nowMs) {
      this.#arrived = Math.max(this.#arrived, this.#wire[0].until);
      this.#wire.shift();
    }
    if (!this.#listener.isReading()) return;
    const limit = this.#firstHeld(Math.min(this.#arrived, this.#enqueued));
    let until = limit;
    let againMs: number | undefined;
    if (this.#slowReadMs > 0) {
      until = Math.min(limit, this.#delivered + this.#random.integer(1, SLOW_READ_BYTES));
      againMs = this.#slowReadMs;
    } else if (
      limit - this.#delivered > 1 &&
      this.#random.chance(this.#conditions.splitProbability)
    ) {
      until = this.#random.integer(this.#delivered + 1, limit - 1);
      againMs = this.#random.fraction();
    }
    if (until > this.#delivered) this.#read(until);
    if (this.#closed) return;
    if (this.#arrived > this.#enqueued && this.#delivered === this.#enqueued) {
      this.#closed = true;
      this.#listener.onEnd(this.#end ?? "closed");
      return;
    }
    if (!this.#listener.isReverseBlocked()) this.#acknowledged = this.#delivered;
    this.#pump();
    if (againMs !== undefined && this.#delivered < limit) this.#deliverAfter(againMs);
    else this.#schedule();
  }

  /** Hands the receiver everything up to a position. */
  #read(until: number): void {
    const length = until - this.#delivered;
    const scratch = length <= SCRATCH.length ? SCRATCH.subarray(0, length) : new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) throw new Error("the pipe has lost bytes");
      const from = this.#delivered + filled - chunk.start;
      const part = chunk.bytes.subarray(from, from + length - filled);
      scratch.set(part, filled);
      filled += part.length;
      if (from + part.length < chunk.bytes.length) break;
      this.#chunks.shift();
      this.#listener.onPacket(chunk.packet);
    }
    this.#delivered = until;
    this.#listener.onBytes(scratch);
    // Lent bytes must not be kept: whoever did finds these.
    scratch.fill(0xa5);
  }

  /** Where the first packet begins that is held back, if that is before `limit`. */
  #firstHeld(limit: number): number {
    if (!this.#listener.holdsAny()) return limit;
    for (const chunk of this.#chunks) {
      if (chunk.start >= limit) break;
      if (chunk.start >= this.#delivered && this.#listener.isHeld(chunk.packet)) return chunk.start;
    }
    return limit;
  }
}

const SLOW_READ_BYTES = 64;

/** Steps do not nest, so one buffer serves all pipes. */
const SCRATCH = new Uint8Array(64 * 1024);
