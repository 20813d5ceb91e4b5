/** Draws crashes: when, with what loss, in what company, and when who crashed comes back. */
import type { Effect, FileOperation } from "@jute-ts/quorum";
import type { CrashTrap } from "../world/crash.js";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import { BREAKING_PACKETS } from "./breaking-packets.js";
import { at, type DrawnFault, type Targets } from "./drawn-faults.js";
import type { Fault, Target } from "./faults.js";

export type Crash = Extract<Fault, { kind: "crash" }>;

export class CrashPlanner {
  readonly #random: Random;
  readonly #settings: WorldSettings;
  readonly #targets: Targets;
  readonly #powerShare: number;
  readonly #trapShare: number;
  readonly #meanDownMs: number;

  constructor(random: Random, settings: WorldSettings, targets: Targets) {
    this.#random = random;
    this.#settings = settings;
    this.#targets = targets;
    this.#powerShare = random.pick([0, 0.5, 0.9]);
    this.#trapShare = random.pick([0.2, 0.8]);
    this.#meanDownMs = settings.peer.tickTimeMs * random.pick([0.5, 3, 20]);
  }

  /** How long a process is down. */
  downMs(): number {
    return this.#random.exponential(this.#meanDownMs);
  }

  /** One crash, all voters at once, one peer again and again, or a leader whose last writes nobody has. */
  draw(): readonly DrawnFault[] {
    const random = this.#random;
    const company = random.fraction();
    if (company < 0.1) {
      return this.#settings.ensemble.voters.map((sid) =>
        at(random.exponential(5), this.crash({ kind: "sid", sid })),
      );
    }
    if (company < 0.2) {
      const target: Target = { kind: "sid", sid: this.#targets.one() };
      return [0, 1, 2].map((times) => at(times * this.#meanDownMs * 1.5, this.crash(target)));
    }
    if (company < 0.5 && this.#targets.sids.length > 1) return this.#drawForsakenLeader();
    return [at(0, this.crash(this.#targets.target()))];
  }

  /**
   * A leader logs txns that reach nobody, and crashes. It may lead with them once
   * more and crash again; or it comes back to find that the others have gone on.
   */
  #drawForsakenLeader(): readonly DrawnFault[] {
    const random = this.#random;
    const { tickTimeMs, syncLimit } = this.#settings.peer;
    const patienceMs = tickTimeMs * syncLimit;
    const target: Target = { kind: "leader", otherwise: this.#targets.one() };
    const silence: Fault = {
      kind: "isolate",
      target,
      layers: ["quorum"],
      directions: "outgoing",
      forMs: patienceMs * random.pick([0.5, 1, 3]),
    };
    const crashMs = patienceMs * random.fraction();
    const comesBack = random.pick(["onceElected", "onceServing"] as const);
    const last: Crash = { ...this.crash(target), downMs: 10 * patienceMs, comesBack };
    if (random.chance(0.5)) return [at(0, silence), at(crashMs, { ...last, trap: undefined })];
    const first: Crash = { ...this.crash(target), trap: undefined, downMs: tickTimeMs * 0.1 };
    const secondMs = crashMs + patienceMs * random.fraction() * 2;
    return [at(0, silence), at(crashMs, first), at(secondMs, last)];
  }

  /** A crash that strikes at once, or in some moment that a trap waits for. */
  crash(target: Target): Crash {
    const random = this.#random;
    return {
      kind: "crash",
      target,
      trap: random.chance(this.#trapShare) ? this.#trap() : undefined,
      manner: {
        loss: random.chance(this.#powerShare)
          ? {
              kind: "power",
              keepProbability: random.pick([0, 0, 0.5, 0.9]),
              tear: random.chance(0.5),
            }
          : { kind: "process" },
        silently: random.chance(0.2),
      },
      downMs: this.downMs(),
      comesBack: "afterwards",
    };
  }

  #trap(): CrashTrap {
    const random = this.#random;
    const nth = random.chance(0.6) ? 1 : random.integer(2, 12);
    if (random.chance(0.5)) return fileTrap(random.pick(CRASH_FILES), nth);
    if (random.chance(0.4))
      return { kind: "beforePacket", packet: random.pick(BREAKING_PACKETS), nth };
    return effectTrap(random.pick(CRASH_EFFECTS), nth);
  }
}

/** What is rare is not waited for a second time: it might never come. */
function fileTrap(operation: FileOperation["kind"], nth: number): CrashTrap {
  return { kind: "afterFile", operation, nth: RARE_FILES.has(operation) ? 1 : nth };
}

function effectTrap(effect: Effect["kind"] | undefined, nth: number): CrashTrap {
  return {
    kind: "beforeEffect",
    effect,
    nth: effect !== undefined && RARE_EFFECTS.has(effect) ? 1 : nth,
  };
}

const RARE_FILES: ReadonlySet<FileOperation["kind"]> = new Set(["remove", "list"]);
const RARE_EFFECTS: ReadonlySet<Effect["kind"]> = new Set([
  "listen",
  "stopListening",
  "connect",
  "closeConnection",
]);
const CRASH_FILES: readonly FileOperation["kind"][] = [
  "create",
  "write",
  "write",
  "sync",
  "sync",
  "truncate",
  "rename",
  "remove",
  "syncDirectory",
  "read",
  "list",
];

const CRASH_EFFECTS: readonly (Effect["kind"] | undefined)[] = [
  undefined,
  "send",
  "send",
  "file",
  "file",
  "applied",
  "answer",
  "notify",
  "listen",
  "stopListening",
  "stopListening",
  "stopListening",
  "connectElection",
  "connect",
  "report",
  "closeConnection",
];
