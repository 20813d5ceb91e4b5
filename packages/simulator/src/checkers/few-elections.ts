/** FewElections: once everything is repaired, no server has to look for a leader again and again. */
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export class FewElections implements Checker {
  readonly name = "few-elections";
  readonly watches = ["changed"] as const;
  readonly #elections = new Map<Sid, number>();

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step" || world.phase !== "healing") return;
    const { sid, before, after } = observation;
    if (after.role !== "looking" || before.role === "looking") return;
    const count = (this.#elections.get(sid) ?? 0) + 1;
    this.#elections.set(sid, count);
    if (count <= MAX_ELECTIONS) return;
    const text = `${sid} looks for a leader for the ${count}th time since everything was repaired`;
    throw new InvariantViolation("FewElections", text);
  }
}

/** A restart, a leader that was elected without the best candidate, and what was still on its way, several times over. */
const MAX_ELECTIONS = 20;
