/** Draws strangers, who connect to a peer's quorum port and say that they are another one. */
import type { Sid } from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import { at, type DrawnFault, type Targets } from "./drawn-faults.js";
import type { Fault, Imposture, Target } from "./faults.js";
import type { Crash, CrashPlanner } from "./plan-crashes.js";

export class StrangerPlanner {
  readonly #random: Random;
  readonly #settings: WorldSettings;
  readonly #targets: Targets;
  readonly #crashes: CrashPlanner;

  constructor(random: Random, settings: WorldSettings, targets: Targets, crashes: CrashPlanner) {
    this.#random = random;
    this.#settings = settings;
    this.#targets = targets;
    this.#crashes = crashes;
  }

  /** One stranger at the leader's port, or one who deceives the next leader. */
  draw(): readonly DrawnFault[] {
    if (this.#random.chance(0.5)) return this.#drawDeceivedCandidate();
    const [as, otherwise] = this.#targets.pair();
    const target: Target = { kind: "leader", otherwise };
    return [at(0, { kind: "impostor", target, ...this.#imposture(as) })];
  }

  /**
   * The leader crashes. To the next one a stranger claims a late epoch, for which it
   * takes a later one, and crashes before anybody else hears of it. When it comes back,
   * the others may have gone on in an epoch that is earlier than what it has promised.
   */
  #drawDeceivedCandidate(): readonly DrawnFault[] {
    const random = this.#random;
    const { tickTimeMs, syncLimit } = this.#settings.peer;
    const patienceMs = tickTimeMs * syncLimit;
    const [as, otherwise] = this.#targets.pair();
    const leader: Target = { kind: "leader", otherwise };
    const candidate: Target = { kind: "candidate", otherwise, withinMs: 4 * patienceMs };
    const end: Crash = {
      ...this.#crashes.crash(leader),
      trap: undefined,
      downMs: patienceMs * random.pick([0.1, 1]),
    };
    const claim: Fault = {
      kind: "impostor",
      target: candidate,
      ...this.#imposture(as),
      epochsAhead: random.pick([1, 2, 50]),
      times: 1,
    };
    const failure: Crash = {
      ...this.#crashes.crash(candidate),
      trap: { kind: "beforePacket", packet: "LEADERINFO", nth: 1 },
      downMs: 10 * patienceMs,
      comesBack: "onceServing",
    };
    return [at(0, end), at(0, claim), at(0, failure)];
  }

  #imposture(as: Sid): Imposture {
    const random = this.#random;
    const { tickTimeMs, initLimit } = this.#settings.peer;
    return {
      as,
      certificate: random.pick([undefined, ...this.#targets.sids.filter((sid) => sid !== as)]),
      epochsAhead: random.pick([0, 1, 1, 2, 50, 1000]),
      asksForHistory: random.chance(0.4),
      times: random.pick([1, 5, 40]),
      everyMs: tickTimeMs * random.pick([0.15, 1]),
      staysMs: tickTimeMs * random.pick([0.1, 3, 2 * initLimit]),
    };
  }
}
