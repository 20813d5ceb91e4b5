/** A connection of the election port: a hello by the side that opened it, perhaps a SASL exchange, then notifications both ways. */
import type { ByteQueue } from "../byte-queue.js";
import type { Item, Sender } from "../item.js";
import { layHello, layNotification } from "../messages/election-layout.js";
import { layQuorumAuthentication } from "../messages/packet-layout.js";
import { frameExtent } from "./client-format.js";
import type { ConversationOptions } from "./client-conversation.js";
import { authenticationExtent } from "./quorum-format.js";
import { type Extent, MessageStream, type SearchBudget, type StreamFormat } from "./stream.js";

export class ElectionConversation {
  /** From the side that opened the connection. */
  readonly opener: MessageStream;
  /** From the other. */
  readonly acceptor: MessageStream;

  constructor(options: ConversationOptions = {}) {
    const { connection, startsLost } = options;
    const opener = new ElectionFormat("opener", startsLost !== true, options);
    const acceptor = new ElectionFormat("acceptor", false, options);
    this.opener = new MessageStream(opener, { connection, startsLost, sender: "opener" });
    this.acceptor = new MessageStream(acceptor, { connection, startsLost, sender: "acceptor" });
  }
}

/** Reads what one side sends. */
export class ElectionFormat implements StreamFormat {
  readonly #sender: Sender;
  readonly #options: ConversationOptions;
  #expects: "hello" | "authentication" | "notification";
  /** Whether the bytes at the start are a hello, and not what else could stand there. */
  #next: "hello" | "authentication" | "notification" = "notification";

  /** A length, or half of a version: less says nothing of what it is. */
  readonly leastCutBytes = 4;

  constructor(sender: Sender, startsWithHello: boolean, options: ConversationOptions) {
    this.#sender = sender;
    this.#options = options;
    this.#expects = startsWithHello ? "hello" : "authentication";
  }

  extent(queue: ByteQueue): Extent {
    if (this.#expects === "hello") {
      this.#next = "hello";
      return helloExtent(queue);
    }
    if (this.#expects === "authentication") {
      const extent = authenticationExtent(queue);
      if (extent !== undefined) {
        this.#next = "authentication";
        return extent;
      }
    }
    this.#next = "notification";
    return frameExtent(queue, MAX_FRAME_BYTES, LEAST_NOTIFICATION_BYTES);
  }

  lay(bytes: Uint8Array, offset: number, timeMs: number | undefined, missing?: number): Item[] {
    const { connection } = this.#options;
    const source = { bytes, offset, timeMs, connection, sender: this.#sender, missing };
    switch (this.#next) {
      case "hello":
        this.#expects = "authentication";
        return [layHello(source)];
      case "authentication":
        return [layQuorumAuthentication(source)];
      case "notification":
        this.#expects = "notification";
        return [layNotification({ ...source, framed: true })];
    }
  }

  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more" {
    if (queue.length - from < 8) return "more";
    const length = queue.intAt(from);
    if (length < LEAST_NOTIFICATION_BYTES || length > MAX_FRAME_BYTES) return false;
    const state = queue.intAt(from + 4);
    if (state < 0 || state > LAST_STATE) return false;
    const size = 4 + length;
    if (queue.length - from < size) return "more";
    if (!isGeneration(queue, from, length) || !budget.spend(size)) return false;
    return (
      layNotification({ bytes: queue.peek(size, from), offset: 0, framed: true }).faults.length ===
      0
    );
  }

  onLost(): Item[] {
    this.#expects = "notification";
    return [];
  }
}

/** Whether the length is exactly one that a notification has. Nothing less tells it from other bytes. */
function isGeneration(queue: ByteQueue, from: number, length: number): boolean {
  if (length === LEAST_NOTIFICATION_BYTES || length === SECOND_GENERATION_BYTES) return true;
  return (
    length >= CONFIGURED_BYTES && queue.intAt(from + CONFIGURED_BYTES) === length - CONFIGURED_BYTES
  );
}

function helloExtent(queue: ByteQueue): Extent {
  if (queue.length < 8) return { kind: "more" };
  const version = queue.longAt(0);
  if (version >= 0n) return { kind: "bytes", count: 8 };
  if (version !== -65536n && version !== -65535n) {
    return { kind: "lost", reason: `a hello of version ${version} is unknown` };
  }
  if (queue.length < HELLO_HEAD_BYTES) return { kind: "more" };
  const length = queue.intAt(16);
  if (length < 0 || length > MAX_ADDRESS_BYTES) {
    const reason = `an address of ${length} bytes is not within 0 to ${MAX_ADDRESS_BYTES}`;
    return { kind: "lost", reason };
  }
  return { kind: "bytes", count: HELLO_HEAD_BYTES + length };
}

/** Version, sid and the length of the address. */
const HELLO_HEAD_BYTES = 20;
const MAX_ADDRESS_BYTES = 2048;

/** As in Java. */
const MAX_FRAME_BYTES = 524_288;
const LEAST_NOTIFICATION_BYTES = 28;
const SECOND_GENERATION_BYTES = 40;
/** Up to the configuration, its length included. */
const CONFIGURED_BYTES = 44;
const LAST_STATE = 3;
