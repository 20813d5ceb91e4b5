/** What a data tree can be told. */
import type { PreparationOptions } from "./preparation.js";
import type { ExtendedTypes } from "./znode-owner.js";

export interface DataTreeOptions extends PreparationOptions {
  /** `extendedTypesEnabled`: whether znodes may have a time to live. Equal on all servers. Default false. */
  readonly extendedTypes?: boolean | undefined;
  /** `emulate353TTLNodes`: whether, with extended types, TTL znodes of 3.5.3 are such too. Equal on all servers. Default false. */
  readonly emulates353Ttls?: boolean | undefined;
  /** `znode.container.maxNeverUsedIntervalMs`: how long a container may wait for its first child. 0, the default, means without limit. */
  readonly maxNeverUsedMs?: number | undefined;
  /** The size of a snapshot's pieces, in bytes. Default 65536. */
  readonly snapshotPieceBytes?: number | undefined;
}

/** What the options say about times to live. */
export function extendedTypesOf(options: DataTreeOptions | undefined): ExtendedTypes {
  if (options?.extendedTypes !== true) return "off";
  return options.emulates353Ttls === true ? "as in 3.5.3" : "on";
}
