/** Who leads, as an onlooker sees it: several may believe that they do. */
import type { Sid } from "@jute-ts/zookeeper";
import type { Observation } from "../../checkers/checker.js";

export class Leaderships {
  readonly #leaders = new Set<Sid>();
  #changes = 0;

  /** A number for the leadership, where exactly one server leads. Another number for each. */
  get only(): number | undefined {
    return this.#leaders.size === 1 ? this.#changes : undefined;
  }

  observe(observation: Observation): void {
    if (observation.kind === "crash") this.#note(observation.sid, false);
    if (observation.kind !== "step") return;
    const { role, phase } = observation.after;
    this.#note(observation.sid, role === "leading" && phase !== "discovery");
  }

  #note(sid: Sid, leads: boolean): void {
    if (this.#leaders.has(sid) === leads) return;
    this.#changes += 1;
    if (leads) this.#leaders.add(sid);
    else this.#leaders.delete(sid);
  }
}
