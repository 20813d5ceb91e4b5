/** A sound record of a transaction log, read in place: nothing is taken apart before it is asked for. */
import { BinaryInputArchive } from "@jute-ts/runtime";
import { OpCode } from "@jute-ts/zookeeper";
import type { ItemFacts, Layout, QuickLook } from "../item.js";
import { errorName, opName } from "../meanings.js";
import type { TextSink } from "../output/text-sink.js";
import { type TxnParts, txnParts, writeTxnJson, writeTxnLine } from "./quick-txn.js";
import { TimeWriter } from "./time-writer.js";
import { intAt, longAt } from "./wire-cursor.js";

/** What all records of a log have in common. */
export class LogReading {
  readonly #archive = new BinaryInputArchive(undefined, {
    invalidUtf8: "replace",
    // It has been found that the text lies in the record.
    maxBuffer: 0x7fff_ffff,
  });
  readonly layRecord: (bytes: Uint8Array, offset: number) => Layout;
  readonly #times = new TimeWriter();

  /** `layRecord` takes a record apart as a whole. */
  constructor(layRecord: (bytes: Uint8Array, offset: number) => Layout) {
    this.layRecord = layRecord;
  }

  /** The text that begins here, after its length, as Java reads it. */
  text(bytes: Uint8Array, start: number): string {
    const archive = this.#archive;
    archive.reset(bytes);
    archive.position = start - LENGTH_BYTES;
    return archive.readString() ?? "";
  }

  /** The time in UTC as lines show it. */
  writeTime(timeMs: number, sink: TextSink): boolean {
    return this.#times.write(timeMs, sink);
  }
}

export class LogTxn implements ItemFacts, QuickLook {
  readonly kind = "txn";
  readonly #reading: LogReading;
  /** Of the chunk that has the record from `#start` to `#end`. */
  readonly #chunk: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly offset: number;
  readonly opCode: number;
  /** Null: only the layout knows. */
  #parts: TxnParts | null | undefined;
  #paths: readonly string[] | undefined;

  constructor(reading: LogReading, chunk: Uint8Array, start: number, end: number, offset: number) {
    this.#reading = reading;
    this.#chunk = chunk;
    this.#start = start;
    this.#end = end;
    this.offset = offset;
    this.opCode = intAt(chunk, start + HEAD_BYTES + TYPE_AT);
  }

  get name(): string {
    return opName(this.opCode);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  get bytes(): Uint8Array {
    return this.#chunk.subarray(this.#start, this.#end);
  }

  get xid(): number {
    return intAt(this.#chunk, this.#start + HEAD_BYTES + CXID_AT);
  }

  get zxid(): bigint {
    return longAt(this.#chunk, this.#start + HEAD_BYTES + ZXID_AT);
  }

  get sessionId(): bigint {
    return longAt(this.#chunk, this.#start + HEAD_BYTES);
  }

  get timeMs(): number {
    const at = this.#start + HEAD_BYTES + TIME_AT;
    return intAt(this.#chunk, at) * TWO_32 + (intAt(this.#chunk, at + 4) >>> 0);
  }

  get err(): number | undefined {
    const at = HEAD_BYTES + HEADER_BYTES;
    const hasError = this.opCode === OpCode.error && this.length >= at + 4 + TAIL_BYTES;
    return hasError ? intAt(this.#chunk, this.#start + at) : undefined;
  }

  layout(): Layout {
    return this.#reading.layRecord(this.bytes, this.offset);
  }

  isSound(): boolean {
    return this.#found() !== null;
  }

  eachPath(visit: (bytes: Uint8Array, start: number, end: number) => void): boolean {
    const places = this.#found()?.paths;
    if (places === undefined) return false;
    for (let index = 0; index + 1 < places.length; index += 2) {
      visit(this.#chunk, places[index] ?? 0, places[index + 1] ?? 0);
    }
    return true;
  }

  paths(): readonly string[] | undefined {
    const parts = this.#found();
    if (parts === null) return undefined;
    this.#paths ??= this.#readPaths(parts.paths);
    return this.#paths;
  }

  innerOps(): readonly string[] | undefined {
    return this.#found()?.innerTypes.map(opName);
  }

  writeLine(sink: TextSink): boolean {
    const parts = this.#found();
    if (parts === null) return false;
    const chunk = this.#chunk;
    const txn = this.#start + HEAD_BYTES;
    if (!this.#reading.writeTime(this.timeMs, sink)) return false;
    sink.text("  ");
    // In files that are longer than 4 GiB there are more digits.
    if (this.offset < TWO_32) sink.hex(this.offset, 8);
    else sink.text(this.offset.toString(16));
    sink.text("  txn ");
    sink.text(this.name);
    sink.text(" zxid=");
    sink.hexLong(intAt(chunk, txn + ZXID_AT), intAt(chunk, txn + ZXID_AT + 4));
    const high = intAt(chunk, txn);
    const low = intAt(chunk, txn + 4);
    if (high !== 0 || low !== 0) {
      sink.text(" session=");
      sink.hexLong(high, low);
    }
    sink.text(" xid=");
    sink.decimal(this.xid);
    sink.text("  ");
    return writeTxnLine(chunk, txn, parts, sink);
  }

  writeJson(sink: TextSink): boolean {
    const parts = this.#found();
    if (parts === null) return false;
    const chunk = this.#chunk;
    const txn = this.#start + HEAD_BYTES;
    sink.text('{"kind":"txn","name":"');
    sink.text(this.name);
    sink.text('","offset":');
    sink.decimal(this.offset);
    sink.text(',"length":');
    sink.decimal(this.length);
    sink.text(',"timeMs":');
    sink.text(String(this.timeMs));
    sink.text(',"opCode":');
    sink.decimal(this.opCode);
    sink.text(',"xid":');
    sink.decimal(this.xid);
    sink.text(',"zxid":"');
    sink.hexLong(intAt(chunk, txn + ZXID_AT), intAt(chunk, txn + ZXID_AT + 4));
    sink.text('","session":"');
    sink.hexLong(intAt(chunk, txn), intAt(chunk, txn + 4));
    sink.text('",');
    const { err } = this;
    if (err !== undefined) sink.text(`"err":${err},`);
    if (err !== undefined && err !== 0) sink.text(`"error":"${errorName(err)}",`);
    if (!writePaths(chunk, parts.paths, sink)) return false;
    const end = this.#end - TAIL_BYTES;
    if (!writeTxnJson(chunk, txn, end, parts, sink)) return false;
    sink.text("}");
    return true;
  }

  #found(): TxnParts | null {
    if (this.#parts === undefined) {
      const start = this.#start + HEAD_BYTES;
      this.#parts = txnParts(this.#chunk, start, this.#end - TAIL_BYTES) ?? null;
    }
    return this.#parts;
  }

  #readPaths(places: readonly number[]): readonly string[] {
    if (places.length === 0) return NO_PATHS;
    const paths: string[] = [];
    for (let index = 0; index + 1 < places.length; index += 2) {
      paths.push(this.#reading.text(this.#chunk, places[index] ?? 0));
    }
    return paths;
  }
}

/** The member `paths` with a comma after it, if there are any. */
function writePaths(bytes: Uint8Array, places: readonly number[], sink: TextSink): boolean {
  if (places.length === 0) return true;
  sink.text('"paths":');
  for (let index = 0; index + 1 < places.length; index += 2) {
    sink.text(index === 0 ? "[" : ",");
    if (!sink.jsonText(bytes, places[index] ?? 0, places[index + 1] ?? 0)) return false;
  }
  sink.text("],");
  return true;
}

const LENGTH_BYTES = 4;
const NO_PATHS: readonly string[] = [];
const TWO_32 = 4_294_967_296;

/** In front of the txn its checksum and length, after it a mark. */
const HEAD_BYTES = 12;
const TAIL_BYTES = 1;

/** Of a TxnHeader, the places of its fields and the size. */
const CXID_AT = 8;
const ZXID_AT = 12;
const TIME_AT = 20;
const TYPE_AT = 28;
const HEADER_BYTES = 32;
