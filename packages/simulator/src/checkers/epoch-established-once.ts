/** EpochEstablishedOnce: an epoch is established at most once, ever: not by two servers, nor twice by the same. */
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { Epoch, Sid } from "@jute-ts/zookeeper";
import type { PeerStatus } from "@jute-ts/quorum";

export class EpochEstablishedOnce implements Checker {
  readonly name = "epoch-established-once";
  readonly watches = ["changed"] as const;
  readonly #established = new Map<Epoch, Sid>();

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { before, after, sid } = observation;
    const epoch = establishedEpoch(after);
    if (epoch === undefined || epoch === establishedEpoch(before)) return;
    const first = this.#established.get(epoch);
    if (first !== undefined) {
      const text = `${sid} establishes epoch ${epoch}, which ${first} has established before`;
      throw new InvariantViolation("EpochEstablishedOnce", text);
    }
    this.#established.set(epoch, sid);
  }
}

function establishedEpoch({ role, phase, epoch }: PeerStatus): Epoch | undefined {
  return role === "leading" && phase === "broadcast" ? epoch : undefined;
}
