/**
 * TimelyAcks: a follower that answers pings and does not acknowledge is given up.
 * It may take syncLimit for the proposal that is waited for, and as long again for
 * those that came meanwhile; measured by the leader's own clock, from the moment at
 * which it serves and the follower is up to date. What it was told to be committed
 * before that moment is a part of the history that it acknowledges as a whole:
 * Java's LearnerHandler, too, measures nothing before the acknowledgement of NEWLEADER.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { SyncLimits } from "./time-limits.js";

type Step = Extract<Observation, { kind: "step" }>;

interface Sent {
  readonly zxid: Zxid;
  sentMs: number;
}

export class TimelyAcks implements Checker {
  readonly name = "timely-acks";
  readonly watches = ["leading", "delivered", "crash", "resume"] as const;
  readonly #boundMs: number;
  /** By leader, and by its end of the connection: what was not acknowledged, oldest first. */
  readonly #waiting = new Map<Sid, Map<ConnectionId, Sent[]>>();

  constructor({ tickTimeMs, syncLimit, timerLatenessMs }: SyncLimits) {
    // It looks with every ping, which may be late.
    this.#boundMs = 2 * (syncLimit + 1) * tickTimeMs + 4 * timerLatenessMs + 1;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
      case "resume":
        this.#waiting.delete(observation.sid);
        return;
      case "delivered": {
        const { to, connection, packet } = observation;
        if (packet.kind === "ACK") forget(this.#waiting.get(to)?.get(connection), packet.zxid);
        return;
      }
      case "step":
        if (observation.after.role === "leading" && observation.after.serving)
          this.#onLeader(observation, world);
        else this.#waiting.delete(observation.sid);
        return;
      default:
        return;
    }
  }

  #onLeader(step: Step, world: WorldView): void {
    const { sid, event, effects } = step;
    const waiting = this.#waiting.get(sid) ?? new Map<ConnectionId, Sent[]>();
    this.#waiting.set(sid, waiting);
    if (event.kind === "disconnected") waiting.delete(event.connection);
    for (const effect of effects) {
      if (effect.kind === "closeConnection") waiting.delete(effect.connection);
      if (effect.kind !== "send") continue;
      // What comes before it is acknowledged with it.
      if (effect.packet.kind === "NEWLEADER") waiting.delete(effect.connection);
      if (effect.packet.kind === "COMMIT" && !isUpToDate(step, effect.connection, world))
        forget(waiting.get(effect.connection), effect.packet.zxid);
      if (effect.packet.kind !== "PROPOSAL") continue;
      const { zxid } = effect.packet.txn;
      const sent = waiting.get(effect.connection);
      if (sent === undefined) waiting.set(effect.connection, [{ zxid, sentMs: event.nowMs }]);
      else sent.push({ zxid, sentMs: event.nowMs });
    }
    if (event.kind === "deadline") this.#judge(step, waiting, world);
  }

  #judge(step: Step, waiting: ReadonlyMap<ConnectionId, Sent[]>, world: WorldView): void {
    const { sid, event } = step;
    for (const [connection, sent] of waiting) {
      const [oldest] = sent;
      if (oldest === undefined) continue;
      // Until then it has initLimit.
      if (!isUpToDate(step, connection, world)) {
        for (const each of sent) each.sentMs = event.nowMs;
        continue;
      }
      const forMs = event.nowMs - oldest.sentMs;
      if (forMs <= this.#boundMs) continue;
      const { remote } = world.connection(connection);
      throw new InvariantViolation(
        "TimelyAcks",
        `${sid} keeps ${remote}, which has not acknowledged ${formatZxid(oldest.zxid)} for ${forMs.toFixed(0)} ms`,
      );
    }
  }
}

/** Whether the leader takes the learner at the other end for up to date. */
function isUpToDate({ after }: Step, connection: ConnectionId, world: WorldView): boolean {
  const { remote } = world.connection(connection);
  return after.learners.find(({ sid }) => sid === remote)?.stage === "forwarding";
}

/** Waits for nothing up to here any more. */
function forget(sent: Sent[] | undefined, zxid: Zxid): void {
  while (sent?.[0] !== undefined && sent[0].zxid <= zxid) sent.shift();
}
