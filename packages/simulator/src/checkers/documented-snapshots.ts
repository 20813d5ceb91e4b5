/**
 * DocumentedSnapshots: the file of a snapshot holds what the documentation makes of the
 * committed requests up to the txn that names it: every znode with its data, stat and
 * access control list, every session, and no list that no znode has. Ours are those of
 * one moment, although txns go on being applied while they are written.
 */
import type { Snapshot, SnapshotNode } from "@jute-ts/persistence";
import {
  type ACL,
  formatZxid,
  OPEN_ACL_UNSAFE,
  type Sid,
  type StatPersisted,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { GhostHistory } from "../model/ghost-history.js";
import { type PublishedSnapshot, publishedSnapshot } from "../model/published-snapshot.js";
import { aclModelOf, equalAcls, isSameData, shownAcl } from "../model/tree-comparison.js";
import { ownerNumber, type ZnodeModel } from "../model/znode-model.js";
import type { CommittedRequests } from "./committed-requests.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export class DocumentedSnapshots implements Checker {
  readonly name = "documented-snapshots";
  readonly watches = ["file"] as const;
  readonly #requests: CommittedRequests;
  readonly #history: GhostHistory;
  readonly #firstZxid: Zxid;
  readonly #counts = new Map<Sid, number>();

  /** `firstZxid`: what every disk held before the run, when the tree was still empty. */
  constructor(requests: CommittedRequests, history: GhostHistory, firstZxid: Zxid) {
    this.#requests = requests;
    this.#history = history;
    this.#firstZxid = firstZxid;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "file" || this.#requests.isLost) return;
    const { sid } = observation;
    const published = publishedSnapshot(observation);
    if (published === undefined || !this.#isKnown(published.zxid)) return;
    // To compare a snapshot takes as long as the tree is big, so after the first few only some are.
    const count = (this.#counts.get(sid) ?? 0) + 1;
    this.#counts.set(sid, count);
    if (count > ALL_OF_THE_FIRST && count % ONE_IN_LATER !== 0) return;
    const snapshot = published.read(world);
    if (snapshot !== undefined) this.#judge(sid, published, snapshot);
  }

  /** Whether all that the snapshot holds is committed. */
  #isKnown(begun: Zxid): boolean {
    const zxid = this.#history.lastTxn(begun);
    return zxid <= this.#firstZxid || this.#requests.outcomeOf(zxid) !== undefined;
  }

  #judge(sid: Sid, { file, zxid }: PublishedSnapshot, snapshot: Snapshot): void {
    const difference =
      this.#differenceOfZnodes(snapshot, zxid) ?? this.#differenceOfSessions(snapshot, zxid);
    if (difference === undefined) return;
    throw new InvariantViolation(
      "DocumentedSnapshots",
      `${file.name} of ${sid} is not the tree at ${formatZxid(zxid)}: ${difference}`,
    );
  }

  #differenceOfZnodes({ nodes, acls }: Snapshot, zxid: Zxid): string | undefined {
    const { tree } = this.#requests;
    const used = new Set<bigint>();
    for (const node of nodes) {
      const path = node.path === "" ? "/" : node.path;
      const expected = tree.znode(path, zxid);
      if (expected === undefined) return `${path} is there, and should not`;
      used.add(node.aclId);
      const difference =
        differenceOfLists(expected, node.aclId === OPEN_ID ? OPEN : acls.get(node.aclId)) ??
        // Each server shows its own configuration, which no request makes.
        (path === CONFIGURATION ? undefined : differenceOf(expected, node));
      if (difference !== undefined) return `${path} ${difference}`;
    }
    const count = [...tree.znodesAt(zxid)].length;
    if (nodes.length !== count) return `it has ${nodes.length} znodes, and should have ${count}`;
    return differenceOfTable(acls, used);
  }

  #differenceOfSessions({ sessions }: Snapshot, zxid: Zxid): string | undefined {
    let count = 0;
    for (const [id, timeoutMs] of this.#requests.tree.sessionsAt(zxid)) {
      count += 1;
      if (sessions.get(id) !== timeoutMs) return `session ${id} should last ${timeoutMs} ms`;
    }
    if (sessions.size === count) return undefined;
    return `it has ${sessions.size} sessions, and should have ${count}`;
  }
}

function differenceOfLists(
  { acl: expected }: ZnodeModel,
  actual: readonly ACL[] | undefined,
): string | undefined {
  if (actual === undefined) return "has an access control list that is not there";
  return equalAcls(expected, actual)
    ? undefined
    : `has the access control list ${shownAcl(actual.map(aclModelOf))}, and should have ${shownAcl(expected)}`;
}

function differenceOf(expected: ZnodeModel, { data, stat }: SnapshotNode): string | undefined {
  if (!isSameData(expected.data, data)) return "has other data";
  // On disk cversion counts what was created; what is deleted counts when a stat is shown.
  const { creates: cversion, owner } = expected;
  const right = { ...expected, cversion, ephemeralOwner: ownerNumber(owner) };
  const field = STAT_FIELDS.find((each) => stat[each] !== right[each]);
  return field && `has ${stat[field]} for ${field}, and should have ${right[field]}`;
}

/** The lists that a snapshot says that it has: each once, and no more than its znodes have. */
function differenceOfTable(
  acls: ReadonlyMap<bigint, readonly ACL[]>,
  used: ReadonlySet<bigint>,
): string | undefined {
  const texts = new Set<string>();
  for (const [id, acl] of acls) {
    const text = shownAcl(acl.map(aclModelOf));
    if (!used.has(id)) return `no znode has its list ${id}, ${text}`;
    if (texts.has(text)) return `it has the list ${text} twice`;
    texts.add(text);
  }
  return undefined;
}

const STAT_FIELDS = [
  "czxid",
  "mzxid",
  "pzxid",
  "ctime",
  "mtime",
  "version",
  "cversion",
  "aversion",
  "ephemeralOwner",
] as const satisfies readonly (keyof StatPersisted)[];

/** Stands for a list that is in no table: everybody may do everything. */
const OPEN_ID = -1n;
const OPEN: readonly ACL[] = OPEN_ACL_UNSAFE;
const CONFIGURATION = "/zookeeper/config";

const ALL_OF_THE_FIRST = 5;
const ONE_IN_LATER = 8;
