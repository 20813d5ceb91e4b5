/** Why a leader turns a request into an error txn. Thrown and caught within the preparation of one request. */
import type { ErrorCode } from "@jute-ts/zookeeper";

export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly err: ErrorCode;

  constructor(err: ErrorCode) {
    super(`refused with error ${String(err)}`);
    this.err = err;
  }
}

/** Refuses the request unless the condition holds. */
export function require(condition: boolean, err: ErrorCode): asserts condition {
  if (!condition) throw new RequestRefused(err);
}
