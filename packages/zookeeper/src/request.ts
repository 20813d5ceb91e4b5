/**
 * Requests: what a client asks a server. Each is a RequestHeader and the body
 * that its op code asks for: a record, a list of operations, or nothing. The op
 * code decides the type of the body, at compile time where it is written out.
 */
import { type AnyRecordType, type ReadOptions } from "@jute-ts/runtime";
import {
  explainFrame,
  finishMessage,
  finishReading,
  type MessageSource,
  type MessageWriteOptions,
  peekRecord,
  requestRecordFrom,
  startMessage,
  startReading,
  writeHeader,
} from "./message-archives.js";
import {
  isMultiOpCode,
  type MultiOperation,
  type MultiOperationInit,
  type MultiReadOperation,
  type MultiReadOperationInit,
  prepareOperations,
  readOperations,
  writeParts,
} from "./multi.js";
import { OpCode } from "./op-code.js";
import type { RequestInitOf, RecordOf } from "./record-types.js";
import {
  AddWatchRequest,
  AuthPacket,
  CheckVersionRequest,
  CheckWatchesRequest,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteRequest,
  DeleteTxn,
  ExistsRequest,
  GetACLRequest,
  GetAllChildrenNumberRequest,
  GetChildren2Request,
  GetChildrenRequest,
  GetDataRequest,
  GetEphemeralsRequest,
  GetSASLRequest,
  ReconfigRequest,
  RemoveWatchesRequest,
  RequestHeader,
  SetACLRequest,
  SetDataRequest,
  SetWatches,
  SetWatches2,
  SyncRequest,
} from "./records.js";
import { UnknownOpCodeError } from "./unknown-op-code.js";

/** The record that each op asks for; null for an op without one. */
export interface RequestTypes {
  [OpCode.create]: typeof CreateRequest;
  [OpCode.delete]: typeof DeleteRequest;
  [OpCode.exists]: typeof ExistsRequest;
  [OpCode.getData]: typeof GetDataRequest;
  [OpCode.setData]: typeof SetDataRequest;
  [OpCode.getACL]: typeof GetACLRequest;
  [OpCode.setACL]: typeof SetACLRequest;
  [OpCode.getChildren]: typeof GetChildrenRequest;
  [OpCode.sync]: typeof SyncRequest;
  [OpCode.ping]: null;
  [OpCode.getChildren2]: typeof GetChildren2Request;
  [OpCode.check]: typeof CheckVersionRequest;
  [OpCode.create2]: typeof CreateRequest;
  [OpCode.reconfig]: typeof ReconfigRequest;
  [OpCode.checkWatches]: typeof CheckWatchesRequest;
  [OpCode.removeWatches]: typeof RemoveWatchesRequest;
  [OpCode.createContainer]: typeof CreateRequest;
  /** Java writes this body by hand. Its bytes are those of one string, as in the txn that the op becomes. */
  [OpCode.deleteContainer]: typeof DeleteTxn;
  [OpCode.createTTL]: typeof CreateTTLRequest;
  [OpCode.auth]: typeof AuthPacket;
  [OpCode.setWatches]: typeof SetWatches;
  [OpCode.sasl]: typeof GetSASLRequest;
  [OpCode.getEphemerals]: typeof GetEphemeralsRequest;
  [OpCode.getAllChildrenNumber]: typeof GetAllChildrenNumberRequest;
  [OpCode.setWatches2]: typeof SetWatches2;
  [OpCode.addWatch]: typeof AddWatchRequest;
  [OpCode.whoAmI]: null;
  /** Only between servers; its body is the txn that it becomes. */
  [OpCode.createSession]: typeof CreateSessionTxn;
  [OpCode.closeSession]: null;
}

/** What the lists of operations hold. */
interface MultiRequestBodies {
  [OpCode.multi]: MultiOperation[];
  [OpCode.multiRead]: MultiReadOperation[];
}

/** What the lists of operations may be made of. */
interface MultiRequestInits {
  [OpCode.multi]: readonly MultiOperationInit[];
  [OpCode.multiRead]: readonly MultiReadOperationInit[];
}

/** The op codes that a request may have. */
export type RequestOpCode = keyof RequestTypes | keyof MultiRequestBodies;

/** What follows the header of such a request. */
export type RequestBody<C extends RequestOpCode> = C extends keyof MultiRequestBodies
  ? MultiRequestBodies[C]
  : C extends keyof RequestTypes
    ? RecordOf<RequestTypes[C]>
    : never;

/** What `encodeRequest` takes as the body of such a request: a record, or a plain object with its fields. */
export type RequestBodyInit<C extends RequestOpCode> = C extends keyof MultiRequestInits
  ? MultiRequestInits[C]
  : C extends keyof RequestTypes
    ? RequestInitOf<RequestTypes[C]>
    : never;

/** The op codes whose request is a header alone. */
export type BodilessRequestOpCode = {
  [C in keyof RequestTypes]: RequestTypes[C] extends null ? C : never;
}[keyof RequestTypes];

/**
 * The last arguments of `encodeRequest`: the body, which may be left out where the op has none, and
 * options. One type for all ops, so that the compiler marks the argument that is wrong.
 */
export type RequestContent<C extends RequestOpCode> = C extends BodilessRequestOpCode
  ? [body?: null, options?: MessageWriteOptions]
  : [body: RequestBodyInit<C>, options?: MessageWriteOptions];

/** A decoded request. A union over all op codes: `switch (request.type)` tells what `body` is. */
export type RequestMessage<C extends RequestOpCode = RequestOpCode> = C extends RequestOpCode
  ? { readonly xid: number; readonly type: C; readonly body: RequestBody<C> }
  : never;

/**
 * Encodes a request: header and body. The result is the caller's. Throws
 * JuteEncodeError for a value that the record does not allow, and for a plain
 * object that lacks what no request may lack, such as a path.
 */
export function encodeRequest<C extends RequestOpCode>(
  type: C,
  xid: number,
  ...content: RequestContent<C>
): Uint8Array;
export function encodeRequest(
  type: RequestOpCode,
  xid: number,
  body: unknown = null,
  options?: MessageWriteOptions,
): Uint8Array {
  const header = new RequestHeader({ xid, type });
  if (isMultiOpCode(type)) {
    const operations = prepareOperations(type, body as readonly MultiOperationInit[]);
    const output = startMessage(options);
    writeHeader(output, RequestHeader, header);
    writeParts(output, operations);
    return finishMessage(output, options);
  }
  const recordType = requestType(type, xid);
  const record = recordType === null ? null : requestRecordFrom(recordType, body);
  const output = startMessage(options);
  writeHeader(output, RequestHeader, header);
  if (record !== null) output.writeRecord(record);
  return finishMessage(output, options);
}

/**
 * Decodes a request, without its frame. Buffers in it point into its bytes, unless
 * the options say otherwise. Throws JuteDecodeError for malformed bytes and
 * UnknownOpCodeError, with the xid to answer to, for an op code that no request has.
 */
export function decodeRequest(source: MessageSource, options?: ReadOptions): RequestMessage {
  try {
    return readRequest(source, options);
  } catch (error) {
    throw explainFrame(error, source);
  }
}

function readRequest(source: MessageSource, options: ReadOptions | undefined): RequestMessage {
  const input = startReading(source, options);
  const { xid, type } = input.readRecord(RequestHeader);
  let body: unknown = null;
  if (isMultiOpCode(type)) {
    body = readOperations(input, type);
  } else {
    const recordType = requestType(type, xid);
    if (recordType !== null) body = input.readRecord(recordType);
  }
  finishReading(source, input);
  // The table ties the body to the op code, which the type system cannot follow through a number.
  return { xid, type, body } as RequestMessage;
}

/** Reads the header of a request and nothing else, for a server that dispatches or forwards without decoding. An archive is left where it was. */
export function decodeRequestHeader(source: MessageSource): RequestHeader {
  return peekRecord(source, RequestHeader);
}

/**
 * The record that a request with this op code has after its header: null where it has
 * none, undefined for multis, whose parts have records of their own, and for an op code
 * that no request has.
 */
export function requestRecordType(type: number): AnyRecordType | null | undefined {
  return (requestTypes as Readonly<Record<number, AnyRecordType | null>>)[type];
}

function requestType(type: number, xid: number): AnyRecordType | null {
  const recordType = requestRecordType(type);
  if (recordType === undefined) throw new UnknownOpCodeError(type, "request", xid);
  return recordType;
}

const requestTypes: Readonly<RequestTypes> = {
  [OpCode.create]: CreateRequest,
  [OpCode.delete]: DeleteRequest,
  [OpCode.exists]: ExistsRequest,
  [OpCode.getData]: GetDataRequest,
  [OpCode.setData]: SetDataRequest,
  [OpCode.getACL]: GetACLRequest,
  [OpCode.setACL]: SetACLRequest,
  [OpCode.getChildren]: GetChildrenRequest,
  [OpCode.sync]: SyncRequest,
  [OpCode.ping]: null,
  [OpCode.getChildren2]: GetChildren2Request,
  [OpCode.check]: CheckVersionRequest,
  [OpCode.create2]: CreateRequest,
  [OpCode.reconfig]: ReconfigRequest,
  [OpCode.checkWatches]: CheckWatchesRequest,
  [OpCode.removeWatches]: RemoveWatchesRequest,
  [OpCode.createContainer]: CreateRequest,
  [OpCode.deleteContainer]: DeleteTxn,
  [OpCode.createTTL]: CreateTTLRequest,
  [OpCode.auth]: AuthPacket,
  [OpCode.setWatches]: SetWatches,
  [OpCode.sasl]: GetSASLRequest,
  [OpCode.getEphemerals]: GetEphemeralsRequest,
  [OpCode.getAllChildrenNumber]: GetAllChildrenNumberRequest,
  [OpCode.setWatches2]: SetWatches2,
  [OpCode.addWatch]: AddWatchRequest,
  [OpCode.whoAmI]: null,
  [OpCode.createSession]: CreateSessionTxn,
  [OpCode.closeSession]: null,
};
