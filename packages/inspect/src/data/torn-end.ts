/** Whether anything may be missing where a log ends with what is no record, and a later log goes on. */
import { follows, formatZxid, type Zxid } from "@jute-ts/zookeeper";

/** The end of a log of which a crash, or damage, has left no whole record. */
export interface TornEnd {
  /** Where it begins in its file. */
  readonly offset: number;
  /** The last txn before it, in this log or in what came before; undefined if there is none. */
  readonly last: Zxid | undefined;
  /** Whether this log has a whole record at all. */
  readonly hasRecords: boolean;
}

/**
 * Why a torn end may have held txns that servers had, when `next` is the first txn after it; undefined if it
 * had not. What a crash tears nobody was promised, and a server goes on with the next counter. The first txn of
 * an epoch follows any of an earlier one, and shows nothing: there `isSnapshotTaken` says whether a snapshot has
 * what is left, as servers take one when they begin again with it. That is the rule of servers, too.
 */
export function tornEndFlaw(
  { offset, last, hasRecords }: TornEnd,
  next: Zxid,
  isSnapshotTaken: boolean,
): string | undefined {
  if (last !== undefined) {
    if (next === last + 1n) return undefined;
    if (follows(last, next) && hasRecords && isSnapshotTaken) return undefined;
  }
  return `it is torn at byte ${offset}, and txns may be missing between there and ${formatZxid(next)}`;
}
