/** What txns consist of when they are applied, and what their results are made of. */
import {
  type CheckVersionTxn,
  ErrorCode,
  OpCode,
  type SubTxn,
  type TxnBody,
  type TxnOpCode,
} from "@jute-ts/zookeeper";
import type { TxnResult, ZnodeChange } from "@jute-ts/quorum";

/** A failed multi changes nothing: the parts before the culprit have error 0, those after it say that they were not tried. */
export function failedParts(parts: readonly SubTxn[]): TxnResult[] {
  let err: number = ErrorCode.OK;
  return parts.map((part) => {
    if (part.type === OpCode.error) {
      err = ErrorCode.RUNTIMEINCONSISTENCY;
      return { type: OpCode.error, err: part.body.err };
    }
    return { type: OpCode.error, err };
  });
}

/** A result that nobody else has yet. */
export type OwnResult = { -readonly [K in keyof TxnResult]: TxnResult[K] };

/** A change that is applied by itself or as a part of a multi. */
export type Change =
  | {
      [C in Exclude<TxnOpCode, typeof OpCode.multi>]: {
        readonly type: C;
        readonly body: TxnBody<C>;
      };
    }[Exclude<TxnOpCode, typeof OpCode.multi>]
  | { readonly type: typeof OpCode.check; readonly body: CheckVersionTxn };

/** Of a txn that no watch can see. */
export const NO_CHANGES: readonly ZnodeChange[] = [];

/** The ops whose answer to the client holds a stat. */
export const ANSWERED_WITH_STAT: ReadonlySet<number> = new Set([
  OpCode.create2,
  OpCode.createTTL,
  OpCode.createContainer,
  OpCode.setData,
  OpCode.reconfig,
  OpCode.setACL,
]);
