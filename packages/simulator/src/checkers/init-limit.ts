/**
 * InitLimit: whoever joins has initLimit for each thing that it is to say until it
 * has the leader's history. A leader that has heard from it since does not give up
 * earlier, for all that syncLimit is shorter. Measured by the leader's own clock.
 */
import type { ConnectionId } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

type Step = Extract<Observation, { kind: "step" }>;

export interface JoinLimits {
  readonly tickTimeMs: number;
  readonly initLimit: number;
}

interface Joining {
  /** When the leader handled its last packet; undefined until it does. */
  heardMs: number | undefined;
  /** Whether it has acknowledged the leader's history. */
  isSynced: boolean;
}

export class InitLimit implements Checker {
  readonly name = "init-limit";
  readonly watches = ["leading", "delivered", "crash"] as const;
  readonly #boundMs: number;
  /** By leader, and by its end of the connection. */
  readonly #joining = new Map<Sid, Map<ConnectionId, Joining>>();

  constructor({ tickTimeMs, initLimit }: JoinLimits) {
    this.#boundMs = initLimit * tickTimeMs;
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#joining.delete(observation.sid);
        return;
      case "delivered": {
        const { to, connection, packet } = observation;
        if (world.peers.get(to)?.status?.role !== "leading") return;
        const ends = this.#joining.get(to) ?? new Map<ConnectionId, Joining>();
        this.#joining.set(to, ends);
        const isSynced = packet.kind === "ACK" || ends.get(connection)?.isSynced === true;
        ends.set(connection, { heardMs: undefined, isSynced });
        return;
      }
      case "step":
        if (observation.after.role === "leading") this.#onLeader(observation, world);
        else this.#joining.delete(observation.sid);
        return;
      default:
        return;
    }
  }

  #onLeader({ sid, event, effects }: Step, world: WorldView): void {
    const ends = this.#joining.get(sid);
    if (ends === undefined) return;
    if (event.kind === "received") {
      const joining = ends.get(event.connection);
      if (joining !== undefined) joining.heardMs ??= event.nowMs;
    }
    if (event.kind === "disconnected") ends.delete(event.connection);
    for (const effect of effects) {
      if (effect.kind !== "closeConnection") continue;
      const joining = ends.get(effect.connection);
      ends.delete(effect.connection);
      if (event.kind !== "deadline") continue;
      if (joining?.heardMs === undefined || joining.isSynced) continue;
      // Somebody has come twice, and one of them was in turn.
      const { remote } = world.connection(effect.connection);
      if ([...ends.keys()].some((other) => world.connection(other).remote === remote)) continue;
      const silentMs = event.nowMs - joining.heardMs;
      // Times are fractions, and sums of them are rounded.
      if (silentMs >= this.#boundMs - 0.001) continue;
      throw new InvariantViolation(
        "InitLimit",
        `${sid} gives up ${remote}, which joins and was heard from ${silentMs.toFixed(0)} ms ago: ${effect.reason.kind}`,
      );
    }
  }
}
