/** The messages between a client and a server, field by field: what `@jute-ts/zookeeper` decodes, with the place of each value. */
import { type AnyRecordType, type JsonValue, type JuteRecord, toBase64 } from "@jute-ts/runtime";
import {
  ConnectRequest,
  ConnectResponse,
  ErrorResponse,
  isMultiOpCode,
  MultiHeader,
  type MultiOpCode,
  multiOperationRecordType,
  multiResultRecordType,
  OpCode,
  ReplyHeader,
  RequestHeader,
  requestRecordType,
  responseRecordType,
  WatcherEvent,
} from "@jute-ts/zookeeper";
import { describeRecord } from "../describe.js";
import { FieldTrace } from "../field-trace.js";
import type { Item } from "../item.js";
import { errorName, opName } from "../meanings.js";
import { quickRequest, quickResponse } from "../quick/quick-message.js";
import {
  joined,
  messageItem,
  type MessageSource,
  partialLayout,
  pathsOf,
  traceFrame,
} from "./message.js";
import { quotedText } from "../shown-text.js";

/** A client's first message. */
export function layConnectRequest(source: MessageSource): Item {
  return layConnect(source, ConnectRequest, "connectRequest");
}

/** A server's first message. */
export function layConnectResponse(source: MessageSource): Item {
  return layConnect(source, ConnectResponse, "connectResponse");
}

/** A request: its header, and what its op code asks for. */
export function layRequest(source: MessageSource): Item {
  const quick =
    source.missing === undefined ? quickRequest(source, () => wholeRequest(source)) : undefined;
  return quick ?? wholeRequest(source);
}

function wholeRequest(source: MessageSource): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  traceFrame(trace, source);
  const header = trace.record(RequestHeader, "header.");
  const body = header === undefined ? NO_BODY : layRequestBody(trace, header.type);
  const name = header === undefined ? "request" : opName(header.type);
  const facts = { kind: "request", name, opCode: header?.type, xid: header?.xid } as const;
  return messageItem(source, facts, trace, { ...body, json: { body: body.json } });
}

/** A response to a request with this op code. Undefined: its request was not seen, so its body cannot be read. */
export function layResponse(source: MessageSource, request: RequestFacts | undefined): Item {
  const whole = (): Item => wholeResponse(source, request);
  const isQuick = request !== undefined && source.missing === undefined;
  return (isQuick ? quickResponse(source, request, whole) : undefined) ?? whole();
}

function wholeResponse(source: MessageSource, request: RequestFacts | undefined): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  traceFrame(trace, source);
  const header = trace.record(ReplyHeader, "header.");
  const opCode = request?.opCode;
  const facts = {
    kind: "response",
    name: opCode === undefined ? "response" : opName(opCode),
    opCode,
    xid: header?.xid,
    zxid: header?.zxid,
  } as const;
  let body = NO_BODY;
  let err = header?.err;
  let undecoded: Uint8Array = NOTHING;
  if (header !== undefined && (opCode === undefined || header.err !== 0)) {
    undecoded = trace.peek();
    trace.rest("body", header.err === 0 ? "of a request that was not seen" : "after an error");
  } else if (header !== undefined) {
    const laid = layResponseBody(trace, opCode ?? 0);
    body = laid.body;
    err = laid.err;
  }
  const paths = body.paths.length > 0 ? body.paths : (request?.paths ?? []);
  const shownPath = body.paths.length > 0 ? undefined : pathText(request?.paths);
  const detail = joined(
    err === undefined || err === 0 ? "" : errorName(err),
    shownPath,
    body.detail,
  );
  const rest = undecoded.length === 0 ? {} : { undecoded: toBase64(undecoded) };
  return messageItem(source, { ...facts, err }, trace, {
    paths,
    innerOps: body.innerOps,
    detail,
    json: { body: body.json, ...rest },
  });
}

/** What a response takes over from its request. */
export interface RequestFacts {
  readonly opCode: number;
  readonly paths: readonly string[];
}

/** A watch that fired. */
export function layEvent(source: MessageSource): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  traceFrame(trace, source);
  const header = trace.record(ReplyHeader, "header.");
  const event = trace.record(WatcherEvent, "event.");
  const facts = { kind: "event", name: "event", xid: header?.xid, zxid: header?.zxid } as const;
  return messageItem(source, facts, trace, {
    paths: event === undefined ? [] : pathsOf(event),
    detail: event === undefined ? "" : describeRecord(event),
    json: { event: event?.toJSON() ?? null },
  });
}

/** What a part of a multi became. */
interface PartLayout extends BodyLayout {
  readonly op: string;
  /** How lines call it: by its op, or by its error. */
  readonly name: string;
}

/** What a body became. */
export interface BodyLayout {
  readonly paths: readonly string[];
  readonly innerOps?: readonly string[] | undefined;
  readonly detail: string;
  readonly json: JsonValue;
}

/** Takes apart what follows the header of a request with this op code. */
export function layRequestBody(trace: FieldTrace, opCode: number): BodyLayout {
  if (isMultiOpCode(opCode)) return layOperations(trace, opCode);
  const type = requestRecordType(opCode);
  if (type === undefined) {
    if (trace.left > 0 || opCode !== OpCode.createSession) {
      trace.fail(`op code ${opCode} has no meaning in a request`, { path: "header.type" });
    }
    return NO_BODY;
  }
  return type === null ? NO_BODY : layRecord(trace, type, "body.");
}

function layConnect(
  source: MessageSource,
  type: AnyRecordType<ConnectRequest> | AnyRecordType<ConnectResponse>,
  kind: "connectRequest" | "connectResponse",
): Item {
  const trace = new FieldTrace(source.bytes, source.offset);
  traceFrame(trace, source);
  const record: ConnectRequest | ConnectResponse | undefined = trace.record<
    ConnectRequest | ConnectResponse
  >(type, "");
  const zxid = record instanceof ConnectRequest ? record.lastZxidSeen : undefined;
  const facts = { kind, name: "connect", zxid, sessionId: record?.sessionId } as const;
  return messageItem(source, facts, trace, {
    detail: record === undefined ? "" : describeRecord(record, SHOWN_BEFORE),
    json: { body: record?.toJSON() ?? null },
  });
}

function layOperations(trace: FieldTrace, multi: MultiOpCode): BodyLayout {
  const parts: PartLayout[] = [];
  for (;;) {
    const prefix = `body[${parts.length}].`;
    const header = trace.record(MultiHeader, `${prefix}header.`);
    if (header === undefined || header.done) break;
    const type = multiOperationRecordType(multi, header.type);
    if (type === undefined) {
      trace.fail(`op code ${header.type} has no meaning in a multi`, {
        path: `${prefix}header.type`,
      });
      break;
    }
    const op = opName(header.type);
    const { json, ...part } = layRecord(trace, type, prefix);
    parts.push({ op, name: op, ...part, json: { op, body: json } });
  }
  return partsLayout(parts);
}

function layResponseBody(
  trace: FieldTrace,
  opCode: number,
): { readonly body: BodyLayout; readonly err: number } {
  if (isMultiOpCode(opCode)) return layResults(trace, opCode);
  const type = responseRecordType(opCode);
  if (type === undefined) {
    trace.rest("body", "of an op whose response is unknown");
    return { body: NO_BODY, err: 0 };
  }
  return { body: type === null ? NO_BODY : layRecord(trace, type, "body."), err: 0 };
}

function layResults(
  trace: FieldTrace,
  multi: MultiOpCode,
): { readonly body: BodyLayout; readonly err: number } {
  const parts: PartLayout[] = [];
  let failure = 0;
  for (;;) {
    const prefix = `body[${parts.length}].`;
    const header = trace.record(MultiHeader, `${prefix}header.`);
    if (header === undefined || header.done) break;
    const type = multiResultRecordType(multi, header.type);
    if (type === undefined) {
      trace.fail(`op code ${header.type} has no meaning in the response of a multi`, {
        path: `${prefix}header.type`,
      });
      break;
    }
    const op = opName(header.type);
    if (type === null) {
      parts.push({ ...NO_BODY, op, name: op, json: { op, body: null } });
      continue;
    }
    const record = trace.record(type, prefix);
    if (record instanceof ErrorResponse) {
      if (failure === 0) failure = record.err;
      parts.push({ ...NO_BODY, op, name: errorName(record.err), json: { op, err: record.err } });
    } else {
      const { json, ...body } = recordLayout(record);
      parts.push({ op, name: op, ...body, json: { op, body: json } });
    }
  }
  // A multi is one change, so it fails as a whole. A multiRead does not.
  return { body: partsLayout(parts), err: multi === OpCode.multi ? failure : 0 };
}

function partsLayout(parts: readonly PartLayout[]): BodyLayout {
  return {
    paths: parts.flatMap(({ paths }) => paths),
    innerOps: parts.map(({ op }) => op),
    detail: parts.map(({ name, detail }) => `{${joined(name, detail)}}`).join(" "),
    json: parts.map(({ json }) => json),
  };
}

function layRecord(trace: FieldTrace, type: AnyRecordType, prefix: string): BodyLayout {
  const from = trace.fields.length;
  const record = trace.record(type, prefix);
  if (record === undefined) return { ...NO_BODY, ...partialLayout(trace, from, prefix, type) };
  return recordLayout(record);
}

function recordLayout(record: JuteRecord | undefined): BodyLayout {
  if (record === undefined) return NO_BODY;
  return { paths: pathsOf(record), detail: describeRecord(record), json: record.toJSON() };
}

function pathText(paths: readonly string[] | undefined): string | undefined {
  const [path] = paths ?? [];
  return path === undefined ? undefined : `path=${quotedText(path)}`;
}

const NOTHING = new Uint8Array(0);
const NO_BODY: BodyLayout = { paths: [], detail: "", json: null };

/** What a line shows in columns of its own. */
const SHOWN_BEFORE: ReadonlySet<string> = new Set(["sessionId", "protocolVersion", "lastZxidSeen"]);
