/**
 * CoveredSnapshots: a snapshot gets its name when all that may be in it is in the log, durably.
 * It is written while txns are applied, and a server may apply what others have on
 * disk before it has it itself: without the log, such a snapshot is the state of no moment.
 */
import type { Snapshot } from "@jute-ts/persistence";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { Ghosts } from "../model/ghosts.js";
import { type PublishedSnapshot, publishedSnapshot } from "../model/published-snapshot.js";

export class CoveredSnapshots implements Checker {
  readonly name = "covered-snapshots";
  readonly watches = ["file"] as const;
  readonly #ghosts: Ghosts;

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "file") return;
    const published = publishedSnapshot(observation);
    const snapshot = published?.read(world);
    if (published === undefined || snapshot === undefined) return;
    this.#judge(observation.sid, published, snapshot, world);
  }

  #judge(
    sid: Sid,
    { file, zxid: begun }: PublishedSnapshot,
    { trailer: { digest, lastProcessedZxid } }: Snapshot,
    world: WorldView,
  ): void {
    // Of one without a trailer nobody knows when it ended.
    const ended = lastProcessedZxid ?? digest?.zxid ?? begun;
    if (ended <= begun) return;
    const { history, disks } = this.#ghosts;
    const durable = disks.durableZxid(sid, world);
    if (history.contains(durable, ended)) return;
    throw new InvariantViolation(
      "CoveredSnapshots",
      `${sid} publishes ${file.name}, which was finished at ${formatZxid(ended)}, with only ${formatZxid(durable)} on its disk`,
    );
  }
}
