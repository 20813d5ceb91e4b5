/**
 * DurabilityBarriers: nothing is promised that a power failure could take back. When a packet or a
 * vote leaves that promises something, what it rests on is on the disk of its
 * sender; when a leader counts its quorum, on the disks of that quorum. What is
 * on a disk is looked up there, and not believed.
 */
import type { ConnectionId, Effect } from "@jute-ts/quorum";
import type { Packet } from "@jute-ts/quorum/wire";
import {
  counterOf,
  epochOf,
  formatZxid,
  NO_TXN,
  type Epoch,
  type Sid,
  type Zxid,
} from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { durableEpoch, epochIn } from "../model/epoch-files.js";
import { PerLink } from "../model/ghost-links.js";
import type { Ghosts } from "../model/ghosts.js";

/** What the leader of a link has said that the learner must have before it answers NEWLEADER. */
interface Takeover {
  epoch: Epoch | undefined;
  zxid: Zxid;
  newLeaderSent: boolean;
  acked: boolean;
}

export class DurabilityBarriers implements Checker {
  readonly name = "durability-barriers";
  readonly watches = ["changed", "sent", "newDisk"] as const;
  readonly #ghosts: Ghosts;
  readonly #takeovers = new PerLink<Takeover>(() => ({
    epoch: undefined,
    zxid: NO_TXN,
    newLeaderSent: false,
    acked: false,
  }));
  /** The current epoch that was on a disk when it was taken away. */
  readonly #taken = new Map<Sid, Epoch>();
  /** What each learner is taking over now, or took over last. */
  readonly #latest = new Map<Sid, Takeover>();

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "newDisk") {
      const epoch = epochIn(durableEpoch("currentEpoch", observation.sid, world));
      if (epoch !== undefined) this.#taken.set(observation.sid, epoch);
    }
    if (observation.kind !== "step") return;
    const { sid, before, after, effects } = observation;
    for (const effect of effects) {
      if (effect.kind === "notify") this.#judgeVote(sid, effect, world);
      else if (effect.kind === "send") this.#onSend(sid, effect, world);
    }
    const isLearner = before.role === "following" || before.role === "observing";
    if (isLearner && after.currentEpoch !== before.currentEpoch)
      this.#judgeCurrentEpoch(sid, after.currentEpoch, world);
    if (after.role !== "leading" || after.phase !== "broadcast" || after.epoch === undefined)
      return;
    if (before.phase !== "broadcast") this.#judgeEstablished(sid, after.epoch, world);
    else if (after.lastCommittedZxid !== before.lastCommittedZxid)
      this.#judgeCommitted(sid, after.lastCommittedZxid, world);
  }

  #judgeVote(
    sid: Sid,
    { notification }: Extract<Effect, { kind: "notify" }>,
    world: WorldView,
  ): void {
    if (notification.leader !== sid || notification.zxid <= NO_TXN) return;
    this.#require(sid, notification.zxid, "a vote for itself", world);
  }

  #onSend(
    sid: Sid,
    { connection, packet }: Extract<Effect, { kind: "send" }>,
    world: WorldView,
  ): void {
    switch (packet.kind) {
      case "ACK":
        this.#judgeAck(sid, connection, packet.zxid, world);
        return;
      case "LEADERINFO":
        this.#takeover(connection, world).epoch = packet.epoch;
        this.#requireEpoch("acceptedEpoch", sid, packet.epoch, packet.kind, world);
        return;
      case "ACKEPOCH": {
        const takeover = this.#takeover(connection, world);
        takeover.zxid = packet.lastZxid;
        this.#latest.set(sid, takeover);
        if (takeover.epoch !== undefined)
          this.#requireEpoch("acceptedEpoch", sid, takeover.epoch, packet.kind, world);
        return;
      }
      case "TRUNC":
      case "SNAP":
      case "COMMIT":
      case "INFORM":
      case "NEWLEADER":
        this.#noteTakeover(connection, packet, world);
        return;
      default:
        return;
    }
  }

  #noteTakeover(
    connection: ConnectionId,
    packet: Extract<Packet, { kind: "TRUNC" | "SNAP" | "COMMIT" | "INFORM" | "NEWLEADER" }>,
    world: WorldView,
  ): void {
    const takeover = this.#takeover(connection, world);
    if (takeover.newLeaderSent) return;
    if (packet.kind === "NEWLEADER") takeover.newLeaderSent = true;
    else takeover.zxid = packet.kind === "INFORM" ? packet.txn.zxid : packet.zxid;
  }

  #judgeAck(sid: Sid, connection: ConnectionId, zxid: Zxid, world: WorldView): void {
    if (counterOf(zxid) !== 0) {
      this.#require(sid, zxid, "an ACK of it", world);
      return;
    }
    const takeover = this.#takeover(connection, world);
    // Answered a second time after UPTODATE, when it promises nothing more.
    if (takeover.acked) return;
    takeover.acked = true;
    this.#require(sid, takeover.zxid, "the ACK of NEWLEADER", world);
    this.#requireEpoch("currentEpoch", sid, epochOf(zxid), "the ACK of NEWLEADER", world);
  }

  /** With its epoch on disk a server outranks those of earlier epochs: what came before it must be there too (ZOOKEEPER-4643). */
  #judgeCurrentEpoch(sid: Sid, epoch: Epoch, world: WorldView): void {
    const takeover = this.#latest.get(sid);
    if (takeover?.epoch !== epoch || !takeover.newLeaderSent) return;
    const { history, disks } = this.#ghosts;
    const durable = disks.durableZxid(sid, world);
    if (history.contains(durable, takeover.zxid)) return;
    throw new InvariantViolation(
      "DurabilityBarriers",
      `${sid} has currentEpoch ${epoch} on its disk, but only ${formatZxid(durable)} of what its leader sent up to ${formatZxid(takeover.zxid)}`,
    );
  }

  #judgeEstablished(leader: Sid, epoch: Epoch, world: WorldView): void {
    const initialZxid = this.#ghosts.history.leadership(epoch)?.initialZxid ?? NO_TXN;
    const holders = this.#holders(initialZxid, world).filter(
      (sid) =>
        (epochIn(durableEpoch("currentEpoch", sid, world)) ?? 0) >= epoch ||
        (this.#taken.get(sid) ?? 0) >= epoch,
    );
    if (world.ensemble.containsQuorum(holders)) return;
    throw new InvariantViolation(
      "DurabilityBarriers",
      `${leader} establishes epoch ${epoch}, but only ${listed(holders)} have it and ${formatZxid(initialZxid)} on disk`,
    );
  }

  #judgeCommitted(leader: Sid, zxid: Zxid, world: WorldView): void {
    const holders = this.#holders(zxid, world);
    if (world.ensemble.containsQuorum(holders)) return;
    throw new InvariantViolation(
      "DurabilityBarriers",
      `${leader} commits ${formatZxid(zxid)}, but only ${listed(holders)} have it on disk`,
    );
  }

  #holders(zxid: Zxid, world: WorldView): Sid[] {
    const { disks } = this.#ghosts;
    return [...world.ensemble.voters].filter((sid) => disks.holds(sid, zxid, world));
  }

  #require(sid: Sid, zxid: Zxid, promise: string, world: WorldView): void {
    const { history, disks } = this.#ghosts;
    const durable = disks.durableZxid(sid, world);
    if (history.contains(durable, zxid)) return;
    throw new InvariantViolation(
      "DurabilityBarriers",
      `${sid} sends ${promise} with ${formatZxid(zxid)}, but only ${formatZxid(durable)} is on its disk`,
    );
  }

  #requireEpoch(
    name: "acceptedEpoch" | "currentEpoch",
    sid: Sid,
    epoch: Epoch,
    promise: string,
    world: WorldView,
  ): void {
    const durable = durableEpoch(name, sid, world);
    if (typeof durable === "number" && durable >= epoch) return;
    throw new InvariantViolation(
      "DurabilityBarriers",
      `${sid} sends ${promise} of epoch ${epoch}, but ${name} on its disk is ${durable}`,
    );
  }

  #takeover(connection: ConnectionId, world: WorldView): Takeover {
    return this.#takeovers.of(this.#ghosts.links.link(connection, world));
  }
}

function listed(sids: readonly Sid[]): string {
  return sids.length === 0 ? "no servers" : `servers ${sids.join(", ")}`;
}
