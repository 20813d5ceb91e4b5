/**
 * What every decoder of this package yields: items, one for each message, record of
 * a file or piece of bytes that is neither. The items of a source cover its bytes
 * without a gap and without an overlap, and so do the fields of an item.
 */
import type { JsonObject } from "@jute-ts/runtime";
import type { TextSink } from "./output/text-sink.js";

/** What a piece of the input is. */
export type ItemKind =
  /** A record that was asked for by its name. */
  | "record"
  // Between a client and a server.
  | "connectRequest"
  | "connectResponse"
  | "request"
  | "response"
  | "event"
  /** A four-letter word, or what answers it. */
  | "fourLetterWord"
  // Between servers.
  | "packet"
  | "quorumAuthentication"
  | "hello"
  | "notification"
  // In files.
  | "fileHeader"
  | "txn"
  | "padding"
  | "sessions"
  | "session"
  | "acls"
  | "acl"
  | "znode"
  | "end"
  | "seal"
  | "digest"
  | "lastProcessedZxid"
  | "signature"
  | "epoch"
  // In captures.
  /** Bytes that were sent and are not in the capture. */
  | "gap"
  /** Bytes that nothing is known of: encrypted, or of another protocol. */
  | "opaque"
  /** Bytes that are none of what should be there. */
  | "fault";

export type FieldValue = boolean | number | bigint | string | Uint8Array | null;

/** One value and the bytes that it was read from. */
export interface Field {
  /** Where it stands in the message: `body.acl[0].perms`. */
  readonly path: string;
  /** Counted from the start of the source: of the file, or of one direction of a connection. */
  readonly offset: number;
  /** In bytes, those of its length included. */
  readonly length: number;
  /** Of a vector or map, and of bytes that are taken apart below, the count. */
  readonly value: FieldValue;
  /** What the value stands for: the name of a code, a zxid in hexadecimal, a time in UTC. */
  readonly meaning?: string | undefined;
}

/** Something that should not be so. Decoding goes on after it where the format allows. */
export interface Fault {
  /** Counted like the offset of a field. */
  readonly offset: number;
  /** The field, where one is to blame. */
  readonly path?: string | undefined;
  /** What is wrong, without place. */
  readonly reason: string;
}

/** Who sent a message. */
export type Sender = "client" | "server" | "leader" | "learner" | "opener" | "acceptor";

/** A TCP connection of a capture. */
export interface Connection {
  /** 1 for the first of the capture. */
  readonly number: number;
  /** `127.0.0.1:40312`: the end that opened it, or, if that was not captured, that is taken for it. */
  readonly opener: string;
  /** `127.0.0.1:2181`, or `[::1]:2181`. */
  readonly acceptor: string;
}

/** What tells items apart and what filters ask for. Absent where a kind of item has no such thing. */
export interface ItemFacts {
  readonly kind: ItemKind;
  /** The op, the packet's type, the record: `create`, `PROPOSAL`. */
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  /** Borrowed from the input, frame included; absent where they are not held, as for padding. */
  readonly bytes?: Uint8Array | undefined;
  readonly opCode?: number | undefined;
  readonly xid?: number | undefined;
  readonly zxid?: bigint | undefined;
  readonly sessionId?: bigint | undefined;
  /** Not 0: the operation failed. */
  readonly err?: number | undefined;
  /** When it was sent or made, in milliseconds since 1970; with fractions in captures. */
  readonly timeMs?: number | undefined;
  /** How long after its cause it came, in milliseconds: a response after its request, an ACK after its PROPOSAL. */
  readonly latencyMs?: number | undefined;
  readonly connection?: Connection | undefined;
  readonly sender?: Sender | undefined;
}

/** What an item holds. */
export interface Layout {
  readonly fields: readonly Field[];
  readonly faults: readonly Fault[];
  /** The znodes that it is about. */
  readonly paths: readonly string[];
  /** Names of the ops inside of a multi or multiRead, in their order. Default none. */
  readonly innerOps?: readonly string[] | undefined;
  /** The values on one line, without those of `ItemFacts`. */
  readonly detail: string;
  /** What `encode` takes, and more than that only under names of its own. */
  readonly json: JsonObject;
}

/**
 * Says the same as the layout and costs less, for items that come by the million. Where it
 * returns undefined or false, only the layout knows.
 */
export interface QuickLook {
  layout(): Layout;
  /** True: there are no faults. */
  isSound(): boolean;
  paths(): readonly string[] | undefined;
  innerOps(): readonly string[] | undefined;
  /** Calls `visit` with the place of each of `paths` in UTF-8. False: only `paths` knows them. */
  eachPath?(visit: (bytes: Uint8Array, start: number, end: number) => void): boolean;
  detail?(): string;
  /** Writes what `itemLine` returns. False: `sink` may hold a part of it. */
  writeLine?(sink: TextSink): boolean;
  /** Writes what `JSON.stringify` makes of `itemJson`. False: `sink` may hold a part of it. */
  writeJson?(sink: TextSink): boolean;
}

/** One piece of the input. Its content is taken apart when it is first asked for. */
export class Item implements ItemFacts, Layout {
  readonly #facts: ItemFacts;
  readonly #content: Layout | (() => Layout) | QuickLook;
  #layout: Layout | undefined;

  /** `facts` are kept, not copied. */
  constructor(facts: ItemFacts, content: Layout | (() => Layout) | QuickLook) {
    this.#facts = facts;
    this.#content = content;
  }

  /** Undefined where only the layout knows what is in the item. */
  get quick(): QuickLook | undefined {
    const content = this.#content;
    return typeof content === "object" && "isSound" in content ? content : undefined;
  }

  get kind(): ItemFacts["kind"] {
    return this.#facts.kind;
  }

  get name(): ItemFacts["name"] {
    return this.#facts.name;
  }

  get offset(): ItemFacts["offset"] {
    return this.#facts.offset;
  }

  get length(): ItemFacts["length"] {
    return this.#facts.length;
  }

  get bytes(): ItemFacts["bytes"] {
    return this.#facts.bytes;
  }

  get opCode(): ItemFacts["opCode"] {
    return this.#facts.opCode;
  }

  get xid(): ItemFacts["xid"] {
    return this.#facts.xid;
  }

  get zxid(): ItemFacts["zxid"] {
    return this.#facts.zxid;
  }

  get sessionId(): ItemFacts["sessionId"] {
    return this.#facts.sessionId;
  }

  get err(): ItemFacts["err"] {
    return this.#facts.err;
  }

  get timeMs(): ItemFacts["timeMs"] {
    return this.#facts.timeMs;
  }

  get latencyMs(): ItemFacts["latencyMs"] {
    return this.#facts.latencyMs;
  }

  get connection(): ItemFacts["connection"] {
    return this.#facts.connection;
  }

  get sender(): ItemFacts["sender"] {
    return this.#facts.sender;
  }

  /** Where the next item begins. */
  get endOffset(): number {
    return this.offset + this.length;
  }

  get fields(): readonly Field[] {
    return this.layout.fields;
  }

  get faults(): readonly Fault[] {
    return this.layout.faults;
  }

  /** Whether something is already known to be unusual, so that `hasFaults` must be asked even of items that nobody wants to see. */
  get isSuspect(): boolean {
    return this.quick === undefined;
  }

  /** Whether `faults` has any, which costs less to know than what they are. */
  get hasFaults(): boolean {
    return this.quick?.isSound() !== true && this.layout.faults.length > 0;
  }

  get paths(): readonly string[] {
    return this.quick?.paths() ?? this.layout.paths;
  }

  get innerOps(): readonly string[] {
    return this.quick?.innerOps() ?? this.layout.innerOps ?? NO_OPS;
  }

  get detail(): string {
    return this.quick?.detail?.() ?? this.layout.detail;
  }

  get json(): JsonObject {
    return this.layout.json;
  }

  private get layout(): Layout {
    this.#layout ??= this.#made();
    return this.#layout;
  }

  #made(): Layout {
    const content = this.#content;
    if (typeof content === "function") return content();
    return "isSound" in content ? content.layout() : content;
  }
}

/** Takes a source in chunks of any size and yields its items. Chunks are borrowed until their items are no longer used. */
export interface Decoder {
  push(chunk: Uint8Array): Item[];
  /** Says that the source has ended. Nothing can be pushed after it. */
  finish(): Item[];
}

/** The layout of bytes that are not taken apart. */
export function plainLayout(
  { offset, length, bytes }: { offset: number; length: number; bytes?: Uint8Array | undefined },
  path: string,
  detail: string,
  faults: readonly Fault[] = [],
): Layout {
  const value = bytes ?? null;
  const fields = length > 0 ? [{ path, offset, length, value }] : [];
  return { fields, faults, paths: [], detail, json: detail === "" ? {} : { detail } };
}

const NO_OPS: readonly string[] = [];
