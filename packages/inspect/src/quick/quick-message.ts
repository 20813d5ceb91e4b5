/**
 * Requests and responses that are as they should be, by their bytes: what lines, JSON, filters and
 * summaries need of the millions that a capture has. What is unusual is left to the layout.
 */
import type { AnyRecordType } from "@jute-ts/runtime";
import { requestRecordType, responseRecordType } from "@jute-ts/zookeeper";
import {
  type Connection,
  Item,
  type ItemFacts,
  type Layout,
  type QuickLook,
  type Sender,
} from "../item.js";
import { errorName, opName } from "../meanings.js";
import type { MessageSource } from "../messages/message.js";
import { utf8Text } from "../messages/text.js";
import { writeFactsJson, writeFactsLine } from "../output/facts.js";
import type { TextSink } from "../output/text-sink.js";
import { writeRecordJson } from "./record-json.js";
import { writeRecordLine } from "./record-line.js";
import { type RecordPlan, recordPlan } from "./record-plan.js";
import { skipRecord } from "./skip-record.js";
import { intAt, longAt, WireCursor } from "./wire-cursor.js";
import { quotedText } from "../shown-text.js";

/** The request, if nothing is wrong with it; undefined where only the layout can say. */
export function quickRequest(source: MessageSource, layout: () => Layout): Item | undefined {
  const { bytes } = source;
  const at = source.framed === true ? FRAME_BYTES : 0;
  const bodyAt = at + REQUEST_HEADER_BYTES;
  if (bytes.length < bodyAt) return undefined;
  const opCode = intAt(bytes, at + 4);
  const body = bodyOf(source, bodyAt, planOf(requestPlans, opCode, requestRecordType));
  if (body === undefined) return undefined;
  const header = { kind: "request", opCode, xid: intAt(bytes, at) } as const;
  const message = new QuickMessage(source, header, body, NO_PATHS, layout);
  return new Item(message, message);
}

/** The response to a request with this op code and these paths. */
export function quickResponse(
  source: MessageSource,
  request: { readonly opCode: number; readonly paths: readonly string[] },
  layout: () => Layout,
): Item | undefined {
  const { bytes } = source;
  const at = source.framed === true ? FRAME_BYTES : 0;
  const bodyAt = at + REPLY_HEADER_BYTES;
  if (bytes.length < bodyAt) return undefined;
  const { opCode } = request;
  const err = intAt(bytes, at + 12);
  // After an error there is nothing.
  const plan = err === 0 ? planOf(responsePlans, opCode, responseRecordType) : null;
  const body = bodyOf(source, bodyAt, plan);
  if (body === undefined) return undefined;
  const numbers = { xid: intAt(bytes, at), zxid: longAt(bytes, at + 4), err };
  const header = { kind: "response", opCode, ...numbers } as const;
  const message = new QuickMessage(source, header, body, request.paths, layout);
  return new Item(message, message);
}

interface Header {
  readonly kind: "request" | "response";
  readonly opCode: number;
  readonly xid: number;
  readonly zxid?: bigint;
  readonly err?: number;
}

interface Body {
  readonly at: number;
  /** Null: there is none. */
  readonly plan: RecordPlan | null;
  /** The start and end of each path that it names, in pairs. */
  readonly places: readonly number[];
}

class QuickMessage implements ItemFacts, QuickLook {
  readonly kind: "request" | "response";
  readonly name: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly opCode: number;
  readonly xid: number;
  readonly zxid: bigint | undefined;
  readonly err: number | undefined;
  readonly timeMs: number | undefined;
  readonly latencyMs: number | undefined;
  readonly sessionId: bigint | undefined;
  readonly connection: Connection | undefined;
  readonly sender: Sender | undefined;
  readonly #body: Body;
  /** Of the request, where the body names none. */
  readonly #requestPaths: readonly string[];
  readonly #layout: () => Layout;
  #paths: readonly string[] | undefined;

  constructor(
    source: MessageSource,
    { kind, opCode, xid, zxid, err }: Header,
    body: Body,
    requestPaths: readonly string[],
    layout: () => Layout,
  ) {
    this.kind = kind;
    this.name = opName(opCode);
    this.offset = source.offset;
    this.bytes = source.bytes;
    this.opCode = opCode;
    this.xid = xid;
    this.zxid = zxid;
    this.err = err;
    this.timeMs = source.timeMs;
    this.latencyMs = source.latencyMs;
    this.sessionId = source.sessionId;
    this.connection = source.connection;
    this.sender = source.sender;
    this.#body = body;
    this.#requestPaths = requestPaths;
    this.#layout = layout;
  }

  get length(): number {
    return this.bytes.length;
  }

  layout(): Layout {
    return this.#layout();
  }

  isSound(): boolean {
    return true;
  }

  paths(): readonly string[] {
    this.#paths ??= this.#readPaths();
    return this.#paths;
  }

  /** Those with parts are left to the layout. */
  innerOps(): readonly string[] {
    return NO_OPS;
  }

  eachPath(visit: (bytes: Uint8Array, start: number, end: number) => void): boolean {
    const { places } = this.#body;
    if (places.length === 0) return this.#requestPaths.length === 0;
    for (let index = 0; index + 1 < places.length; index += 2) {
      visit(this.bytes, places[index] ?? 0, places[index + 1] ?? 0);
    }
    return true;
  }

  writeLine(sink: TextSink): boolean {
    const { err } = this;
    const separator = "  ";
    writeFactsLine(this, sink);
    sink.text(separator);
    const start = sink.length;
    if (err !== undefined && err !== 0) sink.text(errorName(err));
    const [path] = this.#body.places.length > 0 ? NO_PATHS : this.#requestPaths;
    if (path !== undefined) {
      if (sink.length > start) sink.text(" ");
      sink.text(`path=${quotedText(path)}`);
    }
    const { at, plan } = this.#body;
    if (plan !== null) {
      if (sink.length > start) sink.text(" ");
      if (!writeRecordLine(plan, this.#cursor(at), sink)) return false;
    }
    if (sink.length === start) sink.truncate(start - separator.length);
    if (this.latencyMs !== undefined) sink.text(`${separator}${this.latencyMs.toFixed(3)} ms`);
    return true;
  }

  writeJson(sink: TextSink): boolean {
    writeFactsJson(this, sink);
    if (!this.#writePathsJson(sink)) return false;
    sink.text('"body":');
    const { at, plan } = this.#body;
    if (plan === null) sink.text("null");
    else if (!writeRecordJson(plan, this.#cursor(at), sink)) return false;
    sink.text("}");
    return true;
  }

  #cursor(at: number): WireCursor {
    return new WireCursor(this.bytes, at, this.bytes.length);
  }

  #writePathsJson(sink: TextSink): boolean {
    const { places } = this.#body;
    if (places.length === 0) {
      if (this.#requestPaths.length > 0) {
        sink.text(`"paths":${JSON.stringify(this.#requestPaths)},`);
      }
      return true;
    }
    for (let index = 0; index + 1 < places.length; index += 2) {
      sink.text(index === 0 ? '"paths":[' : ",");
      if (!sink.jsonText(this.bytes, places[index] ?? 0, places[index + 1] ?? 0)) return false;
    }
    sink.text("],");
    return true;
  }

  #readPaths(): readonly string[] {
    const { places } = this.#body;
    if (places.length === 0) return this.#requestPaths;
    const paths: string[] = [];
    for (let index = 0; index + 1 < places.length; index += 2) {
      paths.push(utf8Text(this.bytes.subarray(places[index], places[index + 1])));
    }
    return paths;
  }
}

/** The body, if a record of this plan fills what follows the header. Undefined plan: only the layout reads it. */
function bodyOf(
  { bytes }: MessageSource,
  at: number,
  plan: RecordPlan | null | undefined,
): Body | undefined {
  if (plan === undefined) return undefined;
  if (plan === null) return at === bytes.length ? { at, plan, places: NO_PLACES } : undefined;
  const places: number[] = [];
  const cursor = new WireCursor(bytes, at, bytes.length);
  const isWhole = skipRecord(plan, cursor, places) && cursor.at === bytes.length;
  return isWhole ? { at, plan, places } : undefined;
}

/** Null: the op has no body. */
function planOf(
  plans: Map<number, RecordPlan | null>,
  opCode: number,
  recordType: (code: number) => AnyRecordType | null | undefined,
): RecordPlan | null | undefined {
  const known = plans.get(opCode);
  if (known !== undefined) return known;
  const type = recordType(opCode);
  const plan = type === undefined || type === null ? type : recordPlan(type);
  // Numbers that no op has are not remembered.
  if (plan !== undefined) plans.set(opCode, plan);
  return plan;
}

const requestPlans = new Map<number, RecordPlan | null>();
const responsePlans = new Map<number, RecordPlan | null>();

const FRAME_BYTES = 4;
const REQUEST_HEADER_BYTES = 8;
const REPLY_HEADER_BYTES = 16;
const NO_PATHS: readonly string[] = [];
const NO_PLACES: readonly number[] = [];
const NO_OPS: readonly string[] = [];
