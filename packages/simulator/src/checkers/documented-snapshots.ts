/**
 * DocumentedSnapshots: the file of a snapshot holds what the documentation makes of the
 * committed requests up to the txn that names it: every znode with its data, stat and
 * access control list, every session, and no list that no znode has. Ours are those of
 * one moment, although txns go on being applied while they are written.
 */
import type { Snapshot } from "@jute-ts/persistence";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { GhostHistory } from "../model/ghost-history.js";
import { type PublishedSnapshot, publishedSnapshot } from "../model/published-snapshot.js";
import { differenceOfSnapshots } from "../model/snapshot-comparison.js";
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
    const difference = differenceOfSnapshots(this.#requests.tree, snapshot, zxid);
    if (difference === undefined) return;
    throw new InvariantViolation(
      "DocumentedSnapshots",
      `${file.name} of ${sid} is not the tree at ${formatZxid(zxid)}: ${difference}`,
    );
  }
}

const ALL_OF_THE_FIRST = 5;
const ONE_IN_LATER = 8;
