/**
 * Changes of quotas that Apache's servers log and then cannot apply: they end, and end again at each
 * start. Any client may ask for them, so that nobody may propose them, nor forward them to a leader.
 */
import { QuotaStats } from "./quota-stats.js";
import { QUOTA, splitPath, SYSTEM } from "./znode-path.js";

/**
 * Whether Apache's servers end where a limit is created or deleted at this path. They take its parent
 * for /zookeeper/quota and what has the quota, also where that begins with /zookeeper alone: nothing, or
 * less than nothing, remains of it.
 */
export function isFatalLimit(path: string): boolean {
  const split = splitPath(path);
  if (split?.name !== LIMITS) return false;
  return split.parent.startsWith(SYSTEM) && split.parent.length <= QUOTA.length;
}

/** Whether Apache's servers end at the next change below a quota whose statistics are these. */
export function areFatalStats(path: string, data: Uint8Array | null): boolean {
  if (!path.startsWith(`${QUOTA}/`) || splitPath(path)?.name !== STATS) return false;
  return data === null || QuotaStats.parse(textOf(data)) === undefined;
}

/** One character a byte and back: the text is ASCII, and whatever else clients put there stays as it is. */
export function textOf(data: Uint8Array | null): string {
  let text = "";
  for (const byte of data ?? []) text += String.fromCharCode(byte);
  return text;
}

/** The znode below a quota's that has its limits. */
export const LIMITS = "zookeeper_limits";
/** The znode below a quota's in which servers count. */
export const STATS = "zookeeper_stats";
