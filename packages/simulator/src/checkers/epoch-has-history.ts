/**
 * EpochHasHistory: a server whose file says that it has followed a leader has had a
 * snapshot at least. Without one, and without a log, something was lost that it may
 * have promised to keep: it must not start as if it had never had anything.
 */
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export class EpochHasHistory implements Checker {
  readonly name = "epoch-has-history";
  readonly watches = ["reported"] as const;

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    for (const effect of observation.effects) {
      if (effect.kind !== "report" || effect.report.kind !== "recovered") continue;
      const { currentEpoch, snapshotZxid, txns } = effect.report;
      if (currentEpoch === 0 || snapshotZxid !== undefined || txns > 0) continue;
      throw new InvariantViolation(
        "EpochHasHistory",
        `${observation.sid} starts with neither a snapshot nor a log, though it has followed a leader in epoch ${currentEpoch}`,
      );
    }
  }
}
