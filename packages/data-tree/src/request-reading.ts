/** Requests as a leader reads them, and the errors of what cannot be read. */
import { JuteDecodeError, JuteEncodeError } from "@jute-ts/runtime";
import {
  CreateRequest,
  decodeRequest,
  ErrorCode,
  type MultiOperation,
  OpCode,
  type RequestMessage,
  SetDataRequest,
  type SubTxnInit,
  TXN_READING,
  UnknownOpCodeError,
} from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import { RequestRefused } from "./request-refused.js";

/**
 * Reads a request's body, as txns are read: what clients send is limited by the
 * connections on which it comes, and by the longest txn. Data are borrowed. The most
 * frequent ops are read where they are; the others as a client would have sent them,
 * with a header in front.
 */
export function readRequest({ cxid: xid, opCode: type, body }: ChangeRequest): RequestMessage {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return { xid, type, body: CreateRequest.decode(body, TXN_READING) };
    case OpCode.setData:
      return { xid, type, body: SetDataRequest.decode(body, TXN_READING) };
    default: {
      const bytes = new Uint8Array(REQUEST_HEADER_BYTES + body.length);
      const view = new DataView(bytes.buffer);
      view.setInt32(0, xid);
      view.setInt32(4, type);
      bytes.set(body, REQUEST_HEADER_BYTES);
      return decodeRequest(bytes, TXN_READING);
    }
  }
}

/** The error to answer with. Anything else is a defect of this program. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof RequestRefused) return error.err;
  if (error instanceof JuteDecodeError || error instanceof JuteEncodeError) {
    return ErrorCode.MARSHALLINGERROR;
  }
  if (error instanceof UnknownOpCodeError) {
    return error.place === "request" ? ErrorCode.UNIMPLEMENTED : ErrorCode.MARSHALLINGERROR;
  }
  throw error;
}

/** The ops that stand by themselves and in a multi. */
type ChangeOpCode = Exclude<MultiOperation["type"], typeof OpCode.check>;
export type ChangeOperation = Extract<MultiOperation | RequestMessage, { type: ChangeOpCode }>;
export type ChangeTxn = Extract<SubTxnInit, { type: ChangeOpCode }>;

export type CreateOperation = Exclude<
  ChangeOperation,
  { type: typeof OpCode.delete | typeof OpCode.setData }
>;

/** A delete's or a check's body. */
export interface VersionedPath {
  readonly path: string | null;
  readonly version: number;
}

export type VersionedData = Extract<MultiOperation, { type: typeof OpCode.setData }>["body"];
export type VersionedAcl = Extract<RequestMessage, { type: typeof OpCode.setACL }>["body"];

/** xid and op code, an int each. */
const REQUEST_HEADER_BYTES = 8;
