/** Agreement: of two txns that two servers have delivered, one of the servers has delivered both. */
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { deliveredZxid, type GhostHistory } from "../model/ghost-history.js";

export class Agreement implements Checker {
  readonly name = "agreement";
  readonly watches = ["changed"] as const;
  readonly #history: GhostHistory;
  /** The longest history that each server has ever delivered, whatever it has forgotten since. */
  readonly #delivered = new Map<Sid, Zxid>();

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    const delivered = deliveredZxid(after);
    if (delivered === deliveredZxid(before)) return;
    for (const [other, zxid] of this.#delivered) {
      if (this.#history.contains(zxid, delivered) || this.#history.contains(delivered, zxid))
        continue;
      throw new InvariantViolation(
        "Agreement",
        `${sid} has delivered ${formatZxid(delivered)} and ${other} ${formatZxid(zxid)}: neither has both`,
      );
    }
    if (delivered > (this.#delivered.get(sid) ?? 0n)) this.#delivered.set(sid, delivered);
  }
}
