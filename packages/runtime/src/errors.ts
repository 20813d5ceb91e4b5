/** The two ways in which archives fail: bytes that no writer of this schema made, and values that the schema does not allow. */

/**
 * Why bytes were refused.
 * - `truncated`: a value needs more bytes than are left.
 * - `length`: a string or buffer length below -1 or above the limit.
 * - `count`: a vector or map count below -1, or more elements than the rest can hold.
 * - `null`: null where the schema says that the field is never null.
 * - `utf8`: a string that is neither UTF-8 nor CESU-8.
 * - `trailing`: bytes after the end of the record.
 * - `depth`: records nested deeper than the limit.
 * - `frame`: a frame length below zero or above the limit, or a frame around a message that is to have none.
 */
export type DecodeErrorKind =
  "truncated" | "length" | "count" | "null" | "utf8" | "trailing" | "depth" | "frame";

/** Malformed input. The archive's position is unspecified afterwards; close the connection or drop the message. */
export class JuteDecodeError extends Error {
  override readonly name = "JuteDecodeError";
  readonly kind: DecodeErrorKind;
  /** Where the refused value starts, counted from the start of the bytes that were given. */
  readonly offset: number;
  /** The field, e.g. `MultiTxn.txns[3].data`; absent where no record was being read. */
  readonly path: string | undefined;
  /** What is wrong, without place. */
  readonly reason: string;

  constructor(kind: DecodeErrorKind, offset: number, reason: string, path?: string) {
    super(`${path === undefined ? "" : `${path}: `}${reason} at byte ${String(offset)}`);
    this.kind = kind;
    this.offset = offset;
    this.reason = reason;
    this.path = path;
  }

  /** The same error with the field that it concerns. */
  withPath(path: string): JuteDecodeError {
    return new JuteDecodeError(this.kind, this.offset, this.reason, path);
  }
}

/**
 * Why a value was refused.
 * - `type`: not a value of the field's type, such as a number for a long.
 * - `range`: an integer outside its 8, 32 or 64 bits.
 * - `null`: null where the schema or the wire format has no null.
 * - `optional`: a present optional field after an absent one.
 * - `depth`: records nested deeper than the limit, or in a circle.
 * - `size`: more bytes than an archive can hold.
 */
export type EncodeErrorKind = "type" | "range" | "null" | "optional" | "depth" | "size";

/** A value that the schema does not allow. Nothing of the message was handed out. */
export class JuteEncodeError extends Error {
  override readonly name = "JuteEncodeError";
  readonly kind: EncodeErrorKind;
  /** The field, e.g. `CreateRequest.acl[0].perms`; absent where it is not known. */
  readonly path: string | undefined;
  /** What is wrong, without place. */
  readonly reason: string;

  constructor(kind: EncodeErrorKind, reason: string, path?: string) {
    super(`${path === undefined ? "" : `${path}: `}${reason}`);
    this.kind = kind;
    this.reason = reason;
    this.path = path;
  }
  /** The same error with the field that it concerns. */
  withPath(path: string): JuteEncodeError {
    return new JuteEncodeError(this.kind, this.reason, path);
  }
}
