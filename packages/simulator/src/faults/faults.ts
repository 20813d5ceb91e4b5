/**
 * What can go wrong, as data: a fault is planned before the run, with its time
 * and everything that chance decides about it. So a run can be repeated with some
 * faults left out, and the others still happen as before.
 *
 * The plan stays inside what an ensemble must survive: what was synced is never
 * lost, and in the end every fault is repaired.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import type { ClientNetwork } from "../world/client-network.js";
import type { DiskCopy, DiskFault } from "../world/disk.js";
import type { ElectionNetwork, ElectionNoise } from "../world/election-network.js";
import type { Changes } from "../world/changes.js";
import type { EventQueue } from "../world/event-queue.js";
import type { PeerProcess } from "../world/peer-process.js";
import type { QuorumNetwork } from "../world/quorum-network.js";
import type { EnsembleModel } from "../model/ensemble-model.js";
import type { Coverage } from "../trace/coverage.js";
import type { Trace } from "../trace/trace.js";
import type { CrashManner, CrashTrap } from "../world/crash.js";
import type { Layer, Reachability } from "../world/reachability.js";
import type { Pose } from "../world/world.js";

/** Whom a fault hits. A role is looked up when the fault fires; when nobody has it, `otherwise` is hit. */
export type Target =
  | { readonly kind: "sid"; readonly sid: Sid }
  | { readonly kind: "leader"; readonly otherwise: Sid }
  /** An elected leader whose epoch is not agreed on yet. The fault waits so long for one, because that is over so soon. */
  | { readonly kind: "candidate"; readonly otherwise: Sid; readonly withinMs: number };

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
  /** A connection of two peers is gone, and one of them does not know. */
  | {
      readonly kind: "halfOpen";
      readonly layer: Layer;
      readonly believer: Sid;
      readonly other: Sid;
      readonly forMs: number;
    }
  /** Strangers connect to a peer's quorum port and say that they are another one. */
  | ({ readonly kind: "impostor"; readonly target: Target } & Imposture)
  /** The connection on which the nth packet of this kind is sent, in the middle of it or a little before. */
  | { readonly kind: "breakOff"; readonly packet: OutgoingPacket["kind"]; readonly nth: number }
  /**
   * Before the nth packet of this kind its sender says something that no rule allows there,
   * once. `which`: from 0 to 1, one of all that could be said there.
   */
  | {
      readonly kind: "misstatement";
      readonly packet: OutgoingPacket["kind"];
      readonly nth: number;
      readonly which: number;
    }
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
  /** No operation of the disk begins for a while; the process answers all that needs none. */
  | {
      readonly kind: "hungDisk";
      readonly target: Target;
      readonly forMs: number;
      /** One of many: the disks of all voters but one hang, so that the acks of that one come before a quorum's. */
      readonly allButOne: boolean;
    }
  | { readonly kind: "failFile"; readonly target: Target; readonly fault: DiskFault }
  | { readonly kind: "wallClockJump"; readonly target: Target; readonly deltaMs: number }
  /** Asks the process to stop, and starts it again. One of many when all are restarted in turn, as for an upgrade. */
  | {
      readonly kind: "stop";
      readonly target: Target;
      readonly downMs: number;
      readonly inTurn: boolean;
    }
  /** Another process has the port of this one for a while, from when it does not listen there. */
  | { readonly kind: "takenPort"; readonly target: Target; readonly forMs: number }
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
  /**
   * A crash after which the disk is what it was before: so much earlier, or never. While
   * all voters have what this one loses, which it is waited for: then it may vote with less.
   */
  | {
      readonly kind: "olderDisk";
      readonly target: Target;
      /** How old the copy is at least; undefined: the disk is a new one, on which the server is told to vote. */
      readonly ageMs: number | undefined;
      readonly downMs: number;
    }
  /** A crash during which a log or a snapshot is damaged. Also only while all voters have everything; a server that refuses such a disk gets the whole one back. */
  | {
      readonly kind: "damage";
      readonly target: Target;
      readonly how: Damage;
      /** From 0 to 1: which file, and where in it. */
      readonly file: number;
      readonly at: number;
      readonly downMs: number;
    }
  | CustomFault;

/**
 * One bit turns over, a block becomes zeros, a block holds what another block should
 * hold, or the file is gone; or an older log or snapshot is, which a server may need or
 * not; or all files are but those of the epochs.
 */
export type Damage = "bit" | "block" | "misplaced" | "missing" | "older missing" | "history";

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
  readonly changes: Changes;
  readonly trace: Trace;
  readonly coverage: Coverage;
  readonly reachability: Reachability;
  readonly quorum: QuorumNetwork;
  readonly election: ElectionNetwork;
  readonly clientNetwork: ClientNetwork;
  readonly processes: readonly PeerProcess[];
  readonly ensemble: EnsembleModel;
  process(sid: Sid): PeerProcess;
  replaceDisk(sid: Sid, files: DiskCopy): void;
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
  "hungDisk",
  "failFile",
  "wallClockJump",
  "halfOpen",
  "impostor",
  "stop",
  "fullDisk",
  "wipe",
  "rot",
  "olderDisk",
  "damage",
  "misstatement",
  "takenPort",
];
