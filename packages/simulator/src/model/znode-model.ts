/**
 * A znode as ZooKeeper's documentation describes it ("ZooKeeper Stat Structure",
 * "Ephemeral Nodes", "Container Nodes", "TTL Nodes"), whole and never changed: a
 * change makes another one. Slow and obvious on purpose; shares nothing with the
 * tree of the servers.
 */
import type { Zxid } from "@jute-ts/zookeeper";

export type OwnerModel =
  | { readonly kind: "nobody" }
  | { readonly kind: "session"; readonly sessionId: bigint }
  | { readonly kind: "container" }
  /** `of353`: as 3.5.3 wrote it, before times to live had a mark of their own (`emulate353TTLNodes`). */
  | { readonly kind: "ttl"; readonly ttlMs: bigint; readonly of353?: true };

export interface AclModel {
  readonly perms: number;
  readonly scheme: string;
  readonly id: string;
}

export interface ZnodeModel {
  readonly data: Uint8Array | null;
  readonly acl: readonly AclModel[];
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly pzxid: Zxid;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly aversion: number;
  /** How many children were ever created. Sequential names take their number from it. */
  readonly creates: number;
  readonly children: number;
  readonly owner: OwnerModel;
}

/** The fields of a stat, as clients are shown them. */
export interface StatModel {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;
}

/** cversion counts changes of the children: creates and deletes, of which there were as many as children are missing. */
export function statOf(znode: ZnodeModel): StatModel {
  const { creates, children, owner, data } = znode;
  return {
    czxid: znode.czxid,
    mzxid: znode.mzxid,
    ctime: znode.ctime,
    mtime: znode.mtime,
    version: znode.version,
    // Of 32 bits, as all that counts.
    cversion: (2 * creates - children) | 0,
    aversion: znode.aversion,
    ephemeralOwner: owner.kind === "session" ? owner.sessionId : 0n,
    dataLength: data?.length ?? 0,
    numChildren: children,
    pzxid: znode.pzxid,
  };
}

/** What is wrong with a stat; undefined when nothing is. */
export function differenceOfStats(expected: StatModel, actual: StatModel): string | undefined {
  for (const field of STAT_FIELDS)
    if (expected[field] !== actual[field])
      return `${field} is ${actual[field]}, and should be ${expected[field]}`;
  return undefined;
}

const STAT_FIELDS = [
  "czxid",
  "mzxid",
  "ctime",
  "mtime",
  "version",
  "cversion",
  "aversion",
  "ephemeralOwner",
  "dataLength",
  "numChildren",
  "pzxid",
] as const satisfies readonly (keyof StatModel)[];

/** The number that stands for the owner on disk and in digests ("EphemeralType" of the servers). */
export function ownerNumber(owner: OwnerModel): bigint {
  switch (owner.kind) {
    case "nobody":
      return 0n;
    case "session":
      return owner.sessionId;
    case "container":
      return BigInt.asIntN(64, 0x8000_0000_0000_0000n);
    case "ttl":
      return BigInt.asIntN(64, (owner.of353 === true ? 1n << 63n : 0xffn << 56n) | owner.ttlMs);
  }
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
