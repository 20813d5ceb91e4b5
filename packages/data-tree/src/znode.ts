/** Stats of znodes: what is stored, and what clients see. */
import { Stat, StatPersisted } from "@jute-ts/zookeeper";
import { type ExtendedTypes, visibleOwner } from "./znode-owner.js";
import type { Znode, ZnodeTable } from "./znode-table.js";

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
export function clientStat(znodes: ZnodeTable, znode: Znode, extendedTypes: ExtendedTypes): Stat {
  const stat = znodes.stat(znode);
  const childCount = znodes.childCount(znode);
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
    dataLength: znodes.dataLength(znode),
    numChildren: childCount,
    pzxid: stat.pzxid,
  });
}
