/**
 * A connection between a leader and a learner: packets both ways, and after a SNAP
 * the snapshot that follows it, element by element.
 */
import type { ByteQueue } from "../byte-queue.js";
import { SnapshotFormat } from "../files/snapshot-format.js";
import type { Item, Sender } from "../item.js";
import { layPacket, layQuorumAuthentication } from "../messages/packet-layout.js";
import { type ConversationOptions, difference } from "./client-conversation.js";
import { DEFAULT_MAX_MESSAGE_BYTES } from "./client-format.js";
import { authenticationExtent, packetExtent, packetHeadFits } from "./quorum-format.js";
import { type Extent, MessageStream, type SearchBudget, type StreamFormat } from "./stream.js";

export class QuorumConversation {
  /** From the learner, which opens the connection. */
  readonly learner: MessageStream;
  readonly leader: MessageStream;
  /** When each txn was proposed, for the latency of its ACK. */
  readonly #proposals = new Map<bigint, number>();

  constructor(options: ConversationOptions = {}) {
    const { connection, startsLost } = options;
    const watch = (item: Item): number | undefined => this.#latencyOf(item);
    this.learner = new MessageStream(new QuorumFormat("learner", options, watch), {
      connection,
      startsLost,
      sender: "learner",
    });
    this.leader = new MessageStream(new QuorumFormat("leader", options, watch), {
      connection,
      startsLost,
      sender: "leader",
    });
  }

  #latencyOf({ name, zxid, timeMs }: Item): number | undefined {
    if (zxid === undefined || timeMs === undefined) return undefined;
    if (name === "PROPOSAL") {
      this.#proposals.set(zxid, timeMs);
      if (this.#proposals.size > MOST_PROPOSALS) {
        for (const oldest of this.#proposals.keys()) {
          this.#proposals.delete(oldest);
          break;
        }
      }
    }
    if (name !== "ACK") return undefined;
    const latencyMs = difference(timeMs, this.#proposals.get(zxid));
    this.#proposals.delete(zxid);
    return latencyMs;
  }
}

/** Reads what one side sends. For a single direction of unknown sender, too. */
export class QuorumFormat implements StreamFormat {
  readonly #sender: Sender | undefined;
  readonly #options: ConversationOptions;
  readonly #maxBytes: number;
  readonly #latencyOf: (item: Item) => number | undefined;
  #snapshot: SnapshotFormat | undefined;
  #isFirst = true;
  #isAuthentication = false;

  constructor(
    sender: Sender | undefined,
    options: ConversationOptions = {},
    latencyOf: (item: Item) => number | undefined = () => undefined,
  ) {
    this.#sender = sender;
    this.#options = options;
    this.#maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#latencyOf = latencyOf;
  }

  extent(queue: ByteQueue, isEnd: boolean): Extent {
    if (this.#snapshot !== undefined) return this.#snapshot.extent(queue, isEnd);
    const authentication = this.#isFirst ? authenticationExtent(queue) : undefined;
    this.#isAuthentication = authentication !== undefined;
    return authentication ?? packetExtent(queue, this.#maxBytes);
  }

  /** A type and a zxid. A snapshot is believed only as long as none of its elements is missing. */
  get leastCutBytes(): number | undefined {
    return this.#snapshot === undefined ? 12 : undefined;
  }

  lay(bytes: Uint8Array, offset: number, timeMs: number | undefined, missing?: number): Item[] {
    const snapshot = this.#snapshot;
    if (snapshot !== undefined) {
      const items = snapshot.lay(bytes, offset, timeMs);
      if (snapshot.done) this.#snapshot = undefined;
      return items;
    }
    const { connection } = this.#options;
    const source = { bytes, offset, timeMs, connection, sender: this.#sender, missing };
    if (this.#isAuthentication) return [layQuorumAuthentication(source)];
    this.#isFirst = false;
    const packet = layPacket(source);
    const latencyMs = this.#latencyOf(packet);
    if (packet.name === "SNAP" && this.#sender !== "learner") {
      this.#snapshot = new SnapshotFormat({ isFile: false, connection, sender: this.#sender });
    }
    return [latencyMs === undefined ? packet : layPacket({ ...source, latencyMs })];
  }

  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more" {
    const fits = packetHeadFits(queue, from, MOST_FOUND_BYTES);
    if (fits !== true) return fits;
    const size = extentFrom(queue, from);
    if (typeof size !== "number") return size;
    if (!budget.spend(size)) return false;
    const packet = layPacket({
      bytes: queue.peek(size, from),
      offset: 0,
      sender: this.#sender,
    });
    return packet.faults.length === 0 && isSentBy(packet.name, this.#sender);
  }

  onLost(): Item[] {
    // A snapshot that lost bytes ends somewhere; the packets after it are found like any others.
    this.#snapshot = undefined;
    this.#isFirst = false;
    return [];
  }
}

/** The size of the packet `from` bytes after the start, as far as it can be followed. */
function extentFrom(queue: ByteQueue, from: number): number | false | "more" {
  const view = { length: queue.length - from, intAt: (index: number) => queue.intAt(from + index) };
  const extent = packetExtent(view, MOST_FOUND_BYTES);
  switch (extent.kind) {
    case "lost":
      return false;
    case "more":
      return "more";
    case "bytes":
      return extent.count > view.length ? "more" : extent.count;
  }
}

/** Whether this side sends packets of this type. */
function isSentBy(name: string, sender: Sender | undefined): boolean {
  if (sender === "leader") return !LEARNERS.has(name);
  if (sender === "learner") return LEARNERS.has(name) || BOTH.has(name);
  return true;
}

const LEARNERS: ReadonlySet<string> = new Set([
  "REQUEST",
  "ACK",
  "FOLLOWERINFO",
  "OBSERVERINFO",
  "ACKEPOCH",
]);
const BOTH: ReadonlySet<string> = new Set(["PING", "REVALIDATE"]);

/** A packet of which nothing else is known may be this long. */
const MOST_FOUND_BYTES = 1 << 20;

/** Proposals that a learner never acknowledges, as an observer, must not be remembered without limit. */
const MOST_PROPOSALS = 16_384;
