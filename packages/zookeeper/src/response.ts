/**
 * Responses: what a server answers, and the events that it sends unasked. Each
 * is a ReplyHeader and the body that the op code of the request asks for. The op
 * code does not travel back: a client finds it by the xid, or by the order of
 * its requests.
 */
import { type AnyRecordType, JuteDecodeError, type ReadOptions } from "@jute-ts/runtime";
import {
  abandonReading,
  explainFrame,
  finishMessage,
  finishReading,
  isFramed,
  type MessageSource,
  type MessageWriteOptions,
  peekRecord,
  recordFrom,
  startMessage,
  startReading,
  writeHeader,
} from "./message-archives.js";
import {
  isMultiOpCode,
  type MultiReadResult,
  type MultiReadResultInit,
  type MultiResult,
  type MultiResultInit,
  prepareResults,
  readResults,
  writeParts,
} from "./multi.js";
import { OpCode } from "./op-code.js";
import type { InitOf, RecordOf } from "./record-types.js";
import {
  Create2Response,
  CreateResponse,
  ErrorResponse,
  ExistsResponse,
  GetACLResponse,
  GetAllChildrenNumberResponse,
  GetChildren2Response,
  GetChildrenResponse,
  GetDataResponse,
  GetEphemeralsResponse,
  ReplyHeader,
  SetACLResponse,
  SetDataResponse,
  SetSASLResponse,
  SyncResponse,
  WatcherEvent,
  type WatcherEventInit,
  WhoAmIResponse,
} from "./records.js";
import { UnknownOpCodeError } from "./unknown-op-code.js";
import { Xid } from "./xid.js";

/** The record that answers each op; null for an op that is answered by a header alone. */
export interface ResponseTypes {
  [OpCode.create]: typeof CreateResponse;
  [OpCode.delete]: null;
  [OpCode.exists]: typeof ExistsResponse;
  [OpCode.getData]: typeof GetDataResponse;
  [OpCode.setData]: typeof SetDataResponse;
  [OpCode.getACL]: typeof GetACLResponse;
  [OpCode.setACL]: typeof SetACLResponse;
  [OpCode.getChildren]: typeof GetChildrenResponse;
  [OpCode.sync]: typeof SyncResponse;
  [OpCode.ping]: null;
  [OpCode.getChildren2]: typeof GetChildren2Response;
  [OpCode.create2]: typeof Create2Response;
  [OpCode.reconfig]: typeof GetDataResponse;
  [OpCode.checkWatches]: null;
  [OpCode.removeWatches]: null;
  [OpCode.createContainer]: typeof Create2Response;
  [OpCode.deleteContainer]: null;
  [OpCode.createTTL]: typeof Create2Response;
  [OpCode.auth]: null;
  [OpCode.setWatches]: null;
  [OpCode.sasl]: typeof SetSASLResponse;
  [OpCode.getEphemerals]: typeof GetEphemeralsResponse;
  [OpCode.getAllChildrenNumber]: typeof GetAllChildrenNumberResponse;
  [OpCode.setWatches2]: null;
  [OpCode.addWatch]: typeof ErrorResponse;
  [OpCode.whoAmI]: typeof WhoAmIResponse;
  [OpCode.closeSession]: null;
}

/** What the lists of results hold. */
interface MultiResponseBodies {
  [OpCode.multi]: MultiResult[];
  [OpCode.multiRead]: MultiReadResult[];
}

/** What the lists of results may be made of. */
interface MultiResponseInits {
  [OpCode.multi]: readonly MultiResultInit[];
  [OpCode.multiRead]: readonly MultiReadResultInit[];
}

/** The op codes that have a response. `check` and `createSession` have none of their own. */
export type ResponseOpCode = keyof ResponseTypes | keyof MultiResponseBodies;

/** What follows the header of such a response when there was no error. */
export type ResponseBody<C extends ResponseOpCode> = C extends keyof MultiResponseBodies
  ? MultiResponseBodies[C]
  : C extends keyof ResponseTypes
    ? RecordOf<ResponseTypes[C]>
    : never;

/** What `encodeResponse` takes as the body of such a response: a record, or a plain object with its fields. */
export type ResponseBodyInit<C extends ResponseOpCode> = C extends keyof MultiResponseInits
  ? MultiResponseInits[C]
  : C extends keyof ResponseTypes
    ? InitOf<ResponseTypes[C]>
    : never;

/** The op codes whose response is a header alone. */
export type BodilessResponseOpCode = {
  [C in keyof ResponseTypes]: ResponseTypes[C] extends null ? C : never;
}[keyof ResponseTypes];

/** The server did as asked. */
export interface ResponseSuccess<Body> {
  readonly ok: true;
  readonly xid: number;
  /** The newest zxid that the server has applied. */
  readonly zxid: bigint;
  readonly err: 0;
  readonly body: Body;
}

/** The server did not. A body after an error in the header has been passed over: nothing in it can be relied upon. */
export interface ResponseFailure<Body = null> {
  readonly ok: false;
  readonly xid: number;
  readonly zxid: bigint;
  /** Not 0; see `describeErrorCode`. */
  readonly err: number;
  /** Of a multi that failed in one of its parts, what became of each; otherwise null. */
  readonly body: Body;
}

/**
 * A decoded response to a request with this op code. A multi is one change: when a
 * part of it failed, the whole did, and `err` is the error of the part to blame,
 * though the header on the wire has none. The parts of a multiRead stand for
 * themselves.
 */
export type ResponseMessage<C extends ResponseOpCode> =
  | ResponseSuccess<ResponseBody<C>>
  | ResponseFailure<C extends typeof OpCode.multi ? ResponseBody<C> | null : null>;

/** The last arguments of `encodeResponse`: the body, which may be left out where the op has none, and options. */
export type ResponseContent<C extends ResponseOpCode> = C extends BodilessResponseOpCode
  ? [body?: null, options?: MessageWriteOptions]
  : [body: ResponseBodyInit<C>, options?: MessageWriteOptions];

/** What a server says in the header of a response. */
export interface ReplyTo {
  /** The xid of the request. */
  readonly xid: number;
  /** The newest zxid that the server has applied. */
  readonly zxid: bigint;
}

/**
 * Encodes the response to a request that succeeded. The result is the caller's.
 * Throws JuteEncodeError for a value that the record does not allow.
 */
export function encodeResponse<C extends ResponseOpCode>(
  type: C,
  reply: ReplyTo,
  ...content: ResponseContent<C>
): Uint8Array;
export function encodeResponse(
  type: ResponseOpCode,
  reply: ReplyTo,
  body: unknown = null,
  options?: MessageWriteOptions,
): Uint8Array {
  const { xid, zxid } = reply;
  const header = new ReplyHeader({ xid, zxid, err: 0 });
  if (isMultiOpCode(type)) {
    const results = prepareResults(type, body as readonly MultiResultInit[]);
    const output = startMessage(options);
    writeHeader(output, ReplyHeader, header);
    writeParts(output, results);
    return finishMessage(output, options);
  }
  const recordType = responseType(type);
  const record = recordType === null ? null : recordFrom(recordType, body);
  const output = startMessage(options);
  writeHeader(output, ReplyHeader, header);
  if (record !== null) output.writeRecord(record);
  return finishMessage(output, options);
}

/** Encodes the response to a request that failed, whatever its op code: the header alone. `err` must not be 0. */
export function encodeErrorResponse(
  reply: ReplyTo,
  err: number,
  options?: MessageWriteOptions,
): Uint8Array {
  if (err === 0) throw new RangeError("0 is success: use encodeResponse");
  const { xid, zxid } = reply;
  const header = new ReplyHeader({ xid, zxid, err });
  const output = startMessage(options);
  writeHeader(output, ReplyHeader, header);
  return finishMessage(output, options);
}

/**
 * Decodes the response to a request with this op code, without its frame. Buffers
 * in it point into its bytes, unless the options say otherwise. Throws
 * JuteDecodeError for malformed bytes and UnknownOpCodeError for an op code that
 * has no response.
 */
export function decodeResponse<C extends ResponseOpCode>(
  type: C,
  source: MessageSource,
  options?: ReadOptions,
): ResponseMessage<C> {
  try {
    return readResponse(type, source, options);
  } catch (error) {
    throw explainFrame(error, source);
  }
}

function readResponse<C extends ResponseOpCode>(
  type: C,
  source: MessageSource,
  options: ReadOptions | undefined,
): ResponseMessage<C> {
  const input = startReading(source, options);
  const { xid, zxid, err } = input.readRecord(ReplyHeader);
  // The table ties the body to the op code, which the type system cannot follow through a number.
  if (err !== 0) {
    abandonReading(source, input);
    // The lower half of a success's zxid. Servers' own codes are negative, and a failure ends after its header.
    if (err > 0 && isFramed(source)) {
      const reason = `${String(err)} is no error of a server`;
      throw new JuteDecodeError("frame", ERROR_OFFSET, reason, "ReplyHeader.err");
    }
    return { ok: false, xid, zxid, err, body: null } as ResponseMessage<C>;
  }
  let body: unknown = null;
  let failure = 0;
  if (isMultiOpCode(type)) {
    const results = readResults(input, type);
    if (type === OpCode.multi) failure = errorOf(results);
    body = results;
  } else {
    const recordType = responseType(type);
    if (recordType !== null) body = input.readRecord(recordType);
  }
  finishReading(source, input);
  const message =
    failure === 0
      ? { ok: true, xid, zxid, err: 0, body }
      : { ok: false, xid, zxid, err: failure, body };
  return message as ResponseMessage<C>;
}

/** Where a header has its error: after an xid and a zxid. */
const ERROR_OFFSET = 12;

/** The error that made a multi fail, or 0: parts before the culprit, which it undid, have error 0 too. */
function errorOf(results: readonly { readonly ok: boolean; readonly err?: number }[]): number {
  return results.find(({ err = 0 }) => err !== 0)?.err ?? 0;
}

/**
 * Reads the header of a response or an event and nothing else: its xid tells a
 * client which request it answers, or that it is an event. An archive is left
 * where it was.
 */
export function decodeReplyHeader(source: MessageSource): ReplyHeader {
  return peekRecord(source, ReplyHeader);
}

/** A watch that fired. */
export interface EventMessage {
  /** The zxid of the change; -1 where the server does not say. */
  readonly zxid: bigint;
  readonly event: WatcherEvent;
}

/** Encodes an event. `zxid` is that of the change, or -1 as servers before 3.9 have it. */
export function encodeEvent(
  event: WatcherEventInit,
  zxid: bigint = NO_ZXID,
  options?: MessageWriteOptions,
): Uint8Array {
  const record = recordFrom(WatcherEvent, event);
  const header = new ReplyHeader({ xid: Xid.notification, zxid, err: 0 });
  const output = startMessage(options);
  writeHeader(output, ReplyHeader, header);
  output.writeRecord(record);
  return finishMessage(output, options);
}

/**
 * Decodes an event, without its frame. Throws JuteDecodeError for malformed
 * bytes, and RangeError for a response: decodeReplyHeader tells them apart.
 */
export function decodeEvent(source: MessageSource, options?: ReadOptions): EventMessage {
  try {
    return readEvent(source, options);
  } catch (error) {
    throw explainFrame(error, source);
  }
}

function readEvent(source: MessageSource, options: ReadOptions | undefined): EventMessage {
  const input = startReading(source, options);
  const { xid, zxid } = input.readRecord(ReplyHeader);
  if (xid !== Xid.notification) {
    abandonReading(source, input);
    throw new RangeError(`not an event but the response to request ${String(xid)}`);
  }
  const event = input.readRecord(WatcherEvent);
  finishReading(source, input);
  return { zxid, event };
}

/**
 * The record that answers a request with this op code: null where the header is all,
 * undefined for multis, whose parts have records of their own, and for an op code that
 * has no response.
 */
export function responseRecordType(type: number): AnyRecordType | null | undefined {
  return (responseTypes as Readonly<Record<number, AnyRecordType | null>>)[type];
}

function responseType(type: number): AnyRecordType | null {
  const recordType = responseRecordType(type);
  if (recordType === undefined) throw new UnknownOpCodeError(type, "response");
  return recordType;
}

const responseTypes: Readonly<ResponseTypes> = {
  [OpCode.create]: CreateResponse,
  [OpCode.delete]: null,
  [OpCode.exists]: ExistsResponse,
  [OpCode.getData]: GetDataResponse,
  [OpCode.setData]: SetDataResponse,
  [OpCode.getACL]: GetACLResponse,
  [OpCode.setACL]: SetACLResponse,
  [OpCode.getChildren]: GetChildrenResponse,
  [OpCode.sync]: SyncResponse,
  [OpCode.ping]: null,
  [OpCode.getChildren2]: GetChildren2Response,
  [OpCode.create2]: Create2Response,
  [OpCode.reconfig]: GetDataResponse,
  [OpCode.checkWatches]: null,
  [OpCode.removeWatches]: null,
  [OpCode.createContainer]: Create2Response,
  [OpCode.deleteContainer]: null,
  [OpCode.createTTL]: Create2Response,
  [OpCode.auth]: null,
  [OpCode.setWatches]: null,
  [OpCode.sasl]: SetSASLResponse,
  [OpCode.getEphemerals]: GetEphemeralsResponse,
  [OpCode.getAllChildrenNumber]: GetAllChildrenNumberResponse,
  [OpCode.setWatches2]: null,
  [OpCode.addWatch]: ErrorResponse,
  [OpCode.whoAmI]: WhoAmIResponse,
  [OpCode.closeSession]: null,
};

/** What stands for the zxid of a change that the server does not tell. */
const NO_ZXID = -1n;
