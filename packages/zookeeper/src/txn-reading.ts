/**
 * How txns are read that others have proposed: as Java reads them, and without a
 * limit of this server's own. The limits of servers may differ, and a txn that a
 * quorum has committed is a part of the history: a server that refuses it when it
 * is applied could never start again.
 */
import type { ReadOptions } from "@jute-ts/runtime";

/** A verdict by these options holds wherever a txn is read again. */
export const TXN_READING: ReadOptions = {
  invalidUtf8: "replace",
  trailing: "ignore",
  // Nothing is allocated for a length that goes beyond the txn's bytes.
  maxBuffer: 0x7fff_ffff,
};
