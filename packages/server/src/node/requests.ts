/** What is asked of an ensemble, by its op code: the request's record in, the txn's result out. */
import type { ChangeRequest, LoggedTxn, TxnResult } from "@jute-ts/quorum";
import {
  encodeRequest,
  type OpCode,
  type RequestContent,
  RequestHeader,
  type RequestBodyInit,
  type RequestOpCode,
  type Stat,
} from "@jute-ts/zookeeper";

/** A request that is encoded already, as a gateway has it. */
export type RawChange = Pick<ChangeRequest, "opCode" | "body"> & Partial<ChangeRequest>;

/** A committed change. */
export interface Committed<R extends TxnResult = TxnResult> {
  readonly txn: LoggedTxn;
  /** What it did. `err` is 0, or with `proposeRaw` the ZooKeeper error code with which the request failed. */
  readonly result: R;
}

/** What a request that succeeded did to ZooKeeper's tree. */
export type ResultOf<C extends RequestOpCode> = C extends
  | typeof OpCode.create
  | typeof OpCode.create2
  | typeof OpCode.createContainer
  | typeof OpCode.createTTL
  ? TxnResult & { readonly path: string }
  : C extends typeof OpCode.setData | typeof OpCode.setACL
    ? TxnResult & { readonly stat: Stat }
    : C extends typeof OpCode.multi
      ? TxnResult & { readonly parts: readonly TxnResult[] }
      : TxnResult;

/** The request's record without a header. Throws JuteEncodeError for a value that it does not allow. */
export function rawChange<C extends RequestOpCode>(opCode: C, body: RequestBodyInit<C>): RawChange {
  // What an op code needs is not known before the op code is; `body` is tied to it above.
  const request = encodeRequest(opCode, 0, ...([body] as unknown as RequestContent<C>));
  return { opCode, body: request.subarray(HEADER_BYTES) };
}

const HEADER_BYTES = RequestHeader.encode({ xid: 0, type: 0 }).length;
