/** PrefixConsistency: what any server has delivered and what is committed are one history, of which one may have more. */
import { formatZxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { deliveredZxid, type GhostHistory } from "../model/ghost-history.js";

export class PrefixConsistency implements Checker {
  readonly name = "prefix-consistency";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    const delivered = deliveredZxid(after);
    if (delivered === deliveredZxid(before)) return;
    const { committedZxid } = this.#history;
    // The ghost has taken in what extends the committed history, so what is left must be a prefix of it.
    if (this.#history.contains(committedZxid, delivered)) return;
    const common = formatZxid(this.#history.commonZxid(committedZxid, delivered));
    throw new InvariantViolation(
      "PrefixConsistency",
      `${sid} has delivered ${formatZxid(delivered)}, others ${formatZxid(committedZxid)}: the histories part after ${common}`,
    );
  }
}
