/** ProcessConsistency: once a learner's current epoch is the accepted one, its log is a prefix of its leader's. */
import { epochOf, formatZxid } from "@jute-ts/zookeeper";
import type { PeerStatus } from "@jute-ts/quorum";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { GhostHistory } from "../model/ghost-history.js";

export class ProcessConsistency implements Checker {
  readonly name = "process-consistency";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    const { epoch } = after;
    if (epoch === undefined || !hasTakenOver(after)) return;
    if (before.lastLoggedZxid === after.lastLoggedZxid && hasTakenOver(before)) return;
    const last = this.#history.lastTxn(after.lastLoggedZxid);
    const leadership = this.#history.leadership(epoch);
    // What a leader has proposed itself follows all that it began with.
    if (leadership === undefined || epochOf(last) === epoch) return;
    if (this.#history.contains(leadership.initialZxid, last)) return;
    throw new InvariantViolation(
      "ProcessConsistency",
      `${sid} has taken over epoch ${epoch} with a log that ends at ${formatZxid(last)}, which is not in the history of its leader ${leadership.leader}, up to ${formatZxid(leadership.initialZxid)}`,
    );
  }
}

function hasTakenOver({ role, epoch, acceptedEpoch, currentEpoch }: PeerStatus): boolean {
  return (
    (role === "following" || role === "observing") &&
    epoch !== undefined &&
    currentEpoch === epoch &&
    acceptedEpoch === epoch
  );
}
