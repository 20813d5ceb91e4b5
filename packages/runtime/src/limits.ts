/** The bounds that a reader puts on what it is told, in the terms of ZooKeeper's own settings. */

/** `jute.maxbuffer` when nobody sets it, in bytes. */
const DEFAULT_MAX_BUFFER = 0xfffff;

/** Java's floor for `zookeeper.jute.maxbuffer.extrasize`, in bytes. */
const MIN_EXTRA_SIZE = 1024;

const MAX_INT = 0x7fffffff;

/** How deep recursive records may nest when nobody says otherwise. Each level costs stack, so a limit must exist. */
export const DEFAULT_MAX_DEPTH = 64;

/**
 * The longest string or buffer that is accepted, in bytes: `maxBuffer + extraSize`.
 * Java computes it in the same way: the extra size defaults to `maxBuffer`, is at
 * least 1024, and the sum stops at 2^31 - 1.
 */
export function maxLength(maxBuffer: number = DEFAULT_MAX_BUFFER, extraSize?: number): number {
  const extra = Math.max(extraSize ?? maxBuffer, MIN_EXTRA_SIZE);
  return Math.min(maxBuffer + extra, MAX_INT);
}
