/**
 * A snapshot as a sequence of elements: in a file between a header and seals, in the
 * stream of a leader up to a signature. Damage is passed over: the next znode is found
 * by what all znodes look like.
 */
import { quantity } from "../quantity.js";
import { Adler32, SNAPSHOT_STREAM_SIGNATURE } from "@jute-ts/persistence";
import { FileHeader } from "@jute-ts/zookeeper";
import type { ByteQueue } from "../byte-queue.js";
import { FieldTrace } from "../field-trace.js";
import { type Connection, Item, type ItemFacts, type Sender } from "../item.js";
import { hexLong, textOf } from "../meanings.js";
import { utf8Text } from "../messages/text.js";
import type { Extent, SearchBudget, StreamFormat } from "../streams/stream.js";
import { layAcl, layZnode } from "./snapshot-elements.js";
import {
  aclExtent,
  countExtent,
  digestExtent,
  END_BYTES,
  FIRST_BINARY_DIGEST,
  fixed,
  HEADER_BYTES,
  LONG_BYTES,
  MORE,
  plausibleZnode,
  SEAL_BYTES,
  SESSION_BYTES,
  SIGNATURE_BYTES,
  SLASH,
  ZNODE_LOOK_BYTES,
  znodeOrEndExtent,
  ZXID_SECTION_BYTES,
} from "./snapshot-extents.js";
import { quotedText } from "../shown-text.js";

export interface SnapshotFormatOptions {
  /** With header and seals; otherwise the stream from a leader, up to its signature. */
  readonly isFile: boolean;
  readonly connection?: Connection | undefined;
  readonly sender?: Sender | undefined;
}

type Element =
  | "fileHeader"
  | "sessions"
  | "session"
  | "acls"
  | "acl"
  | "znode"
  | "end"
  | "seal"
  /** What follows the first seal, if anything does: a digest or the last processed zxid. */
  | "section"
  | "digest"
  | "lastProcessedZxid"
  | "signature"
  | "nothing";

export class SnapshotFormat implements StreamFormat {
  readonly endsWhole: boolean;
  readonly #options: SnapshotFormatOptions;
  readonly #adler = new Adler32();
  #next: Element;
  #left = 0;
  #seals = 0;
  /** Damage was passed over, so no checksum can be right. */
  #isDamaged = false;

  constructor(options: SnapshotFormatOptions) {
    this.endsWhole = options.isFile;
    this.#options = options;
    this.#next = options.isFile ? "fileHeader" : "sessions";
  }

  /** Whether the last element has been read. */
  get done(): boolean {
    return this.#next === "nothing";
  }

  extent(queue: ByteQueue, isEnd: boolean): Extent {
    switch (this.#next) {
      case "fileHeader":
        return fixed(HEADER_BYTES);
      case "sessions":
      case "acls":
        return queue.length < 4 ? MORE : countExtent(queue.intAt(0), this.#next);
      case "session":
        return fixed(SESSION_BYTES);
      case "acl":
        return aclExtent(queue);
      case "znode": {
        const extent = znodeOrEndExtent(queue);
        if (extent === "end") this.#next = "end";
        return extent === "end" ? fixed(END_BYTES) : extent;
      }
      case "end":
        return fixed(END_BYTES);
      case "seal":
        return fixed(SEAL_BYTES);
      case "section":
        return this.#sectionExtent(queue, isEnd);
      case "digest":
        return digestExtent(queue);
      case "lastProcessedZxid":
        return fixed(LONG_BYTES);
      case "signature":
        return fixed(SIGNATURE_BYTES);
      case "nothing":
        return { kind: "bytes", count: queue.length };
    }
  }

  lay(bytes: Uint8Array, offset: number, timeMs: number | undefined): Item[] {
    const element = this.#next;
    const facts = { offset, length: bytes.length, bytes, timeMs, ...this.#place() };
    // What comes before a seal is what it covers, earlier seals included.
    const item = this.#layElement(element, facts, bytes);
    this.#adler.update(bytes);
    return [item];
  }

  plausible(queue: ByteQueue, from: number, budget: SearchBudget): boolean | "more" {
    if (this.#next !== "znode" && this.#next !== "acl" && this.#next !== "session") return false;
    const found = plausibleZnode(queue, from);
    if (found !== true) return found;
    if (!budget.spend(ZNODE_LOOK_BYTES)) return false;
    this.#next = "znode";
    return true;
  }

  onLost(): Item[] {
    this.#isDamaged = true;
    if (this.#next !== "nothing" && this.#next !== "seal") this.#next = "znode";
    return [];
  }

  finish(offset: number): Item[] {
    const { isFile } = this.#options;
    if (this.done || (isFile && this.#seals > 0 && this.#next !== "seal")) return [];
    const trace = new FieldTrace(NOTHING, offset);
    trace.fail(`the snapshot ends where ${expectations[this.#next]} should follow`);
    const facts = { offset, length: 0, ...this.#place() };
    return [traced({ ...facts, kind: "fault", name: "fault" }, trace, "the snapshot is not whole")];
  }

  #place(): Pick<ItemFacts, "connection" | "sender"> {
    const { connection, sender } = this.#options;
    return { connection, sender };
  }

  /** Nothing names the sections; how many bytes are left tells them apart (see the trailer in persistence). */
  #sectionExtent(queue: ByteQueue, isEnd: boolean): Extent {
    if (queue.length > ZXID_SECTION_BYTES) {
      this.#next = "digest";
      return digestExtent(queue);
    }
    if (!isEnd) return MORE;
    this.#next = queue.length === ZXID_SECTION_BYTES ? "lastProcessedZxid" : "digest";
    return this.#next === "digest" ? digestExtent(queue) : fixed(LONG_BYTES);
  }

  #layElement(element: Element, facts: Omit<ItemFacts, "kind" | "name">, bytes: Uint8Array): Item {
    switch (element) {
      case "fileHeader":
        this.#next = "sessions";
        return layHeader(facts, bytes);
      case "sessions":
      case "acls":
        return this.#layCount(element, facts, bytes);
      case "session":
        if (--this.#left === 0) this.#next = "acls";
        return laySession(facts, bytes);
      case "acl":
        if (--this.#left === 0) this.#next = "znode";
        return layAcl(facts, bytes);
      case "znode":
        return layZnode(facts, bytes);
      case "end": {
        this.#next = this.#options.isFile ? "seal" : "signature";
        const trace = new FieldTrace(bytes, facts.offset);
        trace.int("path", () => "bytes");
        trace.rest("path.text", "the end of the znodes");
        return traced({ ...facts, kind: "end", name: "end" }, trace, "the end of the znodes");
      }
      case "seal":
        return this.#laySeal(facts, bytes);
      case "digest":
        this.#next = "seal";
        return layDigest(facts, bytes);
      case "lastProcessedZxid": {
        this.#next = "seal";
        const trace = new FieldTrace(bytes, facts.offset);
        const zxid = trace.long("lastProcessedZxid", hexLong);
        const named = { ...facts, kind: "lastProcessedZxid", name: "lastProcessedZxid" } as const;
        return traced({ ...named, zxid }, trace, "", { lastProcessedZxid: hexLong(zxid ?? 0n) });
      }
      case "signature":
        this.#next = "nothing";
        return laySignature(facts, bytes);
      case "section":
      case "nothing": {
        const trace = new FieldTrace(bytes, facts.offset);
        const follow = bytes.length === 1 ? "follows" : "follow";
        trace.fail(`${quantity(bytes.length, "byte")} ${follow} the end of the snapshot`);
        trace.rest("undecoded");
        return traced({ ...facts, kind: "fault", name: "fault" }, trace, "not part of a snapshot");
      }
    }
  }

  #layCount(
    element: "sessions" | "acls",
    facts: Omit<ItemFacts, "kind" | "name">,
    bytes: Uint8Array,
  ): Item {
    const trace = new FieldTrace(bytes, facts.offset);
    const count = trace.int("count") ?? 0;
    this.#left = count;
    if (element === "sessions") this.#next = count > 0 ? "session" : "acls";
    else this.#next = count > 0 ? "acl" : "znode";
    return traced({ ...facts, kind: element, name: element }, trace, `count=${count}`, { count });
  }

  #laySeal(facts: Omit<ItemFacts, "kind" | "name">, bytes: Uint8Array): Item {
    this.#seals++;
    const trace = new FieldTrace(bytes, facts.offset);
    const expected = this.#adler.value;
    const found = trace.long("checksum", (value) =>
      value === expected ? "right" : `the bytes before have ${expected}`,
    );
    trace.int("mark", () => "bytes");
    const mark = trace.raw("mark.text", 1);
    if (found !== expected) {
      const damage = this.#isDamaged ? ", as is to be expected after damage" : "";
      const reason = `seal ${this.#seals} says ${found ?? "nothing"} where the checksum is ${expected}${damage}`;
      trace.fail(reason, { path: "checksum", offset: facts.offset });
    } else if (mark?.[0] !== SLASH) {
      trace.fail(`seal ${this.#seals} is not followed by "/"`, { path: "mark" });
    }
    this.#next =
      this.#seals === 1 ? "section" : this.#seals === 2 ? "lastProcessedZxid" : "nothing";
    return traced({ ...facts, kind: "seal", name: "seal" }, trace, `seal ${this.#seals}`);
  }
}

const expectations: Readonly<Record<Element, string>> = {
  fileHeader: "the header",
  sessions: "the number of sessions",
  session: "a session",
  acls: "the number of access control lists",
  acl: "an access control list",
  znode: "a znode",
  end: "the end of the znodes",
  seal: "a seal",
  section: "a digest",
  digest: "a digest",
  lastProcessedZxid: "the last processed zxid",
  signature: "the signature",
  nothing: "nothing",
};

function layHeader(facts: Omit<ItemFacts, "kind" | "name">, bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, facts.offset);
  const header = trace.record(FileHeader, "");
  if (header !== undefined && header.magic !== SNAPSHOT_MAGIC) {
    trace.fail("a snapshot begins with 5a4b534e, which is ZKSN", {
      path: "magic",
      offset: facts.offset,
    });
  }
  const detail = header === undefined ? "" : `snapshot version=${header.version}`;
  const json = { header: header?.toJSON() ?? null };
  return traced({ ...facts, kind: "fileHeader", name: "snapshot" }, trace, detail, json);
}

function laySession(facts: Omit<ItemFacts, "kind" | "name">, bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, facts.offset);
  const sessionId = trace.long("sessionId", hexLong);
  const timeoutMs = trace.int("timeoutMs", () => "ms");
  return traced(
    { ...facts, kind: "session", name: "session", sessionId },
    trace,
    `timeoutMs=${timeoutMs ?? "?"}`,
    { timeoutMs: timeoutMs ?? null },
  );
}

function layDigest(facts: Omit<ItemFacts, "kind" | "name">, bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, facts.offset);
  const zxid = trace.long("zxid", hexLong);
  const version = trace.int("version");
  let digest: string;
  if (version !== undefined && version < FIRST_BINARY_DIGEST) {
    trace.int("digest", () => "bytes");
    digest = utf8Text(trace.peek());
    trace.rest("digest.text", quotedText(digest));
  } else {
    digest = String(trace.long("digest", hexLong));
  }
  const json = { version: version ?? null, digest };
  const named = { ...facts, kind: "digest", name: "digest", zxid } as const;
  return traced(named, trace, `digest=${digest} version=${version ?? "?"}`, json);
}

function laySignature(facts: Omit<ItemFacts, "kind" | "name">, bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, facts.offset);
  trace.int("signature", () => "bytes");
  const text = textOf(trace.peek());
  if (text !== JSON.stringify(SNAPSHOT_STREAM_SIGNATURE)) {
    trace.fail(`the stream does not end with "${SNAPSHOT_STREAM_SIGNATURE}"`);
  }
  trace.rest("signature.text", text);
  return traced({ ...facts, kind: "signature", name: "signature" }, trace, text ?? "");
}

/** An item of a trace that has read all. */
function traced(
  facts: ItemFacts,
  trace: FieldTrace,
  detail: string,
  json: Item["json"] = {},
): Item {
  trace.finish();
  const { fields, faults } = trace;
  return new Item(facts, { fields, faults, paths: [], detail, json });
}

/** ZKSN */
const SNAPSHOT_MAGIC = 0x5a4b534e;
const NOTHING = new Uint8Array(0);
