/** Integrity: whatever is applied was proposed by the leader of its epoch, and is to the last byte what that leader proposed. */
import { epochOf, formatZxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import { equalBytes } from "../model/equal-bytes.js";
import type { GhostHistory } from "../model/ghost-history.js";

export class Integrity implements Checker {
  readonly name = "integrity";
  readonly watches = ["applied"] as const;
  readonly #history: GhostHistory;

  constructor(history: GhostHistory) {
    this.#history = history;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    for (const effect of observation.effects) {
      if (effect.kind !== "applied") continue;
      const { zxid, bytes } = effect.txn;
      const seen = this.#history.txn(zxid);
      const leader = this.#history.leadership(epochOf(zxid))?.leader;
      if (seen === undefined || leader === undefined || seen.firstSeenAt !== leader) {
        throw new InvariantViolation(
          "Integrity",
          `${observation.sid} applies ${formatZxid(zxid)}, which appeared at ${seen?.firstSeenAt ?? "no server"} and not at the epoch's leader, ${leader ?? "nobody"}`,
        );
      }
      if (!equalBytes(seen.bytes, bytes)) {
        throw new InvariantViolation(
          "Integrity",
          `${observation.sid} applies ${formatZxid(zxid)}, but not as its leader ${leader} made it`,
        );
      }
    }
  }
}
