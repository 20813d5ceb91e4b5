/**
 * Why the bytes of a snapshot were refused.
 * - `magic`, `version`: the file is no snapshot, or of a version that does not exist.
 * - `truncated`: the bytes end inside something.
 * - `count`, `length`: a number of elements or bytes that is negative.
 * - `limit`: more than the reader was told to accept.
 * - `text`: a string that is not UTF-8.
 * - `path`: a znode with a path that no znode can have, or no root.
 * - `duplicate`: a session, access control list or znode that was there before.
 * - `parent`: a znode before its parent.
 * - `seal`: a checksum that is wrong, or not followed by what must follow it.
 * - `digest`: a digest that is no number.
 * - `signature`: a stream from a leader that does not end as such streams do.
 * - `trailing`: bytes after the end.
 */
export type SnapshotErrorKind =
  | "magic"
  | "version"
  | "truncated"
  | "count"
  | "length"
  | "limit"
  | "text"
  | "path"
  | "duplicate"
  | "parent"
  | "seal"
  | "digest"
  | "signature"
  | "trailing";

/** These bytes are no snapshot, or not a whole one. Take an older file, or ask the leader again. */
export class SnapshotFormatError extends Error {
  override readonly name = "SnapshotFormatError";
  readonly kind: SnapshotErrorKind;
  /** Where the refused element begins: in the file, or in the stream if there is no file. */
  readonly offset: number;
  /** What is wrong, without place. */
  readonly reason: string;

  constructor(kind: SnapshotErrorKind, offset: number, reason: string, options?: ErrorOptions) {
    super(`${reason} at byte ${String(offset)} of the snapshot`, options);
    this.kind = kind;
    this.offset = offset;
    this.reason = reason;
  }
}
