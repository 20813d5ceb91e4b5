/** The failure that malformed bytes do not cover: a well-formed number that nobody here can give a meaning. */
import { opCodeName } from "./op-code.js";

/** Where an op code without a meaning was found. */
export type OpCodePlace = "request" | "response" | "multi request" | "multi response" | "txn";

/**
 * An op code that has no record in this place: a newer peer's, or nonsense.
 * What follows the code cannot be read, since nothing on the wire says how long it is.
 */
export class UnknownOpCodeError extends Error {
  override readonly name = "UnknownOpCodeError";
  readonly code: number;
  readonly place: OpCodePlace;
  /** The xid of the request, so that a server can answer it with ErrorCode.UNIMPLEMENTED; undefined elsewhere. */
  readonly xid: number | undefined;

  constructor(code: number, place: OpCodePlace, xid?: number, hint?: string) {
    const known = opCodeName(code);
    const name = known === undefined ? "" : ` (${known})`;
    const remark = hint === undefined ? "" : ` (${hint})`;
    super(`op code ${String(code)}${name} has no meaning in a ${place}${remark}`);
    this.code = code;
    this.place = place;
    this.xid = xid;
  }
}
