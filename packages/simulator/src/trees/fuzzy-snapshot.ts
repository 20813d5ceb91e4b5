/**
 * A snapshot as Apache's servers write it while their tree changes: the sessions and the access control
 * lists of when it is begun, and each znode as it is when its turn comes, with the children that its
 * parent had then. A list that came later is not in it, and its number is above all that are.
 */
import { encodeSnapshotBody, type SnapshotNode } from "@jute-ts/persistence";
import { ACL, StatPersisted, type Zxid } from "@jute-ts/zookeeper";
import { joined } from "../model/plain-bytes.js";
import { shownAcl } from "../model/tree-comparison.js";
import type { TreeModel } from "../model/tree-model.js";
import { type AclModel, ownerNumber, parentOf, type ZnodeModel } from "../model/znode-model.js";
import type { Random } from "../world/random.js";

export interface FuzzySnapshot {
  readonly sessions: readonly (readonly [id: bigint, timeoutMs: number])[];
  readonly acls: readonly (readonly [id: bigint, acl: readonly ACL[]])[];
  /** Parents first. */
  readonly nodes: readonly SnapshotNode[];
  /** The last txn that may be in it. */
  readonly last: Zxid;
  /** Whether a list is in it twice. */
  readonly repeatsLists: boolean;
}

/** `later`: the txns that are applied while it is written, or after that, in their order. */
export function fuzzySnapshot(
  random: Random,
  tree: TreeModel,
  begun: Zxid,
  later: readonly Zxid[],
): FuzzySnapshot {
  const table = new ListTable(random, tree, begun);
  const haste = random.pick([0, 0.1, 0.5]);
  let passed = 0;
  const now = (): Zxid => later[passed - 1] ?? begun;
  const nodes: SnapshotNode[] = [];
  const write = (path: string): void => {
    const znode = tree.znode(path, now());
    if (znode === undefined) return;
    const children = childrenOf(tree, path, now());
    const before = tree.znode(path, begun);
    const aclId = table.idFor(znode.acl, before?.acl === znode.acl);
    nodes.push({
      path: path === "/" ? "" : path,
      data: znode.data,
      aclId,
      stat: persisted(znode),
    });
    while (passed < later.length && random.chance(haste)) passed += 1;
    for (const child of random.shuffled(children)) write(child);
  };
  write("/");
  const sessions = [...tree.sessionsAt(begun)];
  const { listed: acls, repeats: repeatsLists } = table;
  return { sessions, acls, nodes, last: now(), repeatsLists };
}

export function bytesOf({ sessions, acls, nodes }: FuzzySnapshot): Uint8Array {
  const [sessionCount, aclCount] = [sessions.length, acls.length];
  return joined(...encodeSnapshotBody({ sessions, sessionCount, acls, aclCount, nodes }));
}

/** The same with a mistake that no server makes; "acl", "parent" or "duplicate" is what is wrong with it. */
export function spoiled(
  random: Random,
  snapshot: FuzzySnapshot,
): { readonly kind: "acl" | "parent" | "duplicate"; readonly snapshot: FuzzySnapshot } {
  const { sessions, acls, nodes } = snapshot;
  const node = random.pick(nodes);
  const path = node.path === "" ? "/other" : `${node.path}r`;
  const list = [new ACL({ perms: 1, id: { scheme: "world", id: "anyone" } })];
  const duplicate = (change: Partial<FuzzySnapshot>) =>
    ({ kind: "duplicate", snapshot: { ...snapshot, ...change } }) as const;
  return random.pick([
    () => duplicate({ nodes: [...nodes, random.pick(nodes.slice(1))] }),
    () => {
      const [id, timeoutMs] = sessions[0] ?? [1n, 1000];
      return duplicate({ sessions: [...sessions, [id, timeoutMs], [id, timeoutMs + 1]] });
    },
    () => {
      const [id] = acls.at(-1) ?? [1n];
      return duplicate({ acls: [...acls, [id, list], [id, list]] });
    },
    () => duplicate({ acls: [...acls, [OPEN_ID, list]] }),
    () => ({
      kind: "parent" as const,
      snapshot: { ...snapshot, nodes: [...nodes, { ...node, path: `${path}/child` }] },
    }),
    () => ({
      kind: "acl" as const,
      snapshot: {
        ...snapshot,
        nodes: [...nodes, { ...node, path, aclId: random.pick([0n, OPEN_ID - 1n]) }],
      },
    }),
  ])();
}

function childrenOf(tree: TreeModel, path: string, zxid: Zxid): string[] {
  const paths: string[] = [];
  for (const [each] of tree.znodesAt(zxid))
    if (each !== "/" && parentOf(each) === path) paths.push(each);
  return paths;
}

/** On disk cversion counts what was created. */
function persisted({ creates: cversion, owner, ...znode }: ZnodeModel): StatPersisted {
  const { czxid, mzxid, pzxid, ctime, mtime, version, aversion } = znode;
  const ephemeralOwner = ownerNumber(owner);
  const fields = { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion };
  return new StatPersisted({ ...fields, ephemeralOwner });
}

/** The numbers of lists. Some lists have two, as old servers gave them, and some are used by nobody. */
class ListTable {
  readonly listed: (readonly [id: bigint, acl: readonly ACL[]])[] = [];
  readonly #ids = new Map<string, bigint[]>();
  readonly #random: Random;
  readonly repeats: boolean;
  #lastId = 0n;

  constructor(random: Random, tree: TreeModel, begun: Zxid) {
    this.#random = random;
    this.repeats = random.chance(0.2);
    for (const [, { acl }] of tree.znodesAt(begun)) {
      if (this.#ids.has(shownAcl(acl))) continue;
      this.#list(acl);
      if (this.repeats && random.chance(0.5)) this.#list(acl);
    }
    if (random.chance(0.3)) this.#list([{ perms: 1, scheme: "digest", id: "nobody:x" }]);
  }

  /** `isOld`: whether the znode has had its list since before the lists were written. */
  idFor(acl: readonly AclModel[], isOld: boolean): bigint {
    if (shownAcl(acl) === OPEN && this.#random.chance(0.5)) return OPEN_ID;
    const ids = this.#ids.get(shownAcl(acl)) ?? [];
    // Who lets go of a list and takes it again has given it another number.
    const isAgain = !isOld && this.#random.chance(0.3);
    return isAgain || ids.length === 0 ? this.#nextId() : this.#random.pick(ids);
  }

  #list(acl: readonly AclModel[]): void {
    const id = this.#nextId();
    const entries = acl.map((each) => new ACL({ perms: each.perms, id: each }));
    this.listed.push([id, entries]);
    const known = this.#ids.get(shownAcl(acl));
    if (known === undefined) this.#ids.set(shownAcl(acl), [id]);
    else known.push(id);
  }

  #nextId(): bigint {
    this.#lastId += BigInt(this.#random.pick([1, 1, 4]));
    return this.#lastId;
  }
}

/** Stands for a list that is in no table: everybody may do everything. */
const OPEN_ID = -1n;
const OPEN = "world:anyone:31";
