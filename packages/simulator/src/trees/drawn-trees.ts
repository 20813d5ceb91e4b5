/** By what settings a tree is kept, and what is in it before the first request. */
import type { DataTreeOptions } from "@jute-ts/data-tree";
import { makeZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { WILD } from "../clients/paths.js";
import { ANY_SASL_USER, X509_SUPER_USER } from "../model/listed-users.js";
import type { ModelOptions } from "../model/request-model.js";
import type { TreeChange } from "../model/tree-model.js";
import type { OwnerModel, ZnodeModel } from "../model/znode-model.js";
import type { Random } from "../world/random.js";

/** The smallest, for much data to move in few requests. */
export const SLAB_BYTES = 4096;

export interface DrawnSettings {
  readonly options: DataTreeOptions;
  readonly model: ModelOptions;
  readonly closeSessionTxns: boolean;
  readonly digests: boolean;
  readonly localSessions: boolean;
  readonly setsQuotas: boolean;
  readonly neverUsedMs: number;
  readonly mostZnodes: number;
  /** How many txns a tree may differ after a snapshot before that is told. */
  readonly mostFuzzyTxns: number;
  /** The longest txn, in bytes. */
  readonly maxBytes: number;
  /** Whether each negative owner is a time to live, so that no session may have such a number. */
  readonly emulates353: boolean;
}

export function drawTreeSettings(random: Random): DrawnSettings {
  const extendedTypes = random.chance(0.75);
  const emulates353Ttls = random.chance(0.4);
  const closeSessionTxns = random.chance(0.6);
  const skipsAcls = random.chance(0.15);
  const knowsLogins = random.chance(0.5);
  const setsQuotas = random.chance(0.4);
  const enforcesQuotas = setsQuotas && random.chance(0.7);
  const localSessions = random.chance(0.25);
  const digests = random.chance(0.8);
  const neverUsedMs = random.pick([0, 0, 100]);
  const mostZnodes = random.pick([14, 20, Infinity, Infinity]);
  const shortTxns = random.integer(90, 180);
  const maxBytes = random.pick([shortTxns, shortTxns, 300, Infinity, Infinity, Infinity]);
  const mostFuzzyTxns = random.pick([0, 1, 3, 100]);
  return {
    options: {
      mostFuzzyTxns,
      extendedTypes,
      emulates353Ttls,
      closeSessionTxns,
      enforcesQuotas,
      localSessions,
      digests,
      maxNeverUsedMs: neverUsedMs,
      mostZnodes,
      snapshotPieceBytes: random.pick([1, 100, undefined]),
      dataSlabBytes: SLAB_BYTES,
      access: {
        skipChecks: skipsAcls,
        ...(knowsLogins ? { schemes: ALL_SCHEMES } : {}),
        anySaslUser: ANY_SASL_USER,
        x509SuperUser: X509_SUPER_USER,
      },
    },
    model: { extendedTypes, enforcesQuotas, knowsLogins, skipsAcls },
    ...{ closeSessionTxns, digests, localSessions, setsQuotas, neverUsedMs, mostZnodes, maxBytes },
    mostFuzzyTxns,
    emulates353: extendedTypes && emulates353Ttls,
  };
}

export interface FirstTree {
  readonly zxid: Zxid;
  /** What there is besides ZooKeeper's own znodes; undefined: nothing, not even a snapshot. */
  readonly change: TreeChange | undefined;
}

/** Some servers begin with a snapshot of a tree that has seen much: its counters are near their ends. */
export function drawFirstTree(
  random: Random,
  { model: { extendedTypes }, emulates353 }: DrawnSettings,
): FirstTree {
  if (random.chance(0.4)) return { zxid: NO_TXN, change: undefined };
  const zxid = makeZxid(random.integer(1, 3), random.integer(60, 130));
  const versions = [0, 5, 0x7fff_ffff, -0x8000_0000, -3, -2];
  const znodeOf = (owner: OwnerModel, children = 0): ZnodeModel => ({
    data: random.pick([null, new Uint8Array(0), Uint8Array.of(7, 8, 9)]),
    acl: random.pick([
      [{ perms: 31, scheme: "world", id: "anyone" }],
      [{ perms: 31, scheme: "world", id: "anyone" }],
      // Old servers wrote znodes without a list.
      [],
    ]),
    czxid: zxid - 3n,
    mzxid: zxid - 2n,
    pzxid: zxid - 1n,
    ctime: 1n,
    mtime: 2n,
    version: random.pick(versions),
    aversion: random.pick(versions),
    creates: children === 0 ? random.pick([0, 0, 3]) : random.pick([children, 2_000_000_000]),
    children,
    owner,
  });
  const owners: OwnerModel[] = [NOBODY, NOBODY, { kind: "container" }];
  if (extendedTypes)
    // Without a mark of its own, a time of 0 cannot be told from a container.
    for (const ttlMs of [emulates353 ? 1n : 0n, 100n, 2n ** 40n - 1n])
      owners.push({ kind: "ttl", ttlMs, ...(emulates353 ? { of353: true } : {}) });
  const names = random.shuffled(["a", "b", "\u00e7", "\u6c34"]).slice(0, random.integer(1, 4));
  const root: ZnodeModel = { ...ROOT, pzxid: zxid - 3n };
  const znodes = new Map([
    ["/", root],
    [WILD, znodeOf(NOBODY, names.length)],
  ]);
  for (const name of names) znodes.set(`${WILD}/${name}`, znodeOf(random.pick(owners)));
  const sessions = new Map(random.chance(0.5) ? [[0x77n, 4000]] : []);
  return { zxid, change: { znodes, sessions } };
}

const NOBODY: OwnerModel = { kind: "nobody" };

const ROOT: ZnodeModel = {
  data: new Uint8Array(0),
  acl: [{ perms: 31, scheme: "world", id: "anyone" }],
  czxid: NO_TXN,
  mzxid: NO_TXN,
  pzxid: NO_TXN,
  ctime: 0n,
  mtime: 0n,
  version: 0,
  aversion: 0,
  creates: 1,
  children: 2,
  owner: NOBODY,
};

const ALL_SCHEMES = new Set(["digest", "ip", "sasl", "x509"] as const);
