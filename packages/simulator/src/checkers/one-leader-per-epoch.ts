/** OneLeaderPerEpoch: at most one server at a time leads an epoch that a quorum has agreed on. */
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { PeerStatus } from "@jute-ts/quorum";

export class OneLeaderPerEpoch implements Checker {
  readonly name = "one-leader-per-epoch";
  readonly watches = ["changed"] as const;

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    if (!leadsAgreedEpoch(after) || (leadsAgreedEpoch(before) && before.epoch === after.epoch))
      return;
    for (const { sid: other, status } of world.peers.values()) {
      if (other === sid || status === undefined || !leadsAgreedEpoch(status)) continue;
      if (status.epoch !== after.epoch) continue;
      const text = `${sid} leads epoch ${after.epoch ?? "none"}, which ${other} still leads`;
      throw new InvariantViolation("OneLeaderPerEpoch", text);
    }
  }
}

function leadsAgreedEpoch({ role, phase, epoch }: PeerStatus): boolean {
  return role === "leading" && phase !== "discovery" && epoch !== undefined;
}
