/** What the planners of faults share: faults in company, and whom they hit. */
import type { Sid } from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import type { Fault, Target } from "./faults.js";

export interface DrawnFault {
  /** Some faults come in company, this much later than the first. */
  readonly afterMs: number;
  readonly fault: Fault;
}

export function at(afterMs: number, fault: Fault): DrawnFault {
  return { afterMs, fault };
}

/** Draws whom faults hit. */
export class Targets {
  readonly sids: readonly Sid[];
  readonly #random: Random;
  readonly #leaderShare: number;

  constructor(random: Random, { ensemble }: WorldSettings) {
    this.#random = random;
    this.sids = [...ensemble.voters, ...ensemble.observers];
    this.#leaderShare = random.pick([0.1, 0.5]);
  }

  one(): Sid {
    return this.#random.pick(this.sids);
  }

  pair(): readonly [Sid, Sid] {
    const one = this.one();
    return [one, this.#random.pick(this.sids.filter((sid) => sid !== one))];
  }

  target(): Target {
    const sid = this.one();
    return this.#random.chance(this.#leaderShare)
      ? { kind: "leader", otherwise: sid }
      : { kind: "sid", sid };
  }
}
