/**
 * CommittedLogDurability: what is committed stays on the disks of a quorum. A log
 * may be cut after what its snapshot holds, and a learner that synchronizes may
 * cut what was committed without it a moment ago, because it answers only when it
 * has it again; but never so that less than a quorum is left.
 */
import { formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { Ghosts } from "../model/ghosts.js";

export class CommittedLogDurability implements Checker {
  readonly name = "committed-log-durability";
  readonly watches = ["file"] as const;
  readonly #ghosts: Ghosts;

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "file") return;
    for (const change of this.#ghosts.disks.changes) {
      if (change.kind !== "removed") continue;
      const { sid, zxids } = change;
      const snapshot = this.#ghosts.disks.durableSnapshotZxid(sid, world) ?? NO_TXN;
      const lost = zxids.find((zxid) => zxid > snapshot && this.#isCommitted(zxid));
      if (lost === undefined || this.#isOnQuorum(lost, world)) continue;
      const { kind } = observation.operation;
      throw new InvariantViolation(
        "CommittedLogDurability",
        `${sid} loses ${formatZxid(lost)} by the file operation ${kind}: it is committed, and now less than a quorum has it on disk`,
      );
    }
  }

  #isOnQuorum(zxid: Zxid, world: WorldView): boolean {
    const { disks } = this.#ghosts;
    const holders = [...world.ensemble.voters].filter((sid) => disks.holds(sid, zxid, world));
    return world.ensemble.containsQuorum(holders);
  }

  #isCommitted(zxid: Zxid): boolean {
    const { history } = this.#ghosts;
    return history.contains(history.committedZxid, zxid);
  }
}
