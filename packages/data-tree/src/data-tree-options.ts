/** What a data tree can be told. */
import type { AccessOptions } from "./access-control.js";
import type { ExtendedTypes } from "./znode-owner.js";

/** What a leader's settings decide about requests, whichever server they come from. */
export interface PreparationOptions {
  /** `digest.enabled`: whether txns carry the digest of the tree after them, and are held to it. Default true. */
  readonly digests?: boolean | undefined;
  /** `closeSessionTxn.enabled`: whether a closeSession lists the ephemerals that end with it. Default true. */
  readonly closeSessionTxns?: boolean | undefined;
  /** Whose lists count, and which ids they may name. */
  readonly access?: AccessOptions | undefined;
  /** `enforceQuota`: whether hard limits are enforced. Default false. */
  readonly enforcesQuotas?: boolean | undefined;
  /** `localSessionsEnabled`: whether a session that no txn has opened is one of another server. Default false. */
  readonly localSessions?: boolean | undefined;
  /** How many znodes there may be, ZooKeeper's own included; creates beyond are refused with QUOTAEXCEEDED. Default 16,000,000, the most. */
  readonly mostZnodes?: number | undefined;
}

export interface DataTreeOptions extends PreparationOptions {
  /** `extendedTypesEnabled`: whether znodes may have a time to live. Equal on all servers. Default false. */
  readonly extendedTypes?: boolean | undefined;
  /** `emulate353TTLNodes`: whether, with extended types, TTL znodes of 3.5.3 are such too. Equal on all servers. Default false. */
  readonly emulates353Ttls?: boolean | undefined;
  /** `znode.container.maxNeverUsedIntervalMs`: how long a container may wait for its first child. 0, the default, means without limit. */
  readonly maxNeverUsedMs?: number | undefined;
  /**
   * After how many txns a server tells that its tree is another than its leader's where it comes of a
   * snapshot, which may hold more than it says. Default 100,000, more than a server applies while it writes one.
   */
  readonly mostFuzzyTxns?: number | undefined;
  /**
   * The size of the pieces of memory that data of up to 1,024 bytes shares: a multiple of 8 bytes from 4,096 to
   * 524,288, the default. With smaller ones a tree that changes much holds less that it does not use.
   * Another size is a RangeError.
   */
  readonly dataSlabBytes?: number | undefined;
  /** The size of a snapshot's pieces, in bytes. Default 65536. */
  readonly snapshotPieceBytes?: number | undefined;
  /**
   * Called for each znode that a txn creates, deletes or gives data, also one that is replayed, with
   * how many bytes of data it wrote: 0 for a delete. Must not use the tree. Default: nobody is told.
   */
  readonly onWrite?: ((path: string, bytes: number) => void) | undefined;
}

/** What the options say about times to live. */
export function extendedTypesOf(options: DataTreeOptions | undefined): ExtendedTypes {
  if (options?.extendedTypes !== true) return "off";
  return options.emulates353Ttls === true ? "as in 3.5.3" : "on";
}
