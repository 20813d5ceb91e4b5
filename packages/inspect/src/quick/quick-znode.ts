/** A znode of a snapshot, read in place: its extent was followed, so nothing can be wrong with it. */
import { StatPersisted } from "@jute-ts/zookeeper";
import { SHOWN_BYTES } from "../describe.js";
import type { Connection, ItemFacts, Layout, QuickLook, Sender } from "../item.js";
import { hexLong, isTextByte } from "../meanings.js";
import { utf8Text } from "../messages/text.js";
import { writeFactsJson, writeFactsLine } from "../output/facts.js";
import type { TextSink } from "../output/text-sink.js";
import { writeRecordJson } from "./record-json.js";
import { type RecordPlan, recordPlan } from "./record-plan.js";
import { intAt, longAt, WireCursor } from "./wire-cursor.js";
import { isPlainText } from "../shown-text.js";

export class QuickZnode implements ItemFacts, QuickLook {
  readonly kind = "znode";
  readonly name = "znode";
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly connection: Connection | undefined;
  readonly sender: Sender | undefined;
  readonly #timeMs: number | undefined;
  readonly #layout: (znode: QuickZnode) => Layout;

  /** `facts.timeMs`: when it was sent; undefined in a file. */
  constructor(
    facts: Omit<ItemFacts, "kind" | "name">,
    bytes: Uint8Array,
    layout: (znode: QuickZnode) => Layout,
  ) {
    this.offset = facts.offset;
    this.length = facts.length;
    this.bytes = bytes;
    this.connection = facts.connection;
    this.sender = facts.sender;
    this.#timeMs = facts.timeMs;
    this.#layout = layout;
  }

  get zxid(): bigint {
    return longAt(this.bytes, this.#statAt + MZXID_AT);
  }

  /** In a file the time is that of the change; in a capture, that of the message. */
  get timeMs(): number {
    return this.#timeMs ?? Number(longAt(this.bytes, this.#statAt + MTIME_AT));
  }

  get path(): string {
    const text = utf8Text(this.bytes.subarray(LENGTH_BYTES, this.#pathEnd));
    return text === "" ? "/" : text;
  }

  layout(): Layout {
    return this.#layout(this);
  }

  isSound(): boolean {
    return true;
  }

  paths(): readonly string[] {
    return [this.path];
  }

  innerOps(): readonly string[] {
    return NO_OPS;
  }

  writeLine(sink: TextSink): boolean {
    const { bytes } = this;
    const pathEnd = this.#pathEnd;
    writeFactsLine(this, sink);
    sink.text("  ");
    if (pathEnd === LENGTH_BYTES) sink.text('"/"');
    else if (
      !isPlainText(bytes, LENGTH_BYTES, pathEnd) ||
      !sink.jsonText(bytes, LENGTH_BYTES, pathEnd)
    ) {
      return false;
    }
    sink.text(" data=");
    writeData(bytes, pathEnd, sink);
    sink.text(" version=");
    sink.decimal(intAt(bytes, this.#statAt + VERSION_AT));
    const owner = longAt(bytes, this.#statAt + OWNER_AT);
    if (owner !== 0n) sink.text(` ephemeralOwner=${hexLong(owner)}`);
    return true;
  }

  writeJson(sink: TextSink): boolean {
    const { bytes } = this;
    const pathEnd = this.#pathEnd;
    const isRoot = pathEnd === LENGTH_BYTES;
    writeFactsJson(this, sink);
    sink.text('"paths":[');
    if (isRoot) sink.text('"/"');
    else if (!sink.jsonText(bytes, LENGTH_BYTES, pathEnd)) return false;
    sink.text('],"path":');
    if (!sink.jsonText(bytes, LENGTH_BYTES, pathEnd)) return false;
    sink.text(',"data":');
    const dataLength = intAt(bytes, pathEnd);
    const dataAt = pathEnd + LENGTH_BYTES;
    if (dataLength < 0) sink.text("null");
    else {
      sink.text('"');
      sink.base64(bytes, dataAt, dataAt + dataLength);
      sink.text('"');
    }
    const aclAt = this.#statAt - ACL_ID_BYTES;
    sink.text(',"aclId":"');
    sink.long(intAt(bytes, aclAt), intAt(bytes, aclAt + 4));
    sink.text('","stat":');
    const stat = new WireCursor(bytes, this.#statAt, bytes.length);
    if (STAT === undefined || !writeRecordJson(STAT, stat, sink)) return false;
    sink.text("}");
    return true;
  }

  get #pathEnd(): number {
    return LENGTH_BYTES + intAt(this.bytes, 0);
  }

  get #statAt(): number {
    return this.bytes.length - STAT_BYTES;
  }
}

/** As `describeBytes` shows what lies here after its length. */
function writeData(bytes: Uint8Array, at: number, sink: TextSink): void {
  const length = intAt(bytes, at);
  const start = at + LENGTH_BYTES;
  if (length < 0) sink.text("null");
  else if (length === 0 || length > SHOWN_BYTES || !isText(bytes, start, start + length)) {
    sink.decimal(length);
    sink.text(length === 1 ? " byte" : " bytes");
  } else sink.jsonText(bytes, start, start + length);
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isTextByte(bytes[at] ?? 0)) return false;
  return true;
}

const STAT: RecordPlan | undefined = recordPlan(StatPersisted);
const NO_OPS: readonly string[] = [];
const LENGTH_BYTES = 4;
const ACL_ID_BYTES = 8;
/** Of a StatPersisted, the size and the places of fields. */
const STAT_BYTES = 60;
const MZXID_AT = 8;
const MTIME_AT = 24;
const VERSION_AT = 32;
const OWNER_AT = 44;
