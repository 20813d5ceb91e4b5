/**
 * Which znodes a leader is to remove by itself, by the documentation of containers and of
 * times to live: containers that have had children and have none, or that have waited for
 * their first one for too long; and znodes without children whose time is over.
 */
import type { ZnodeModel } from "./znode-model.js";

/** When a znode is due, in milliseconds: at any later time, of which -1 stands for all; undefined for one that never is as it is now. */
export function dueAfterMs(
  { owner, creates, children, mtime }: ZnodeModel,
  neverUsedMs: number,
): bigint | undefined {
  if (children > 0) return undefined;
  // A time of 0 is without end.
  if (owner.kind === "ttl") return owner.ttlMs === 0n ? undefined : mtime + owner.ttlMs;
  if (owner.kind !== "container") return undefined;
  if (creates > 0) return ALWAYS;
  return neverUsedMs === 0 ? undefined : mtime + BigInt(neverUsedMs);
}

/** Before all times that there are. */
const ALWAYS = -1n;
