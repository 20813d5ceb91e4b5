/** CommittedLogDurability: no log loses a committed txn, unless a snapshot on the same disk holds it. */
import { formatZxid, NO_TXN, type Zxid } from "../../core/zxid.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "../checker.js";
import type { Ghosts } from "./ghosts.js";

export class CommittedLogDurability implements Checker {
  readonly name = "committed-log-durability";
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
      if (lost === undefined) continue;
      const { kind } = observation.operation;
      throw new InvariantViolation(
        "CommittedLogDurability",
        `${sid} loses ${formatZxid(lost)}, which is committed, by the file operation ${kind}; its newest durable snapshot is at ${formatZxid(snapshot)}`,
      );
    }
  }

  #isCommitted(zxid: Zxid): boolean {
    const { history } = this.#ghosts;
    return history.contains(history.committedZxid, zxid);
  }
}
