/**
 * Plans the faults of a run: a mixture, of which each run has its own kinds and
 * weights; and what comes besides, at its own pace, and takes no share of the mixture.
 * Some runs have nothing but what comes besides: what takes long to show needs a
 * world that is left alone meanwhile.
 */
import type { FileOperation } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { DiskFault } from "../world/disk.js";
import type { Random } from "../world/random.js";
import type { Layer } from "../world/reachability.js";
import type { WorldSettings } from "../world/settings.js";
import { BREAKING_PACKETS, MISSTATED_PACKETS } from "./breaking-packets.js";
import { at, type DrawnFault, Targets } from "./drawn-faults.js";
import {
  type Direction,
  type Fault,
  FAULT_KINDS,
  type FaultKind,
  type PlannedFault,
  type Target,
} from "./faults.js";
import { CrashPlanner } from "./plan-crashes.js";
import { StrangerPlanner } from "./plan-strangers.js";

/** Draws the faults of a run: which kinds at all, how often, and each one's details. */
export function planFaults(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
): readonly PlannedFault[] {
  const isQuiet = random.chance(QUIET_SHARE);
  const planner = new FaultPlanner(random, settings);
  const mixture = isQuiet ? [] : drawMixture(random, settings, safetyMs, planner);
  const besides = drawBesides(random, settings, safetyMs, planner, isQuiet);
  return [...mixture, ...besides]
    .filter(({ atMs }) => atMs < safetyMs)
    .map((timed, nth) => ({ id: nth + 1, ...timed }));
}

/** Of some disks, older files go missing as well: what is rare in a mixture. `firstId`: the number of the first. */
export function planOlderLosses(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
  firstId: number,
): readonly PlannedFault[] {
  if (!random.chance(OLDER_LOSS_SHARE)) return [];
  const { voters, observers } = settings.ensemble;
  return Array.from({ length: random.integer(1, 3) }, (_, nth): PlannedFault => {
    const target = { kind: "sid", sid: random.pick([...voters, ...observers]) } as const;
    const [file, place, atMs] = [
      random.fraction(),
      random.fraction(),
      safetyMs * random.fraction(),
    ];
    const downMs = random.exponential(settings.peer.tickTimeMs);
    const fault = {
      kind: "damage",
      target,
      how: "older missing",
      file,
      at: place,
      downMs,
    } as const;
    return { id: firstId + nth, atMs, fault };
  });
}

/** Servers also say what they must not, on a few connections: each ends one. `firstId`: the number of the first. */
export function planMisstatements(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
  firstId: number,
): readonly PlannedFault[] {
  const size = settings.ensemble.voters.length + settings.ensemble.observers.length;
  if (size === 1 || !random.chance(MISSTATEMENT_SHARE)) return [];
  const meanMs = settings.peer.tickTimeMs * random.pick([2, 5, 20]);
  const faults = drawOften(random, meanMs, safetyMs, () => {
    const packet = random.pick(MISSTATED_PACKETS);
    const nth = random.chance(0.6) ? 1 : random.integer(2, 6);
    return [at(0, { kind: "misstatement", packet, nth, which: random.fraction() })];
  });
  return faults.map((timed, nth) => ({ id: firstId + nth, ...timed }));
}

/**
 * The ports of some servers are taken for a while, mostly while somebody else leads, who is
 * asked to stop then: whoever is the best candidate cannot be followed. `firstId`: the number of the first.
 */
export function planTakenPorts(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
  firstId: number,
): readonly PlannedFault[] {
  if (!random.chance(TAKEN_PORT_SHARE)) return [];
  const { voters, observers } = settings.ensemble;
  const { tickTimeMs, syncLimit } = settings.peer;
  const sids = [...voters, ...observers];
  const faults = drawOften(random, tickTimeMs * random.pick([5, 10, 20]), safetyMs, () => {
    const forMs = random.exponential(tickTimeMs * syncLimit * random.pick([0.3, 1, 3]));
    const takenPorts = sids
      .filter(() => random.chance(0.4))
      .map((sid) => at(0, { kind: "takenPort", target: { kind: "sid", sid }, forMs }));
    if (random.chance(0.3)) return takenPorts;
    const target: Target = { kind: "leader", otherwise: random.pick(sids) };
    const downMs = random.exponential(tickTimeMs);
    const stop: Fault = { kind: "stop", target, downMs, inTurn: false };
    return [...takenPorts, at(forMs * random.fraction(), stop)];
  });
  return faults
    .filter(({ atMs }) => atMs < safetyMs)
    .map((timed, nth) => ({ id: firstId + nth, ...timed }));
}

type TimedFault = Omit<PlannedFault, "id">;

function drawMixture(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
  planner: FaultPlanner,
): TimedFault[] {
  const kinds = possibleKinds(settings)
    .filter((kind) => !BESIDES.includes(kind))
    .filter((kind) => random.chance(KIND_PROBABILITY[kind]));
  const weights = kinds.map(() => random.exponential(1));
  const meanMs = settings.peer.tickTimeMs * random.pick([1, 2, 5, 15]);
  if (kinds.length === 0) return [];
  return drawOften(random, meanMs, safetyMs, () =>
    planner.draw(random.pickWeighted(kinds, weights)),
  );
}

function drawBesides(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
  planner: FaultPlanner,
  isQuiet: boolean,
): TimedFault[] {
  const possible = possibleKinds(settings).filter((kind) => BESIDES.includes(kind));
  // One kind alone: two of them disturb each other.
  const kinds = isQuiet
    ? random.shuffled(possible).slice(0, 1)
    : possible.filter((kind) => random.chance(KIND_PROBABILITY[kind]));
  return kinds.flatMap((kind) => {
    const meanMs = isQuiet ? safetyMs / 3 : settings.peer.tickTimeMs * random.pick([5, 15, 40]);
    return drawOften(random, meanMs, safetyMs, () => planner.draw(kind));
  });
}

/** Again and again until the time is over, on average after so many milliseconds. */
function drawOften(
  random: Random,
  meanMs: number,
  untilMs: number,
  draw: () => readonly DrawnFault[],
): TimedFault[] {
  const drawn: TimedFault[] = [];
  for (let atMs = random.exponential(meanMs); atMs < untilMs; atMs += random.exponential(meanMs))
    for (const { afterMs, fault } of draw()) drawn.push({ atMs: atMs + afterMs, fault });
  return drawn;
}

/** What comes besides the mixture. */
const BESIDES: readonly PlannedKind[] = ["impostor", "hungDisk", "lateAcks"];

/** Of the files that go missing, those that are not the newest. */
const OLDER_SHARE = 0.7;

/** Of all runs, those in which older files go missing besides. */
const OLDER_LOSS_SHARE = 0.25;

/** Of all runs, those in which servers break the rules besides. */
const MISSTATEMENT_SHARE = 0.3;

/** Of all runs, those in which ports are taken besides. */
const TAKEN_PORT_SHARE = 0.2;

/** Of all runs, those that have nothing else. */
const QUIET_SHARE = 0.15;

/** A kind of faults, or several kinds that belong together. */
type PlannedKind = Exclude<FaultKind, BesidesAll> | "lateAcks";

/** What is drawn for itself, and takes no part in the mixture. */
type BesidesAll = "misstatement" | "takenPort";

const KIND_PROBABILITY: Readonly<Record<PlannedKind, number>> = {
  crash: 0.85,
  pause: 0.4,
  partition: 0.5,
  isolate: 0.5,
  cut: 0.6,
  breakOff: 0.4,
  slowReader: 0.25,
  electionNoise: 0.3,
  slowDisk: 0.3,
  hungDisk: 0.15,
  failFile: 0.3,
  wallClockJump: 0.2,
  halfOpen: 0.3,
  impostor: 0.3,
  stop: 0.3,
  fullDisk: 0.2,
  wipe: 0.5,
  rot: 0.3,
  olderDisk: 0.25,
  damage: 0.25,
  lateAcks: 0.1,
};

/** Kinds that are about two members. */
const NEEDS_TWO: ReadonlySet<PlannedKind> = new Set<PlannedKind>([
  "partition",
  "isolate",
  "cut",
  "halfOpen",
  "slowReader",
  "impostor",
  "lateAcks",
]);

/** The kinds of faults that can happen in such a world at all. */
function possibleKinds({ ensemble, mayWipe }: WorldSettings): readonly PlannedKind[] {
  const size = ensemble.voters.length + ensemble.observers.length;
  const kinds = FAULT_KINDS.filter((kind) => kind !== "misstatement" && kind !== "takenPort");
  return [...kinds, "lateAcks" as const].filter(
    (kind) => (size > 1 || !NEEDS_TWO.has(kind)) && (kind !== "wipe" || mayWipe),
  );
}

class FaultPlanner {
  readonly #random: Random;
  readonly #settings: WorldSettings;
  readonly #targets: Targets;
  readonly #crashes: CrashPlanner;
  readonly #strangers: StrangerPlanner;

  constructor(random: Random, settings: WorldSettings) {
    this.#random = random;
    this.#settings = settings;
    this.#targets = new Targets(random, settings);
    this.#crashes = new CrashPlanner(random, settings, this.#targets);
    this.#strangers = new StrangerPlanner(random, settings, this.#targets, this.#crashes);
  }

  draw(kind: PlannedKind): readonly DrawnFault[] {
    const random = this.#random;
    switch (kind) {
      case "crash":
        return this.#crashes.draw();
      case "pause":
        return [at(0, this.#pause())];
      case "partition":
        return this.#drawPartition();
      case "isolate": {
        const directions = random.pick(["both", "both", "incoming", "outgoing"] as const);
        const layers = this.#layers();
        return [
          at(0, { kind, target: this.#targets.target(), layers, directions, forMs: this.#spell() }),
        ];
      }
      case "cut": {
        const [one, other] = this.#targets.pair();
        return [at(0, { kind, layer: random.pick(["quorum", "quorum", "election"]), one, other })];
      }
      case "breakOff": {
        const nth = random.chance(0.6) ? 1 : random.integer(2, 6);
        return [at(0, { kind, packet: random.pick(BREAKING_PACKETS), nth })];
      }
      case "slowReader": {
        const [from, to] = this.#targets.pair();
        const everyMs = random.pick([1, 10, this.#settings.peer.tickTimeMs]);
        return [at(0, { kind, direction: { from, to }, everyMs, forMs: this.#spell() })];
      }
      case "electionNoise": {
        const noise = {
          breakProbability: random.pick([0, 0.05, 0.3]),
          duplicateProbability: random.pick([0, 0.1, 0.5]),
        };
        return [at(0, { kind, noise, forMs: 2 * this.#spell() })];
      }
      case "slowDisk": {
        // Long enough for somebody to lose patience with a server that only answers.
        const factor = random.pick([5, 50, 500, 5000]);
        return [at(0, { kind, target: this.#targets.target(), factor, forMs: 3 * this.#spell() })];
      }
      case "failFile":
        return [at(0, { kind, target: this.#targets.target(), fault: this.#diskFault() })];
      case "wallClockJump": {
        const deltaMs = random.pick([-3_600_000, 3_600_000, -1000, 315_360_000_000]);
        return [at(0, { kind, target: this.#targets.target(), deltaMs })];
      }
      case "halfOpen": {
        const [believer, other] = this.#targets.pair();
        const layer = random.pick(["quorum", "election"] as const);
        return [at(0, { kind, layer, believer, other, forMs: this.#spell() })];
      }
      case "stop":
        return this.#drawStops();
      case "wipe": {
        const downMs = this.#crashes.downMs();
        return [at(0, { kind, target: this.#targets.target(), downMs })];
      }
      case "fullDisk": {
        // Often longer than an operator waits before the process is started again.
        const forMs = this.#spell() * random.pick([1, 5]);
        return [at(0, { kind, target: this.#targets.target(), forMs })];
      }
      case "olderDisk": {
        const isNew = this.#settings.mayWipe && random.chance(0.3);
        const ageMs = isNew ? undefined : this.#spell();
        const downMs = this.#crashes.downMs();
        return [at(0, { kind, target: this.#targets.target(), ageMs, downMs })];
      }
      case "damage": {
        const place = { file: random.fraction(), at: random.fraction() };
        const drawn = random.pick(["bit", "block", "misplaced", "missing", "history"] as const);
        // A file that is gone has no place of damage.
        const how = drawn === "missing" && place.at < OLDER_SHARE ? "older missing" : drawn;
        const downMs = this.#crashes.downMs();
        return [at(0, { kind, target: this.#targets.target(), how, ...place, downMs })];
      }
      case "rot": {
        const place = { at: random.fraction(), bit: random.integer(0, 7) };
        const downMs = this.#crashes.downMs();
        return [at(0, { kind, target: this.#targets.target(), ...place, downMs })];
      }
      case "hungDisk": {
        // Up to well beyond what a leader may wait for.
        const { tickTimeMs, syncLimit } = this.#settings.peer;
        const forMs = 2 * (syncLimit + 1) * tickTimeMs * random.pick([0.5, 1.5, 3]);
        return [at(0, { kind, target: this.#targets.target(), forMs, allButOne: false })];
      }
      case "impostor":
        return this.#strangers.draw();
      case "lateAcks":
        return this.#drawLateAcks();
    }
  }

  /**
   * Only one voter's disk does not hang. What it acknowledges waits for the others; its
   * connection breaks, and when it comes again it is told to cut that, and crashes
   * over it. What it has said before must not count when the other disks go on.
   */
  #drawLateAcks(): readonly DrawnFault[] {
    const random = this.#random;
    const { tickTimeMs, syncLimit } = this.#settings.peer;
    const [quick, ...others] = random.shuffled(this.#settings.ensemble.voters);
    if (quick === undefined) return [];
    const forMs = tickTimeMs * syncLimit * random.pick([0.4, 0.9]);
    const hung = others.map((sid) =>
      at(0, { kind: "hungDisk", target: { kind: "sid", sid }, forMs, allButOne: true }),
    );
    const breakMs = forMs * random.pick([0.05, 0.3]);
    const breakage: Fault = { kind: "breakOff", packet: "ACK", nth: random.integer(1, 2) };
    const crash: Fault = {
      ...this.#crashes.crash({ kind: "sid", sid: quick }),
      trap: { kind: "afterFile", operation: "truncate", nth: random.pick([1, 1, 2]) },
      downMs: 2 * forMs,
    };
    return [...hung, at(breakMs, breakage), at(breakMs, crash)];
  }

  /** One server, or all of them one after the other. */
  #drawStops(): readonly DrawnFault[] {
    const random = this.#random;
    const downMs = this.#crashes.downMs();
    const kind = "stop";
    if (random.chance(0.7))
      return [at(0, { kind, target: this.#targets.target(), downMs, inTurn: false })];
    const { tickTimeMs, initLimit } = this.#settings.peer;
    const eachMs = downMs + tickTimeMs * initLimit * random.pick([0.2, 1]);
    return random.shuffled(this.#targets.sids).map((sid, nth) => {
      const target: Target = { kind: "sid", sid };
      return at(nth * eachMs, { kind, target, downMs, inTurn: true });
    });
  }

  #pause(): Fault {
    const clock = this.#random.pick(["runs", "runs", "stands"] as const);
    return { kind: "pause", target: this.#targets.target(), clock, forMs: this.#spell() };
  }

  #drawPartition(): readonly DrawnFault[] {
    const random = this.#random;
    const shape = random.pick(["one", "halves", "ring", "asymmetric", "swizzle"] as const);
    const layers = this.#layers();
    const forMs = this.#spell();
    const sids = random.shuffled(this.#targets.sids);
    const partition = (blocked: readonly Direction[], spellMs: number): Fault => ({
      kind: "partition",
      shape,
      layers,
      blocked,
      forMs: spellMs,
    });
    switch (shape) {
      case "one":
        return [at(0, partition(between(sids.slice(0, 1), sids.slice(1)), forMs))];
      case "halves": {
        const half = random.integer(1, sids.length - 1);
        return [at(0, partition(between(sids.slice(0, half), sids.slice(half)), forMs))];
      }
      case "ring": {
        // Each sees its two neighbours only: everyone sees a majority, and none the same one.
        const blocked = sids.flatMap((from, one) =>
          sids.flatMap((to, other) => {
            const apart = Math.abs(one - other);
            const isNear = apart <= 1 || apart === sids.length - 1;
            return isNear ? [] : [{ from, to }];
          }),
        );
        return [at(0, partition(blocked, forMs))];
      }
      case "asymmetric": {
        const blocked = sids.flatMap((from) =>
          sids.flatMap((to) => (from !== to && random.chance(0.3) ? [{ from, to }] : [])),
        );
        return [at(0, partition(blocked, forMs))];
      }
      case "swizzle": {
        // One after the other falls silent; they come back in another order.
        const silent = sids.slice(0, random.integer(1, sids.length));
        return silent.map((sid, nth) => {
          const others = this.#targets.sids.filter((other) => other !== sid);
          const beginMs = (nth * forMs) / silent.length;
          return at(beginMs, partition(between([sid], others), random.exponential(forMs)));
        });
      }
    }
  }

  #diskFault(): DiskFault {
    const random = this.#random;
    const operation = random.pick(FAILING_FILES);
    const isGrowth = operation === "write" || operation === "create" || operation === "truncate";
    return { operation, reason: isGrowth && random.chance(0.5) ? "no-space" : "io" };
  }

  #layers(): readonly Layer[] {
    return this.#random.pick([
      ["quorum", "election"],
      ["quorum", "election"],
      ["quorum"],
      ["election"],
    ] as const);
  }

  /** From a tenth of a tick to well beyond every limit. */
  #spell(): number {
    const { tickTimeMs, syncLimit } = this.#settings.peer;
    return this.#random.exponential(tickTimeMs * syncLimit * this.#random.pick([0.1, 1, 3]));
  }
}

const FAILING_FILES: readonly FileOperation["kind"][] = [
  "write",
  "write",
  "sync",
  "sync",
  "create",
  "truncate",
  "rename",
  "remove",
  "syncDirectory",
  "read",
];

/** Both directions between each of the one side and each of the other. */
function between(one: readonly Sid[], other: readonly Sid[]): readonly Direction[] {
  return one.flatMap((from) =>
    other.flatMap((to) => [
      { from, to },
      { from: to, to: from },
    ]),
  );
}
