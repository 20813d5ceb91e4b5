/** CommittedLogMonotonicity: the history of a leader whose epoch is established holds everything that was committed in earlier epochs. */
import { epochOf, formatZxid, NO_TXN } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { GhostHistory } from "../model/ghost-history.js";

export class CommittedLogMonotonicity implements Checker {
  readonly name = "committed-log-monotonicity";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    if (after.role !== "leading" || after.phase !== "broadcast") return;
    if (before.phase === "broadcast" && before.epoch === after.epoch) return;
    // One that slept while others went on may find the acks of its quorum when it wakes: it commits nothing any more.
    const { epoch = 0 } = after;
    const earlier = this.#history.order.filter((zxid) => epochOf(zxid) < epoch);
    const committedZxid = earlier.at(-1) ?? NO_TXN;
    if (this.#history.contains(after.lastProcessedZxid, committedZxid)) return;
    throw new InvariantViolation(
      "CommittedLogMonotonicity",
      `${sid} establishes epoch ${after.epoch ?? "none"} with ${formatZxid(after.lastProcessedZxid)}, without ${formatZxid(committedZxid)}, which is committed`,
    );
  }
}
