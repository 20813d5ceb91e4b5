/**
 * Quotas as the documentation of `setquota` has them: /zookeeper/quota holds the path
 * of what is limited, and below that two znodes, one with the limits and one in which
 * servers count znodes, the limited one among them, and bytes of data. Simulated
 * clients set and remove both in one txn, and no quota below another.
 */

/** Counts of a subtree; or limits, of which -1 is none. */
export interface QuotaModel {
  readonly count: number;
  readonly bytes: number;
}

/** What is limited by the quota that a znode belongs to; undefined for znodes of no quota. */
export function subjectOf(path: string): string | undefined {
  if (!path.startsWith(QUOTA) || !(path.endsWith(LIMITS) || path.endsWith(STATS))) return undefined;
  return path.slice(QUOTA.length, path.lastIndexOf("/"));
}

export function limitsPath(subject: string): string {
  return `${QUOTA}${subject}${LIMITS}`;
}

export function statsPath(subject: string): string {
  return `${QUOTA}${subject}${STATS}`;
}

export function countsText(count: number, bytes: number): string {
  return `count=${count},bytes=${bytes}`;
}

/** What a znode of counts says. */
export function countsOf(data: Uint8Array | null): QuotaModel {
  return { count: numberIn(data, "count"), bytes: numberIn(data, "bytes") };
}

/** What a znode of limits says of those that are enforced; "unreadable" where it holds something else. */
export function hardLimitsOf(data: Uint8Array | null): QuotaModel | "unreadable" {
  if (data === null) return "unreadable";
  const text = String.fromCharCode(...data);
  const odd = ODD_LIMITS.find((each) => each.text === text);
  if (odd !== undefined) return odd.limits;
  return { count: numberIn(data, "countHardLimit"), bytes: numberIn(data, "byteHardLimit") };
}

/** Whether Apache's servers end where limits come and go at this path: what they belong to is no znode. */
export function endsServers(path: string): boolean {
  if (!path.endsWith(LIMITS)) return false;
  const limited = path.slice(0, -LIMITS.length);
  return limited.startsWith("/zookeeper") && limited.length <= QUOTA.length;
}

/** Whether Apache's servers end at the next change of what is limited, when they should count here. */
export function endsCounting(path: string, data: Uint8Array | null): boolean {
  if (!path.startsWith(`${QUOTA}/`) || !path.endsWith(STATS)) return false;
  return hardLimitsOf(data) === "unreadable";
}

/** Whether more would be above a limit. What does not change may be above it. */
export function isAbove(now: number, more: number, limit: number): boolean {
  return more !== 0 && limit >= 0 && now + more > limit;
}

function numberIn(data: Uint8Array | null, key: string): number {
  const text = String.fromCharCode(...(data ?? []));
  for (const pair of text.split(/[,;]/)) {
    const [name, number] = pair.split("=");
    if (name === key) return Number(number);
  }
  return -1;
}

/** Limits as no `setquota` of today writes them, and what servers make of them: Apache's `StatsTrack` was asked. */
export const ODD_LIMITS: readonly {
  readonly text: string;
  readonly limits: QuotaModel | "unreadable";
}[] = [
  // Of old clients, who knew no hard limits.
  { text: "count=3,bytes=60", limits: { count: -1, bytes: -1 } },
  { text: "", limits: { count: -1, bytes: -1 } },
  { text: "countHardLimit=5", limits: { count: 5, bytes: -1 } },
  { text: "countHardLimit=+5;;byteHardLimit=90,", limits: { count: 5, bytes: 90 } },
  { text: "countHardLimit==5", limits: { count: -1, bytes: -1 } },
  { text: "countHardLimit=5=6", limits: { count: 5, bytes: -1 } },
  { text: "countHardLimit=5,countHardLimit=6", limits: { count: 6, bytes: -1 } },
  { text: "=5", limits: { count: -1, bytes: -1 } },
  { text: "countHardLimit=0,byteHardLimit=90=", limits: { count: 0, bytes: 90 } },
  { text: "countHardLimit=9223372036854775807", limits: { count: Infinity, bytes: -1 } },
  { text: "countHardLimit=9223372036854775808", limits: "unreadable" },
  { text: "countHardLimit=5.5", limits: "unreadable" },
  { text: "countHardLimit", limits: "unreadable" },
  { text: "countHardLimit=", limits: "unreadable" },
  { text: "countHardLimit= 5", limits: "unreadable" },
  { text: ",countHardLimit=5", limits: "unreadable" },
  { text: "nonsense", limits: "unreadable" },
];

const QUOTA = "/zookeeper/quota";
const LIMITS = "/zookeeper_limits";
const STATS = "/zookeeper_stats";
