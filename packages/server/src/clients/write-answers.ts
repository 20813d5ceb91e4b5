/** What a client is told of its write, once the txn that it became is applied. */
import type { TxnResult } from "@jute-ts/quorum";
import type { JuteRecord } from "@jute-ts/runtime";
import {
  Create2Response,
  CreateResponse,
  encodeResponse,
  ErrorCode,
  type MultiResultInit,
  OpCode,
  SetACLResponse,
  SetDataResponse,
} from "@jute-ts/zookeeper";

/** The body of the answer to a write that succeeded, as a record or encoded; undefined where the header is all. */
export function writeAnswer(type: number, result: TxnResult): JuteRecord | Uint8Array | undefined {
  const { path = "", stat } = result;
  switch (type) {
    case OpCode.create:
      return new CreateResponse({ path });
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return new Create2Response({ path, ...(stat && { stat }) });
    case OpCode.setData:
      return new SetDataResponse(stat && { stat });
    case OpCode.setACL:
      return new SetACLResponse(stat && { stat });
    case OpCode.multi: {
      const results = (result.parts ?? []).map(partResult);
      return encodeResponse(OpCode.multi, NO_HEADER, results).subarray(HEADER_BYTES);
    }
    default:
      return undefined;
  }
}

/**
 * The error code of a txn's header: a multi that failed says so in its parts. SESSIONMOVED
 * counts wherever it stands, since its client must look for the server that it moved to.
 */
export function headerError({ type, err, parts }: TxnResult): number {
  if (type !== OpCode.multi || err === 0) return err;
  const moved = parts?.some((part) => part.err === ErrorCode.SESSIONMOVED) === true;
  return moved ? ErrorCode.SESSIONMOVED : 0;
}

function partResult({ type, err, path = "", stat }: TxnResult): MultiResultInit {
  switch (type) {
    case OpCode.create:
      return { ok: true, type, body: { path } };
    // Java answers all creates with a stat as create2.
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return { ok: true, type: OpCode.create2, body: { path, ...(stat && { stat }) } };
    case OpCode.setData:
      return { ok: true, type, body: { ...(stat && { stat }) } };
    case OpCode.delete:
    case OpCode.check:
      return { ok: true, type, body: null };
    default:
      return { ok: false, type: OpCode.error, err };
  }
}

const NO_HEADER = { xid: 0, zxid: 0n };
const HEADER_BYTES = 16;
