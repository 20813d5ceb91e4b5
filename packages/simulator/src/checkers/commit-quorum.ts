/**
 * CommitQuorum: a leader commits its proposals when a quorum has acknowledged them,
 * the leader by its own log, each follower since it was last brought up to date:
 * what it acknowledged before that it may have been told to cut. Who came with a
 * promise of a later epoch counts for nothing, whatever it acknowledges.
 */
import { type Epoch, formatZxid, NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type Link, PerLink } from "../model/ghost-links.js";
import type { Ghosts } from "../model/ghosts.js";

type Step = Extract<Observation, { kind: "step" }>;

/** How a learner was brought up to date last, and what it has acknowledged since. */
interface Follower {
  readonly link: Link;
  acked: Zxid;
}

export class CommitQuorum implements Checker {
  readonly name = "commit-quorum";
  readonly watches = ["delivered", "changed", "sent"] as const;
  readonly #ghosts: Ghosts;
  /** The followers of each leader in its leadership. */
  readonly #followers = new Map<Sid, Map<Sid, Follower>>();
  /** What each learner had promised when it came. */
  readonly #promised = new PerLink<{ epoch: Epoch }>(() => ({ epoch: 0 }));

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "step") {
      this.#onStep(observation, world);
    } else if (observation.kind === "delivered") {
      const { connection, packet } = observation;
      if (packet.kind !== "ACK" && packet.kind !== "FOLLOWERINFO") return;
      const link = this.#ghosts.links.link(connection, world);
      if (packet.kind === "FOLLOWERINFO") {
        this.#promised.of(link).epoch = packet.acceptedEpoch;
        return;
      }
      const follower = this.#followers.get(link.leader)?.get(link.learner);
      if (follower?.link === link) follower.acked = packet.zxid;
    }
  }

  #onStep({ sid, before, after, effects }: Step, world: WorldView): void {
    if (after.role === "leading" && before.role !== "leading") this.#followers.set(sid, new Map());
    for (const effect of effects) {
      if (effect.kind !== "send") continue;
      const { kind } = effect.packet;
      if (kind !== "DIFF" && kind !== "TRUNC" && kind !== "SNAP") continue;
      const link = this.#ghosts.links.link(effect.connection, world);
      const counts = this.#promised.of(link).epoch <= (after.epoch ?? 0);
      if (counts) this.#followers.get(sid)?.set(link.learner, { link, acked: NO_TXN });
      else this.#followers.get(sid)?.delete(link.learner);
    }
    if (before.phase !== "broadcast" || after.phase !== "broadcast" || after.role !== "leading")
      return;
    if (after.lastCommittedZxid !== before.lastCommittedZxid)
      this.#judge(sid, after.lastCommittedZxid, world);
  }

  #judge(leader: Sid, zxid: Zxid, world: WorldView): void {
    const { history, disks } = this.#ghosts;
    const acked = [...(this.#followers.get(leader) ?? [])]
      .filter(([, follower]) => follower.acked >= zxid)
      .map(([sid]) => sid);
    if (history.contains(disks.durableZxid(leader, world), zxid)) acked.push(leader);
    if (world.ensemble.containsQuorum(acked)) return;
    throw new InvariantViolation(
      "CommitQuorum",
      `${leader} commits ${formatZxid(zxid)}, but of those whose word counts only ${acked.join(", ") || "nobody"} acknowledged it`,
    );
  }
}
