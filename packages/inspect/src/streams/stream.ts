/**
 * One direction of a connection, as a sequence of messages: takes bytes as they come,
 * and after a gap or damage looks for the next message that can be one.
 */
import { quantity } from "../quantity.js";
import { ByteQueue } from "../byte-queue.js";
import { type Connection, Item, plainLayout, type Sender } from "../item.js";

/** How many bytes the message at the start takes, or why that cannot be said. */
export type Extent =
  | { readonly kind: "bytes"; readonly count: number }
  /** More bytes must come. */
  | { readonly kind: "more" }
  /** The next bytes are no message; nothing says where one begins. */
  | { readonly kind: "lost"; readonly reason: string };

/** What a stream knows of the format of its messages. */
export interface StreamFormat {
  /** The extent of the message at the start of the queue. `isEnd`: no more bytes come. */
  extent(queue: ByteQueue, isEnd: boolean): Extent;
  /**
   * The item of the message that begins at `start`, if it lies whole in the bytes before `end` and is
   * as it should be; undefined where `extent` and `lay` must say more. `offset` is that of `start`.
   */
  quick?(bytes: Uint8Array, start: number, end: number, offset: number): Item | undefined;
  /**
   * Makes items of a message whose extent was just told. `missing`, if given: only its start is
   * here, at least `leastCutBytes`, and at most so many bytes after that did not come.
   */
  lay(bytes: Uint8Array, offset: number, timeMs: number | undefined, missing?: number): Item[];
  /**
   * How many bytes there must be of a message that was not captured whole, so that it can be told
   * what it is. Undefined: nothing is told of it, as nothing after it could be believed.
   */
  readonly leastCutBytes?: number | undefined;
  /**
   * Whether a message can begin `from` bytes after the start of the queue: strict, since it
   * is asked where nothing else is known. `more`: not before more bytes have come. What reads
   * more than a few bytes asks `budget` first.
   */
  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more";
  /** Called where bytes are missing, or are no message. Returns what is still to be told of those before. */
  onLost(): Item[];
  /** What is still to be told when the bytes have ended, at `offset`, after a whole message. */
  finish?(offset: number): Item[];
  /**
   * Nothing was to come after the end, as in a file: what reaches beyond it may have a wrong
   * length, and other messages may stand in it. Default false: it is only cut.
   */
  readonly endsWhole?: boolean;
}

export interface StreamOptions {
  readonly connection?: Connection | undefined;
  readonly sender?: Sender | undefined;
  /** The stream does not start at the connection's start. Default false. */
  readonly startsLost?: boolean | undefined;
}

/**
 * Bytes that claim to begin a message everywhere must not cost more than they are: all looks
 * together read at most SEARCH_COST times what is searched.
 */
export class SearchBudget {
  #left = FIRST_BUDGET_BYTES;

  /** Whether so many bytes may be read for one look. */
  spend(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Counts a byte that has been searched. */
  earn(): void {
    this.#left += SEARCH_COST;
  }
}

/** Reads a stream by its format. */
export class MessageStream {
  readonly #queue = new ByteQueue();
  readonly #format: StreamFormat;
  readonly #options: StreamOptions;
  readonly #quick = (
    bytes: Uint8Array,
    start: number,
    end: number,
    offset: number,
  ): Item | undefined => this.#format.quick?.(bytes, start, end, offset);
  #isLost: boolean;
  /** How many bytes from the queue's start on have been looked at in vain. */
  #searched = 0;
  readonly #budget = new SearchBudget();
  #reason: string;
  /** How many bytes are still to come of a message of which some are missing. */
  #restBytes = 0;

  constructor(format: StreamFormat, options: StreamOptions = {}) {
    this.#format = format;
    this.#options = options;
    this.#isLost = options.startsLost === true;
    this.#reason = "the start was not captured";
  }

  /** How many bytes wait for others. */
  get heldBytes(): number {
    return this.#queue.length;
  }

  /** Counted from the start of the source: how many bytes have become items, or are of some that still grow. */
  get offset(): number {
    return this.#queue.offset;
  }

  /** Whether a message begins where the next bytes do. */
  get isInStep(): boolean {
    return !this.#isLost && this.#restBytes === 0;
  }

  /** Hands back the bytes that wait for others, as if they had not come. Asked in step only. */
  takeHeld(): Uint8Array {
    return this.#queue.unpush();
  }

  /** Passes so many bytes of whole messages that others have decoded. Nothing may be held. */
  pass(count: number): void {
    this.#queue.pass(count);
  }

  /** The messages that end in these bytes, which must not change as long as the items are used. */
  push(chunk: Uint8Array, timeMs?: number): Item[] {
    this.#queue.push(chunk);
    return this.#advance(timeMs, false);
  }

  /** Says that `count` bytes are missing here. */
  gap(count: number, timeMs?: number): Item[] {
    const items = this.#advance(timeMs, true);
    items.push(...this.#cut(count, timeMs));
    const left = this.#restBytes - count;
    items.push(...this.#end(timeMs, LOST));
    const offset = this.#queue.offset;
    this.#queue.pass(count);
    const facts = { kind: "gap", name: "gap", offset, length: count, timeMs } as const;
    const detail = `${quantity(count, "byte")} ${count === 1 ? "was" : "were"} not captured`;
    items.push(new Item({ ...facts, ...this.#options }, plainLayout(facts, "missing", detail)));
    // Where the rest of the message is known to end, the next one begins.
    this.#restBytes = Math.max(left, 0);
    if (left < 0) items.push(...this.#lose("bytes before this were not captured"));
    return items;
  }

  /** Gives out what there is of the message in which `count` bytes are missing. */
  #cut(count: number, timeMs: number | undefined): Item[] {
    const queue = this.#queue;
    if (this.#restBytes > 0 || this.#isLost) return [];
    if (queue.length < (this.#format.leastCutBytes ?? Infinity)) return [];
    const extent = this.#format.extent(queue, false);
    if (extent.kind === "lost" || (extent.kind === "bytes" && extent.count <= queue.length)) {
      return [];
    }
    // Without an extent nothing says how much of the gap is of this message.
    const missing = extent.kind === "bytes" ? Math.min(count, extent.count - queue.length) : count;
    if (extent.kind === "bytes") this.#restBytes = extent.count - queue.length;
    const { offset } = queue;
    return this.#format.lay(queue.take(queue.length), offset, timeMs, missing);
  }

  /** Says that no more bytes come, at least not the next ones. What is left is an item, too. */
  end(timeMs?: number): Item[] {
    return this.#end(timeMs, CUT);
  }

  /** `why` the last message may not be whole. */
  #end(timeMs: number | undefined, why: string): Item[] {
    const items = this.#advance(timeMs, true);
    while (this.#format.endsWhole === true && this.#queue.length > 0 && !this.#isLost) {
      items.push(...this.#lose(CUT));
      this.#searched = 1;
      items.push(...this.#advance(timeMs, true));
    }
    if (this.#queue.length > 0) {
      const reason = this.#isLost ? this.#reason : why;
      items.push(this.#faultItem(this.#queue.length, reason, timeMs));
    } else {
      items.push(...(this.#format.finish?.(this.#queue.offset) ?? []));
    }
    this.#searched = 0;
    return items;
  }

  #advance(timeMs: number | undefined, isEnd: boolean): Item[] {
    const items: Item[] = [];
    const queue = this.#queue;
    while (queue.length > 0) {
      if (this.#restBytes > 0) {
        const count = Math.min(this.#restBytes, queue.length);
        if (count < Math.min(this.#restBytes, MAX_FAULT_BYTES) && !isEnd) break;
        this.#restBytes -= count;
        items.push(this.#faultItem(count, REST, timeMs));
        continue;
      }
      if (this.#isLost && !this.#search(items, timeMs, isEnd)) break;
      if (this.#takeQuick(items)) continue;
      const extent = this.#format.extent(queue, isEnd);
      if (extent.kind === "lost") {
        items.push(...this.#lose(extent.reason));
        // This start was just found to be none.
        this.#searched = 1;
        continue;
      }
      if (extent.kind === "more" || extent.count > queue.length) break;
      const { offset } = queue;
      items.push(...this.#format.lay(queue.take(extent.count), offset, timeMs));
    }
    return items;
  }

  /** Takes a message in the quick way, if it can be. */
  #takeQuick(items: Item[]): boolean {
    const item = this.#queue.look(this.#quick);
    if (item === undefined) return false;
    items.push(item);
    this.#queue.skip(item.length);
    return true;
  }

  /** Finds the next place where a message can begin, and skips what lies before it. */
  #search(items: Item[], timeMs: number | undefined, isEnd: boolean): boolean {
    const queue = this.#queue;
    while (this.#searched < queue.length) {
      const found = this.#format.plausible(queue, this.#searched, this.#budget);
      if (found === true) {
        if (this.#searched > 0) {
          items.push(this.#faultItem(this.#searched, this.#reason, timeMs));
        }
        this.#searched = 0;
        this.#isLost = false;
        return true;
      }
      if (found === "more" && !isEnd) return false;
      this.#budget.earn();
      this.#searched++;
      if (this.#searched >= MAX_FAULT_BYTES) {
        items.push(this.#faultItem(this.#searched, this.#reason, timeMs));
        this.#searched = 0;
      }
    }
    return false;
  }

  #lose(reason: string): Item[] {
    this.#isLost = true;
    this.#reason = reason;
    this.#searched = 0;
    return this.#format.onLost();
  }

  #faultItem(length: number, reason: string, timeMs: number | undefined): Item {
    const { offset } = this.#queue;
    const bytes = this.#queue.take(length);
    const facts = { kind: "fault", name: "fault", offset, length, bytes, timeMs } as const;
    const detail = `${quantity(length, "byte")} ${length === 1 ? "is" : "are"} not decoded: ${reason}`;
    return new Item(
      { ...facts, ...this.#options },
      plainLayout(facts, "undecoded", detail, [{ offset, reason }]),
    );
  }
}

/** An item of bytes that cannot be decoded, for a good reason. */
export function opaqueItem(
  bytes: Uint8Array,
  offset: number,
  detail: string,
  more: StreamOptions & { readonly timeMs?: number | undefined } = {},
): Item {
  const { timeMs, connection, sender } = more;
  const facts = { kind: "opaque", name: "opaque", offset, length: bytes.length, bytes } as const;
  return new Item({ ...facts, timeMs, connection, sender }, plainLayout(facts, "bytes", detail));
}

const CUT = "the data ends inside a message";
const LOST = "the rest of the message was not captured";
const REST = "the message that ends here has not come whole";
const SEARCH_COST = 64;
const FIRST_BUDGET_BYTES = 4 << 20;

/** A run of bytes that are not decoded is told in pieces of this size. */
const MAX_FAULT_BYTES = 1 << 16;
