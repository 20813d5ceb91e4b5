/**
 * DiscoveryQuorum: the rules of the first phase, as its packets tell it. A leader
 * offers an epoch that is later than what a quorum has accepted before; it leaves
 * discovery with the promises of a quorum, none of which has more than itself; and
 * a server promises an epoch to one leader only, and only once.
 *
 * What was delivered counts, whether the leader has handled it or not, and a
 * learner that comes again counts by its first visit: so nothing is asked of a
 * leader that the protocol does not ask.
 */
import type { PacketOf } from "@jute-ts/quorum/wire";
import type { PeerStatus } from "@jute-ts/quorum";
import { type Epoch, formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { type GhostLinks, type Link, PerLink } from "../model/ghost-links.js";

type Step = Extract<Observation, { kind: "step" }>;

/** How recent a history is: the epoch it last followed, then its last txn. */
interface Mark {
  readonly currentEpoch: Epoch;
  readonly lastZxid: Zxid;
}

/** What has reached a leader since it was elected. */
interface Leadership {
  readonly mark: Mark;
  /** The lowest accepted epoch with which each voter came, the leader's own included. */
  readonly came: Map<Sid, Epoch>;
  /** The voters that have promised the epoch, and have no more than the leader. */
  readonly promised: Set<Sid>;
  offered: Epoch | undefined;
  isAgreed: boolean;
}

/** What is known of a learner on its link. */
interface Visit {
  leadership: Leadership | undefined;
  /** Whether it came as a follower and is a voter. */
  votes: boolean;
  /** As it said itself in its first packet. */
  acceptedEpoch: Epoch;
  /** What has reached it. */
  offered: Epoch | undefined;
  /** With what it promised, if that is more than its leader has, and came before the epoch was agreed on. */
  ahead: Mark | undefined;
}

export class DiscoveryQuorum implements Checker {
  readonly name = "discovery-quorum";
  readonly watches = ["delivered", "changed", "sent", "newDisk"] as const;
  readonly #links: GhostLinks;
  readonly #leaderships = new Map<Sid, Leadership>();
  readonly #visits = new PerLink<Visit>(() => ({
    leadership: undefined,
    votes: false,
    acceptedEpoch: 0,
    offered: undefined,
    ahead: undefined,
  }));
  /** The last epoch that each server has promised to a leader, or offered as one. */
  readonly #promises = new Map<Sid, Epoch>();

  constructor(links: GhostLinks) {
    this.#links = links;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "delivered") this.#onDelivered(observation, world);
    else if (observation.kind === "step") this.#onStep(observation, world);
    // With its disk a server loses its promises; it does not count before it has caught up, or all others know better.
    else if (observation.kind === "newDisk") this.#promises.delete(observation.sid);
  }

  #onDelivered(
    { to, connection, packet }: Extract<Observation, { kind: "delivered" }>,
    world: WorldView,
  ): void {
    switch (packet.kind) {
      case "FOLLOWERINFO":
      case "OBSERVERINFO":
      case "LEADERINFO":
      case "ACKEPOCH":
        break;
      default:
        return;
    }
    const link = this.#links.link(connection, world);
    const visit = this.#visits.of(link);
    if (packet.kind === "LEADERINFO") {
      visit.offered = packet.epoch;
      return;
    }
    const leads = world.peers.get(to)?.status?.role === "leading";
    const leadership = leads ? this.#leaderships.get(to) : undefined;
    if (leadership === undefined) return;
    if (packet.kind === "ACKEPOCH") onPromise(packet, link, visit, leadership);
    else this.#onVisit(packet, link, visit, leadership, world);
  }

  #onVisit(
    { kind, acceptedEpoch }: PacketOf<"FOLLOWERINFO" | "OBSERVERINFO">,
    { learner }: Link,
    visit: Visit,
    leadership: Leadership,
    world: WorldView,
  ): void {
    visit.leadership = leadership;
    visit.votes = kind === "FOLLOWERINFO" && world.ensemble.voters.has(learner);
    if (!visit.votes) return;
    const before = leadership.came.get(learner);
    if (before === undefined || acceptedEpoch < before) leadership.came.set(learner, acceptedEpoch);
  }

  #onStep({ sid, before, after, effects }: Step, world: WorldView): void {
    if (after.role === "leading" && before.role !== "leading")
      this.#leaderships.set(sid, newLeadership(after, world));
    for (const effect of effects) {
      if (effect.kind !== "send") continue;
      const { packet, connection } = effect;
      switch (packet.kind) {
        case "FOLLOWERINFO":
        case "OBSERVERINFO":
          this.#visit(connection, world).acceptedEpoch = packet.acceptedEpoch;
          break;
        case "LEADERINFO":
          this.#judgeOffer(sid, packet.epoch, world);
          break;
        case "ACKEPOCH":
          this.#judgePromise(sid, packet, this.#visit(connection, world));
          break;
        case "DIFF":
        case "TRUNC":
        case "SNAP":
          this.#judgeSynchronized(sid, this.#links.link(connection, world), world);
          break;
        default:
          break;
      }
    }
    if (after.role === "leading" && after.phase !== "discovery") this.#judgeAgreed(sid, world);
  }

  #judgeOffer(leader: Sid, epoch: Epoch, world: WorldView): void {
    const leadership = this.#leaderships.get(leader);
    if (leadership === undefined || leadership.offered === epoch) return;
    if (leadership.offered !== undefined)
      throw refusal(`${leader} offers epoch ${epoch}, after it has offered ${leadership.offered}`);
    leadership.offered = epoch;
    const behind = [...leadership.came]
      .filter(([, accepted]) => accepted < epoch)
      .map(([sid]) => sid);
    if (!world.ensemble.containsQuorum(behind)) {
      const came = [...leadership.came]
        .map(([sid, accepted]) => `${sid} with ${accepted}`)
        .join(", ");
      throw refusal(
        `${leader} offers epoch ${epoch}, which is not new to a quorum: those who came are ${came}`,
      );
    }
    this.#promise(leader, epoch, "offers");
  }

  #judgePromise(learner: Sid, { currentEpoch }: PacketOf<"ACKEPOCH">, visit: Visit): void {
    const { offered, acceptedEpoch } = visit;
    if (currentEpoch === undefined || offered === undefined) return;
    if (acceptedEpoch >= offered)
      throw refusal(
        `${learner} promises epoch ${offered}, after it has come with ${acceptedEpoch} as accepted`,
      );
    this.#promise(learner, offered, "promises");
  }

  /** Each epoch has one promise of each server, or two leaders could have a quorum for it. */
  #promise(sid: Sid, epoch: Epoch, how: "offers" | "promises"): void {
    const last = this.#promises.get(sid) ?? 0;
    if (last >= epoch)
      throw refusal(`${sid} ${how} epoch ${epoch}, but it has promised ${last} before`);
    this.#promises.set(sid, epoch);
  }

  #judgeSynchronized(leader: Sid, link: Link, world: WorldView): void {
    this.#judgeAgreed(leader, world);
    const { ahead, leadership } = this.#visits.of(link);
    if (ahead === undefined || leadership === undefined) return;
    throw refusal(
      `${leader} synchronizes ${link.learner}, which has ${described(ahead)}, more than ${described(leadership.mark)}`,
    );
  }

  #judgeAgreed(leader: Sid, world: WorldView): void {
    const leadership = this.#leaderships.get(leader);
    if (leadership === undefined || leadership.isAgreed) return;
    leadership.isAgreed = true;
    if (world.ensemble.containsQuorum(leadership.promised)) return;
    throw refusal(
      `${leader} leaves discovery, but of those who have no more than itself only ${[...leadership.promised].join(", ")} have promised its epoch`,
    );
  }

  #visit(connection: number, world: WorldView): Visit {
    return this.#visits.of(this.#links.link(connection, world));
  }
}

/** The leader is the first to come, and the first to promise. */
function newLeadership(
  { sid, acceptedEpoch, currentEpoch, lastProcessedZxid }: PeerStatus,
  { ensemble }: WorldView,
): Leadership {
  const votes = ensemble.voters.has(sid);
  return {
    mark: { currentEpoch, lastZxid: lastProcessedZxid },
    came: new Map(votes ? [[sid, acceptedEpoch]] : []),
    promised: new Set(votes ? [sid] : []),
    offered: undefined,
    isAgreed: false,
  };
}

function onPromise(
  { currentEpoch, lastZxid }: PacketOf<"ACKEPOCH">,
  { learner }: Link,
  visit: Visit,
  leadership: Leadership,
): void {
  // Who has promised before says no current epoch, and is there without counting.
  if (currentEpoch === undefined || visit.leadership !== leadership || leadership.isAgreed) return;
  const mark = { currentEpoch, lastZxid };
  if (isMoreRecent(mark, leadership.mark)) visit.ahead = mark;
  else if (visit.votes && lastZxid !== NO_DATABASE) leadership.promised.add(learner);
}

function isMoreRecent(one: Mark, other: Mark): boolean {
  if (one.currentEpoch !== other.currentEpoch) return one.currentEpoch > other.currentEpoch;
  return one.lastZxid > other.lastZxid;
}

function described({ currentEpoch, lastZxid }: Mark): string {
  return `${formatZxid(lastZxid)} of epoch ${currentEpoch}`;
}

function refusal(text: string): InvariantViolation {
  return new InvariantViolation("DiscoveryQuorum", text);
}

/** What a server without any database reports as its last txn. */
const NO_DATABASE: Zxid = -1n;
