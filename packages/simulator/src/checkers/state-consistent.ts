/**
 * StateConsistent: a packet fits what its sender is doing: a leader speaks as a
 * leader and of its own epoch, a learner as a learner of the one it follows, and
 * what a plan tells a learner to keep is part of the leader's history.
 */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import { type Epoch, epochOf, formatZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type Link, PerLink } from "../model/ghost-links.js";
import type { Ghosts } from "../model/ghosts.js";

type Step = Extract<Observation, { kind: "step" }>;

interface Known {
  epoch: Epoch | undefined;
  learnerZxid: Zxid;
}

export class StateConsistent implements Checker {
  readonly name = "state-consistent";
  readonly watches = ["sent"] as const;
  readonly #ghosts: Ghosts;
  readonly #known = new PerLink<Known>(() => ({ epoch: undefined, learnerZxid: NO_TXN }));

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    for (const effect of observation.effects) {
      if (effect.kind !== "send") continue;
      const link = this.#ghosts.links.link(effect.connection, world);
      const refusal = this.#refuse(observation, link, effect.packet);
      if (refusal === undefined) continue;
      const text = `${observation.sid} sends ${effect.packet.kind} ${refusal}`;
      throw new InvariantViolation("StateConsistent", text);
    }
  }

  #refuse(step: Step, link: Link, packet: OutgoingPacket): string | undefined {
    const known = this.#known.of(link);
    const wrongRole = step.sid === link.leader ? refuseRole(step, "leading") : refuseLearner(step);
    if (wrongRole !== undefined) return wrongRole;
    switch (packet.kind) {
      case "LEADERINFO":
        known.epoch = packet.epoch;
        return undefined;
      case "ACKEPOCH":
        known.learnerZxid = packet.lastZxid;
        return undefined;
      case "DIFF":
        return this.#refuseKept(step, known.learnerZxid);
      case "TRUNC":
      case "SNAP":
        return this.#refuseKept(step, packet.zxid);
      case "NEWLEADER":
        return packet.epoch === known.epoch
          ? undefined
          : `of epoch ${packet.epoch}, after offering ${known.epoch ?? "none"}`;
      case "UPTODATE":
      case "SYNC":
        return step.after.phase === "broadcast" || step.before.phase === "broadcast"
          ? undefined
          : "before its epoch is established";
      case "PROPOSAL":
        return this.#refuseOwn(step, packet.txn.zxid);
      case "REQUEST":
      case "SYNCREQUEST":
      case "REVALIDATE":
        return step.before.serving || step.after.serving ? undefined : "without serving clients";
      default:
        return undefined;
    }
  }

  /** What the learner keeps must be the leader's too. */
  #refuseKept({ after, before }: Step, zxid: Zxid): string | undefined {
    const { history } = this.#ghosts;
    if (history.contains(after.lastProcessedZxid, zxid)) return undefined;
    if (history.contains(before.lastProcessedZxid, zxid)) return undefined;
    const last = formatZxid(after.lastProcessedZxid);
    return `to a learner that keeps ${formatZxid(zxid)}, which is not in the leader's history up to ${last}`;
  }

  #refuseOwn({ before, after }: Step, zxid: Zxid): string | undefined {
    const epoch = after.epoch ?? before.epoch;
    if (epochOf(zxid) !== epoch || before.phase === "broadcast" || after.phase === "broadcast")
      return undefined;
    return `of ${formatZxid(zxid)} before its epoch is established`;
  }
}

function refuseRole({ before, after }: Step, role: "leading"): string | undefined {
  return before.role === role || after.role === role ? undefined : `while it is ${after.role}`;
}

function refuseLearner({ before, after }: Step): string | undefined {
  const learns = [before.role, after.role].some(
    (role) => role === "following" || role === "observing",
  );
  return learns ? undefined : `while it is ${after.role}`;
}
