/** What Java's servers trace. These trace nothing by it: it is kept, so that tools that set it read it back. */
export interface TraceMask {
  /** A Java `long`. */
  value: bigint;
}

/** A mask as a server starts with it. */
export function newTraceMask(): TraceMask {
  return { value: DEFAULT_MASK };
}

/** Java's: client requests, server packets, sessions, warnings. */
const DEFAULT_MASK = 306n;
