/** Leadership1: at most one server at a time leads an epoch that a quorum has agreed on. */
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { PeerStatus } from "@jute-ts/quorum";

export class Leadership1 implements Checker {
  readonly name = "leadership-1";
  readonly watches = ["changed"] as const;

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    if (!reigns(after) || (reigns(before) && before.epoch === after.epoch)) return;
    for (const { sid: other, status } of world.peers.values()) {
      if (other === sid || status === undefined || !reigns(status)) continue;
      if (status.epoch !== after.epoch) continue;
      const text = `${sid} leads epoch ${after.epoch ?? "none"}, which ${other} still leads`;
      throw new InvariantViolation("Leadership1", text);
    }
  }
}

function reigns({ role, phase, epoch }: PeerStatus): boolean {
  return role === "leading" && phase !== "discovery" && epoch !== undefined;
}
