/**
 * One entry of the tree. Only the tree changes it, and tells open snapshots first.
 */
import { Stat, StatPersisted } from "@jute-ts/zookeeper";
import { type ExtendedTypes, visibleOwner } from "./znode-owner.js";

export class Znode {
  /** Never changed in place: a new value is a new array. */
  data: Uint8Array | null;
  aclId: bigint;
  /** What is stored. Clients see `clientStat`. */
  readonly stat: StatPersisted;
  /** By name, in the order of creation. Undefined as long as there never was one. */
  children: Map<string, Znode> | undefined = undefined;
  /** Its share of the tree's digest. */
  digest = 0;
  /** The last snapshot, by number, that needs nothing more of this znode before it changes. */
  savedFor: number;

  constructor(data: Uint8Array | null, aclId: bigint, stat: StatPersisted, savedFor: number) {
    this.data = data;
    this.aclId = aclId;
    this.stat = stat;
    this.savedFor = savedFor;
  }

  get childCount(): number {
    return this.children?.size ?? 0;
  }
}

/** The stat of a new znode. */
export function newStat(zxid: bigint, timeMs: bigint, ephemeralOwner: bigint): StatPersisted {
  return new StatPersisted({
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: timeMs,
    mtime: timeMs,
    ephemeralOwner,
  });
}

/** A znode's stat as clients get it; the caller owns it. */
export function clientStat(znode: Znode, extendedTypes: ExtendedTypes): Stat {
  const { stat, data, childCount } = znode;
  return new Stat({
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    ctime: stat.ctime,
    mtime: stat.mtime,
    version: stat.version,
    // Stored are the creates. Every child that is not there any more was also deleted, so this counts both.
    cversion: (stat.cversion * 2 - childCount) | 0,
    aversion: stat.aversion,
    ephemeralOwner: visibleOwner(stat.ephemeralOwner, extendedTypes),
    dataLength: data?.length ?? 0,
    numChildren: childCount,
    pzxid: stat.pzxid,
  });
}
