/**
 * What can go wrong, as data: a fault is planned before the run, with its time
 * and everything that chance decides about it. So a run can be repeated with some
 * faults left out, and the others still happen as before.
 *
 * The plan stays inside what an ensemble must survive: what was synced is never
 * lost, and in the end every fault is repaired.
 */
import type { Effect, FileOperation } from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import type { DiskFault } from "../world/disk.js";
import type { ElectionNetwork, ElectionNoise } from "../world/election-network.js";
import type { EventQueue } from "../world/event-queue.js";
import type { PeerProcess } from "../world/peer-process.js";
import type { QuorumNetwork } from "../world/quorum-network.js";
import type { EnsembleModel } from "../model/ensemble-model.js";
import type { Coverage } from "../trace/coverage.js";
import type { Trace } from "../trace/trace.js";
import type { CrashManner, CrashTrap } from "../world/crash.js";
import type { Random } from "../world/random.js";
import type { Layer, Reachability } from "../world/reachability.js";
import type { WorldSettings } from "../world/settings.js";
import type { Pose } from "../world/world.js";

/** Whom a fault hits. A role is looked up when the fault fires; when nobody has it, `otherwise` is hit. */
export type Target =
  | { readonly kind: "sid"; readonly sid: Sid }
  | { readonly kind: "leader"; readonly otherwise: Sid };

/**
 * When a crashed peer is started again: when its time is over, or before that as
 * soon as another peer takes up the role of leader, or serves in it. Who comes
 * back in that moment brings what it has while the new epoch has no txns yet.
 */
export type Return = "afterwards" | "onceElected" | "onceServing";

/** One direction between two peers. */
export interface Direction {
  readonly from: Sid;
  readonly to: Sid;
}

export type Fault =
  | {
      readonly kind: "crash";
      readonly target: Target;
      /** Undefined: at once. */
      readonly trap: CrashTrap | undefined;
      readonly manner: CrashManner;
      /** How long it is down, at the longest. */
      readonly downMs: number;
      readonly comesBack: Return;
    }
  | {
      readonly kind: "pause";
      readonly target: Target;
      /** Whether the monotonic clock goes on meanwhile. */
      readonly clock: "runs" | "stands";
      readonly forMs: number;
    }
  | {
      readonly kind: "partition";
      readonly shape: PartitionShape;
      readonly layers: readonly Layer[];
      readonly blocked: readonly Direction[];
      readonly forMs: number;
    }
  /** All connections of the leader, or of whoever is hit, in one or both directions. */
  | {
      readonly kind: "isolate";
      readonly target: Target;
      readonly layers: readonly Layer[];
      readonly directions: "both" | "incoming" | "outgoing";
      readonly forMs: number;
    }
  | { readonly kind: "cut"; readonly layer: Layer; readonly one: Sid; readonly other: Sid }
  /** The election's connection of two peers is gone, and one of them does not know. Those of the quorum become so by silent crashes. */
  | {
      readonly kind: "halfOpen";
      readonly believer: Sid;
      readonly other: Sid;
      readonly forMs: number;
    }
  /** Strangers connect to a peer's quorum port and say that they are another one. */
  | ({ readonly kind: "impostor"; readonly target: Target } & Imposture)
  /** The connection on which the nth packet of this kind is sent, in the middle of it or a little before. */
  | { readonly kind: "breakOff"; readonly packet: OutgoingPacket["kind"]; readonly nth: number }
  | {
      readonly kind: "slowReader";
      readonly direction: Direction;
      readonly everyMs: number;
      readonly forMs: number;
    }
  | { readonly kind: "electionNoise"; readonly noise: ElectionNoise; readonly forMs: number }
  | {
      readonly kind: "slowDisk";
      readonly target: Target;
      readonly factor: number;
      readonly forMs: number;
    }
  | { readonly kind: "failFile"; readonly target: Target; readonly fault: DiskFault }
  | { readonly kind: "wallClockJump"; readonly target: Target; readonly deltaMs: number }
  /** Asks the process to stop, and starts it again. */
  | { readonly kind: "stop"; readonly target: Target; readonly downMs: number }
  /** Nothing can grow on the disk for a while. */
  | { readonly kind: "fullDisk"; readonly target: Target; readonly forMs: number }
  /** A crash after which the disk is an empty one. Only where an empty disk does not vote, and while a quorum keeps its own. */
  | { readonly kind: "wipe"; readonly target: Target; readonly downMs: number }
  /** A crash during which a bit of the newest snapshot turns over, where there is another. `at` and `bit` say which. */
  | {
      readonly kind: "rot";
      readonly target: Target;
      /** From 0 to 1: where in the file. */
      readonly at: number;
      readonly bit: number;
      readonly downMs: number;
    }
  | CustomFault;

/** A fault that is none of this package's own. */
export interface CustomFault {
  readonly kind: "custom";
  /** As coverage counts it and stories tell it. */
  readonly name: string;
  /** How long it lasts, in milliseconds; it ends earlier when everything is repaired. */
  readonly forMs: number;
  /** Makes it happen. All that chance decides about it was decided before. Returns what repairs it. */
  begin(world: FaultyWorld): () => void;
}

/** What faults may touch. */
export interface FaultyWorld {
  readonly queue: EventQueue;
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly reachability: Reachability;
  readonly quorum: QuorumNetwork;
  readonly election: ElectionNetwork;
  readonly processes: readonly PeerProcess[];
  readonly ensemble: EnsembleModel;
  process(sid: Sid): PeerProcess;
  wipe(sid: Sid): void;
  pose(imposture: Pose): (() => void) | undefined;
}

export type FaultKind = Exclude<Fault["kind"], "custom">;

/** What a stranger says, again and again. */
export interface Imposture {
  readonly as: Sid;
  /** Whose certificate it has, where connections prove who they are; undefined: one of no member. */
  readonly certificate: Sid | undefined;
  /** How far the epoch that it claims to have accepted is ahead of the other's. */
  readonly epochsAhead: number;
  /** Whether it asks for the history too, without being counted. */
  readonly asksForHistory: boolean;
  readonly times: number;
  readonly everyMs: number;
  /** How long each connection stays open. */
  readonly staysMs: number;
}

export type PartitionShape = "one" | "halves" | "ring" | "asymmetric" | "swizzle";

export interface PlannedFault {
  /** Numbered from 1; a fault keeps its number when others are left out. */
  readonly id: number;
  readonly atMs: number;
  readonly fault: Fault;
}

/** All that can be planned: what never fired in a long run is reported. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "crash",
  "pause",
  "partition",
  "isolate",
  "cut",
  "breakOff",
  "slowReader",
  "electionNoise",
  "slowDisk",
  "failFile",
  "wallClockJump",
  "halfOpen",
  "impostor",
  "stop",
  "fullDisk",
  "wipe",
  "rot",
];

/** Draws the faults of a run: which kinds at all, how often, and each one's details. */
export function planFaults(
  random: Random,
  settings: WorldSettings,
  safetyMs: number,
): readonly PlannedFault[] {
  const kinds = possibleKinds(settings).filter((kind) => random.chance(KIND_PROBABILITY[kind]));
  const weights = kinds.map(() => random.exponential(1));
  const meanIntervalMs = settings.peer.tickTimeMs * random.pick([1, 2, 5, 15]);
  const planner = new FaultPlanner(random, settings);
  const plan: PlannedFault[] = [];
  if (kinds.length === 0) return plan;
  for (let atMs = random.exponential(meanIntervalMs); atMs < safetyMs;) {
    const kind = pickWeighted(random, kinds, weights);
    for (const { afterMs, fault } of planner.draw(kind)) {
      if (atMs + afterMs < safetyMs)
        plan.push({ id: plan.length + 1, atMs: atMs + afterMs, fault });
    }
    atMs += random.exponential(meanIntervalMs);
  }
  return plan;
}

const KIND_PROBABILITY: Readonly<Record<FaultKind, number>> = {
  crash: 0.85,
  pause: 0.4,
  partition: 0.5,
  isolate: 0.5,
  cut: 0.6,
  breakOff: 0.4,
  slowReader: 0.25,
  electionNoise: 0.3,
  slowDisk: 0.3,
  failFile: 0.3,
  wallClockJump: 0.2,
  halfOpen: 0.3,
  impostor: 0.3,
  stop: 0.3,
  fullDisk: 0.2,
  wipe: 0.5,
  rot: 0.3,
};

/** Kinds that are about two members. */
const NEEDS_TWO: ReadonlySet<FaultKind> = new Set([
  "partition",
  "isolate",
  "cut",
  "halfOpen",
  "slowReader",
  "impostor",
]);

/** The kinds of faults that can happen in such a world at all. */
function possibleKinds({ ensemble, mayWipe }: WorldSettings): readonly FaultKind[] {
  const size = ensemble.voters.length + ensemble.observers.length;
  return FAULT_KINDS.filter(
    (kind) => (size > 1 || !NEEDS_TWO.has(kind)) && (kind !== "wipe" || mayWipe),
  );
}

type Crash = Extract<Fault, { kind: "crash" }>;

interface DrawnFault {
  /** Some faults come in company, this much later than the first. */
  readonly afterMs: number;
  readonly fault: Fault;
}

class FaultPlanner {
  readonly #random: Random;
  readonly #settings: WorldSettings;
  readonly #sids: readonly Sid[];
  readonly #powerShare: number;
  readonly #trapShare: number;
  readonly #leaderShare: number;
  readonly #meanDownMs: number;

  constructor(random: Random, settings: WorldSettings) {
    const { ensemble, peer } = settings;
    this.#random = random;
    this.#settings = settings;
    this.#sids = [...ensemble.voters, ...ensemble.observers];
    this.#powerShare = random.pick([0, 0.5, 0.9]);
    this.#trapShare = random.pick([0.2, 0.8]);
    this.#leaderShare = random.pick([0.1, 0.5]);
    this.#meanDownMs = peer.tickTimeMs * random.pick([0.5, 3, 20]);
  }

  draw(kind: FaultKind): readonly DrawnFault[] {
    const random = this.#random;
    switch (kind) {
      case "crash":
        return this.#drawCrashes();
      case "pause":
        return [at(0, this.#pause())];
      case "partition":
        return this.#drawPartition();
      case "isolate": {
        const directions = random.pick(["both", "both", "incoming", "outgoing"] as const);
        const layers = this.#layers();
        return [at(0, { kind, target: this.#target(), layers, directions, forMs: this.#spell() })];
      }
      case "cut": {
        const [one, other] = this.#pair();
        return [at(0, { kind, layer: random.pick(["quorum", "quorum", "election"]), one, other })];
      }
      case "breakOff": {
        const nth = random.chance(0.6) ? 1 : random.integer(2, 6);
        return [at(0, { kind, packet: random.pick(BREAKING_PACKETS), nth })];
      }
      case "slowReader": {
        const [from, to] = this.#pair();
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
        return [at(0, { kind, target: this.#target(), factor, forMs: 3 * this.#spell() })];
      }
      case "failFile":
        return [at(0, { kind, target: this.#target(), fault: this.#diskFault() })];
      case "wallClockJump": {
        const deltaMs = random.pick([-3_600_000, 3_600_000, -1000, 315_360_000_000]);
        return [at(0, { kind, target: this.#target(), deltaMs })];
      }
      case "halfOpen": {
        const [believer, other] = this.#pair();
        return [at(0, { kind, believer, other, forMs: this.#spell() })];
      }
      case "stop":
      case "wipe": {
        const downMs = random.exponential(this.#meanDownMs);
        return [at(0, { kind, target: this.#target(), downMs })];
      }
      case "fullDisk":
        return [at(0, { kind, target: this.#target(), forMs: this.#spell() })];
      case "rot": {
        const place = { at: random.fraction(), bit: random.integer(0, 7) };
        const downMs = random.exponential(this.#meanDownMs);
        return [at(0, { kind, target: this.#target(), ...place, downMs })];
      }
      case "impostor": {
        const [as, otherwise] = this.#pair();
        const target: Target = { kind: "leader", otherwise };
        return [at(0, { kind, target, ...this.#imposture(as) })];
      }
    }
  }

  #imposture(as: Sid): Imposture {
    const random = this.#random;
    const { tickTimeMs, initLimit } = this.#settings.peer;
    return {
      as,
      certificate: random.pick([undefined, ...this.#sids.filter((sid) => sid !== as)]),
      epochsAhead: random.pick([0, 1, 1, 2, 50, 1000]),
      asksForHistory: random.chance(0.4),
      times: random.pick([1, 5, 40]),
      everyMs: tickTimeMs * random.pick([0.15, 1]),
      staysMs: tickTimeMs * random.pick([0.1, 3, 2 * initLimit]),
    };
  }

  /** One crash, all voters at once, one peer again and again, or a leader whose last writes nobody has. */
  #drawCrashes(): readonly DrawnFault[] {
    const random = this.#random;
    const company = random.fraction();
    if (company < 0.1) {
      return this.#settings.ensemble.voters.map((sid) =>
        at(random.exponential(5), this.#crash({ kind: "sid", sid })),
      );
    }
    if (company < 0.2) {
      const target: Target = { kind: "sid", sid: random.pick(this.#sids) };
      return [0, 1, 2].map((times) => at(times * this.#meanDownMs * 1.5, this.#crash(target)));
    }
    if (company < 0.5 && this.#sids.length > 1) return this.#drawForsakenLeader();
    return [at(0, this.#crash(this.#target()))];
  }

  /**
   * A leader logs txns that reach nobody, and crashes. It may lead with them once
   * more and crash again; or it comes back to find that the others have gone on.
   */
  #drawForsakenLeader(): readonly DrawnFault[] {
    const random = this.#random;
    const { tickTimeMs, syncLimit } = this.#settings.peer;
    const patienceMs = tickTimeMs * syncLimit;
    const target: Target = { kind: "leader", otherwise: random.pick(this.#sids) };
    const silence: Fault = {
      kind: "isolate",
      target,
      layers: ["quorum"],
      directions: "outgoing",
      forMs: patienceMs * random.pick([0.5, 1, 3]),
    };
    const crashMs = patienceMs * random.fraction();
    const comesBack = random.pick(["onceElected", "onceServing"] as const);
    const last: Crash = { ...this.#crash(target), downMs: 10 * patienceMs, comesBack };
    if (random.chance(0.5)) return [at(0, silence), at(crashMs, { ...last, trap: undefined })];
    const first: Crash = { ...this.#crash(target), trap: undefined, downMs: tickTimeMs * 0.1 };
    const secondMs = crashMs + patienceMs * random.fraction() * 2;
    return [at(0, silence), at(crashMs, first), at(secondMs, last)];
  }

  #crash(target: Target): Crash {
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
      downMs: random.exponential(this.#meanDownMs),
      comesBack: "afterwards",
    };
  }

  #pause(): Fault {
    const clock = this.#random.pick(["runs", "runs", "stands"] as const);
    return { kind: "pause", target: this.#target(), clock, forMs: this.#spell() };
  }

  #trap(): CrashTrap {
    const random = this.#random;
    const nth = random.chance(0.6) ? 1 : random.integer(2, 12);
    if (random.chance(0.5)) return { kind: "afterFile", operation: random.pick(CRASH_FILES), nth };
    if (random.chance(0.4))
      return { kind: "beforePacket", packet: random.pick(BREAKING_PACKETS), nth };
    return { kind: "beforeEffect", effect: random.pick(CRASH_EFFECTS), nth };
  }

  #drawPartition(): readonly DrawnFault[] {
    const random = this.#random;
    const shape = random.pick(["one", "halves", "ring", "asymmetric", "swizzle"] as const);
    const layers = this.#layers();
    const forMs = this.#spell();
    const sids = random.shuffled(this.#sids);
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
          const others = this.#sids.filter((other) => other !== sid);
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

  #target(): Target {
    const sid = this.#random.pick(this.#sids);
    return this.#random.chance(this.#leaderShare)
      ? { kind: "leader", otherwise: sid }
      : { kind: "sid", sid };
  }

  #pair(): readonly [Sid, Sid] {
    const one = this.#random.pick(this.#sids);
    return [one, this.#random.pick(this.#sids.filter((sid) => sid !== one))];
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

/** Where a conversation may break off: most often while a learner joins, because that is over so soon. */
const BREAKING_PACKETS: readonly OutgoingPacket["kind"][] = [
  "FOLLOWERINFO",
  "LEADERINFO",
  "ACKEPOCH",
  "DIFF",
  "TRUNC",
  "SNAP",
  "SNAPSHOTPIECE",
  "SNAPSHOTPIECE",
  "SNAPSHOTEND",
  "NEWLEADER",
  "NEWLEADER",
  "ACK",
  "UPTODATE",
  "PROPOSAL",
  "COMMIT",
  "REQUEST",
];

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

function at(afterMs: number, fault: Fault): DrawnFault {
  return { afterMs, fault };
}

/** Both directions between each of the one side and each of the other. */
function between(one: readonly Sid[], other: readonly Sid[]): readonly Direction[] {
  return one.flatMap((from) =>
    other.flatMap((to) => [
      { from, to },
      { from: to, to: from },
    ]),
  );
}

function pickWeighted<T>(random: Random, items: readonly T[], weights: readonly number[]): T {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random.fraction() * total;
  for (const [index, item] of items.entries()) {
    left -= weights[index] ?? 0;
    if (left < 0) return item;
  }
  return random.pick(items);
}
