/** Why a leader turns a request into an error txn. Thrown and caught within the preparation of one request. */
import type { ErrorCode } from "@jute-ts/zookeeper";

export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly err: ErrorCode;

  private constructor(err: ErrorCode) {
    super(`refused with error ${String(err)}`);
    this.err = err;
  }

  /** The same one for each error: a stack trace, which nobody reads, takes longer than the rest of a refusal. */
  static of(err: ErrorCode): RequestRefused {
    let refused = known.get(err);
    if (refused === undefined) known.set(err, (refused = new RequestRefused(err)));
    return refused;
  }
}

const known = new Map<ErrorCode, RequestRefused>();

/** Refuses the request unless the condition holds. */
export function require(condition: boolean, err: ErrorCode): asserts condition {
  if (!condition) throw RequestRefused.of(err);
}
