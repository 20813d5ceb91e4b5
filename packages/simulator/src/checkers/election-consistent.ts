/**
 * ElectionConsistent: what servers tell each other of their votes. Who looks for a
 * leader changes its vote for a better one only, as long as the round lasts; and
 * who serves in an epoch says so to those that look: they follow only when a quorum
 * tells them the same of one leader, so one server that goes on to announce the
 * epoch from before the election may keep all later ones out (ZOOKEEPER-1732,
 * 1805, 1818).
 */
import type { Notification, Vote } from "@jute-ts/quorum/wire";
import type { PeerStatus } from "@jute-ts/quorum";
import { formatZxid, type Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export class ElectionConsistent implements Checker {
  readonly name = "election-consistent";
  readonly watches = ["changed", "sent"] as const;
  /** Who has told that others have a newer configuration: it may withdraw its candidacy. */
  readonly #outdated = new Set<Sid>();
  /** What each server that looks for a leader said last. */
  readonly #votes = new Map<Sid, Notification>();

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    const { sid, before, after, effects } = observation;
    // Who has followed a leader of an earlier round counts on from there, so rounds may come again.
    // It may look and find a leader in one step, so what it was before is what counts.
    if (before.role !== "looking") this.#votes.delete(sid);
    for (const effect of effects) {
      if (effect.kind === "report" && effect.report.kind === "newerConfiguration")
        this.#outdated.add(sid);
      if (effect.kind !== "notify") continue;
      const { notification } = effect;
      if (notification.state === "looking") this.#judgeVote(sid, notification, world);
      else if (before.serving) judgeAnnounced(notification, after);
    }
  }

  #judgeVote(sid: Sid, vote: Notification, { ensemble }: WorldView): void {
    const earlier = this.#votes.get(sid);
    this.#votes.set(sid, vote);
    if (earlier?.leader === sid && this.#outdated.has(sid)) return;
    if (earlier?.electionEpoch !== vote.electionEpoch || !isBetter(earlier, vote)) return;
    // Whoever weighs nothing cannot lead: any vote is better than one for it.
    if (ensemble.weightOf(earlier.leader) === 0) return;
    throw new InvariantViolation(
      "ElectionConsistent",
      `${sid} votes for ${described(vote)}, after it has voted for ${described(earlier)} in the same round`,
    );
  }
}

function judgeAnnounced(
  { leader, peerEpoch }: Notification,
  { sid, serving, epoch }: PeerStatus,
): void {
  if (!serving || epoch === undefined || peerEpoch === BigInt(epoch)) return;
  throw new InvariantViolation(
    "ElectionConsistent",
    `${sid} serves in epoch ${epoch}, but says that ${leader} leads in ${peerEpoch}`,
  );
}

/** The later epoch is better, then the later txn, then the higher id. */
function isBetter(one: Vote, other: Vote): boolean {
  if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
  if (one.zxid !== other.zxid) return one.zxid > other.zxid;
  return one.leader > other.leader;
}

function described({ leader, zxid, peerEpoch }: Vote): string {
  return `${leader} with ${formatZxid(zxid)} of epoch ${peerEpoch}`;
}
