/**
 * UndisturbedLeader: nobody but its quorum ends a leadership. A leader that serves goes on while a
 * quorum of those that it counts has its history and was heard from, and it closes
 * the connection of none of them that was heard from within a tick: whatever
 * strangers say at its port, in whoever's name, and whatever epoch they claim.
 *
 * Measured by the leader's own clock. A follower that keeps a proposal without
 * acknowledging it may be given up, however much it says.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

type Step = Extract<Observation, { kind: "step" }>;

export interface DisturbanceLimits {
  readonly tickTimeMs: number;
  readonly syncLimit: number;
}

/** What a leader knows of a connection on which its history was acknowledged. */
interface Hearing {
  readonly learner: Sid;
  heardMs: number;
  /** Whether a whole packet has arrived that is handled in the next step. */
  hasArrived: boolean;
}

export class UndisturbedLeader implements Checker {
  readonly name = "undisturbed-leader";
  readonly watches = ["leading", "delivered", "crash"] as const;
  readonly #limits: DisturbanceLimits;
  /** By leader, and by the leader's end of the connection. */
  readonly #hearings = new Map<Sid, Map<ConnectionId, Hearing>>();

  constructor(limits: DisturbanceLimits) {
    this.#limits = limits;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "crash") {
      this.#hearings.delete(observation.sid);
    } else if (observation.kind === "delivered") {
      // The first ACK is that of the history. The step that handles it, with the time, is still to come.
      const { from, to, connection, packet } = observation;
      if (world.peers.get(to)?.status?.role !== "leading") return;
      const hearings = this.#of(to);
      if (packet.kind === "ACKEPOCH") leaveOthers(hearings, from, connection);
      const known = hearings.get(connection);
      if (known !== undefined) known.hasArrived = true;
      else if (packet.kind === "ACK")
        hearings.set(connection, { learner: from, heardMs: -Infinity, hasArrived: true });
    } else if (observation.kind === "step") {
      this.#onStep(observation, world);
    }
  }

  #onStep(step: Step, world: WorldView): void {
    const { sid, event, before, after } = step;
    const isServing = before.role === "leading" && before.serving;
    // Whose disk fails, or who is asked to, stops altogether.
    if (isServing && after.role !== "stopped") {
      if (after.role === "leading") this.#judgeClosed(step);
      else this.#judgeEnd(step, world);
    }
    if (after.role !== "leading") {
      this.#hearings.delete(sid);
      return;
    }
    if (event.kind !== "received") return;
    const hearing = this.#hearings.get(sid)?.get(event.connection);
    // Part of a packet tells nothing yet.
    if (hearing?.hasArrived !== true) return;
    hearing.hasArrived = false;
    hearing.heardMs = event.nowMs;
  }

  #judgeEnd({ sid, event, before }: Step, world: WorldView): void {
    const { tickTimeMs, syncLimit } = this.#limits;
    // Half of what it may allow: nobody disputes about the end of the time.
    const sinceMs = event.nowMs - (tickTimeMs * syncLimit) / 2;
    const counted = new Set<Sid>();
    for (const { sid: learner, votes, stage } of before.learners) {
      if (votes && stage === "forwarding" && learner !== undefined) counted.add(learner);
    }
    const heard = [...(this.#hearings.get(sid)?.values() ?? [])]
      .filter(({ learner, heardMs }) => heardMs >= sinceMs && counted.has(learner))
      .map(({ learner }) => learner);
    if (!world.ensemble.containsQuorum([sid, ...heard])) return;
    throw new InvariantViolation(
      "UndisturbedLeader",
      `${sid} does not lead any more, though ${heard.join(", ")} follow it and were heard from`,
    );
  }

  #judgeClosed({ sid, event, effects, before }: Step): void {
    for (const effect of effects) {
      if (effect.kind !== "closeConnection" || effect.reason.kind !== "ended") continue;
      const hearing = this.#hearings.get(sid)?.get(effect.connection);
      if (hearing === undefined) continue;
      const { learner, heardMs } = hearing;
      const silentMs = event.nowMs - heardMs;
      const acked = before.learners.find((each) => each.sid === learner)?.lastAckedZxid ?? 0n;
      if (silentMs >= this.#limits.tickTimeMs || acked < before.lastLoggedZxid) continue;
      throw new InvariantViolation(
        "UndisturbedLeader",
        `${sid} closes the connection of ${learner}, heard from ${silentMs.toFixed(0)} ms ago: ${effect.reason.text}`,
      );
    }
  }

  #of(leader: Sid): Map<ConnectionId, Hearing> {
    const known = this.#hearings.get(leader);
    if (known !== undefined) return known;
    const hearings = new Map<ConnectionId, Hearing>();
    this.#hearings.set(leader, hearings);
    return hearings;
  }
}

/**
 * Who has accepted the epoch on a new connection has left its others, whether the leader has seen
 * so or not. That somebody says whose connection it is tells nothing.
 */
function leaveOthers(hearings: Map<ConnectionId, Hearing>, learner: Sid, kept: ConnectionId): void {
  for (const [connection, hearing] of hearings)
    if (hearing.learner === learner && connection !== kept) hearings.delete(connection);
}
