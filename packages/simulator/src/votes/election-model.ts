/**
 * An election as one voter sees it, from the rules of Apache's FastLeaderElection and from what this
 * project's description says of votes that are for more than one has: a few lines for a voter whose others may
 * say anything.
 */
import type { EnsembleModel } from "../model/ensemble-model.js";
import type { Sid, Zxid } from "@jute-ts/zookeeper";

export interface ModelVote {
  readonly leader: Sid;
  readonly zxid: Zxid;
  readonly peerEpoch: bigint;
}

/** What somebody says of itself and of its vote. */
export interface Said extends ModelVote {
  readonly state: "looking" | "following" | "leading" | "observing";
  readonly round: bigint;
  /** The generation of the message: 0 before it had epochs. */
  readonly version: number;
}

/** What somebody says of its configuration. Whoever says nothing of it has what it had. */
export interface SaidConfiguration {
  /** Whether it is newer, and others decide by it or nobody knows who does. */
  readonly isAhead: boolean;
}

/** What this voter tells: its vote and its round. */
export type Told = ModelVote & { readonly to: Sid; readonly round: bigint };

export class ElectionModel {
  readonly #sid: Sid;
  readonly #ensemble: EnsembleModel;
  readonly #own: ModelVote;
  #proposal: ModelVote;
  #round = 1n;
  /** Voters that were heard, this one among them, and members whose configuration is ahead. */
  readonly #heard = new Set<Sid>();
  readonly #ahead = new Set<Sid>();
  /** Of whom this voter has said that its configuration is ahead. */
  readonly #reported = new Set<Sid>();
  #stands = true;
  /** The votes of this round, and those of servers that are led. */
  readonly #votes = new Map<Sid, Said>();
  readonly #led = new Map<Sid, Said>();
  /** Whether a quorum votes as this one does: then only better votes count. */
  isWaiting = false;
  elected: (ModelVote & { readonly round: bigint }) | undefined;

  constructor(sid: Sid, ensemble: EnsembleModel, own: ModelVote) {
    this.#sid = sid;
    this.#ensemble = ensemble;
    this.#own = own;
    this.#proposal = own;
    this.#heard.add(sid);
    this.#count();
  }

  isOver(): boolean {
    return this.elected !== undefined;
  }

  get round(): bigint {
    return this.#round;
  }

  get proposal(): ModelVote {
    return this.#proposal;
  }

  /** Of whose configuration it says that it is ahead, when this is heard: once for each server. */
  reports(from: Sid, configuration: SaidConfiguration | undefined): boolean {
    if (!this.#isMember(from) || configuration?.isAhead !== true) return false;
    if (this.#reported.has(from)) return false;
    this.#reported.add(from);
    return true;
  }

  /** What is told to whom when this is heard. */
  hear(from: Sid, said: Said, configuration?: SaidConfiguration): readonly Told[] {
    if (!this.#isMember(from)) return [];
    const isVoter = this.#ensemble.voters.has(from);
    if (configuration?.isAhead === true) this.#ahead.add(from);
    else if (configuration !== undefined) this.#ahead.delete(from);
    const told: Told[] = [];
    if (isVoter) {
      this.#heard.add(from);
      told.push(...this.#standOrNot());
    }
    if (said.state === "looking" && (!isVoter || said.round < this.#round))
      told.push(this.#tell(from));
    if (!isVoter || !this.#ensemble.voters.has(said.leader)) return told;
    if (this.isWaiting && !this.#isBetter(said, this.#proposal)) return told;
    if (said.state === "looking") return [...told, ...this.#hearVote(from, said)];
    if (said.state !== "observing") this.#hearLed(from, said);
    return told;
  }

  /** The time in which a better vote may come is over. */
  finish(): void {
    if (this.isWaiting) this.elected = { ...this.#proposal, round: this.#round };
  }

  #isMember(sid: Sid): boolean {
    return this.#ensemble.members.has(sid) && sid !== this.#sid;
  }

  /**
   * Those whose configuration is ahead would not be led by this voter. It stands for election while the
   * others that it has heard are a quorum with it, or nobody is ahead; else it votes for the best of
   * the others. Whoever it votes for then needs another vote to have a quorum.
   */
  #standOrNot(): readonly Told[] {
    const led = [...this.#heard].filter((sid) => !this.#ahead.has(sid));
    const isAnyAhead = [...this.#ensemble.voters].some((sid) => this.#ahead.has(sid));
    const stands = !isAnyAhead || this.#ensemble.containsQuorum(led);
    if (stands === this.#stands) return [];
    this.#stands = stands;
    let vote = this.#own;
    if (!stands) {
      if (this.#proposal.leader !== this.#sid) return [];
      this.#votes.delete(this.#sid);
      vote = NOBODY;
      for (const other of this.#votes.values()) if (this.#isBetter(other, vote)) vote = other;
    } else if (!this.#isBetter(vote, this.#proposal)) return [];
    return this.#take(vote);
  }

  #hearVote(from: Sid, said: Said): readonly Told[] {
    if (said.zxid === -1n) return [];
    if (this.#isForMore(said)) {
      if (said.round < this.#round) return [];
      return this.#begin(said.round + 1n, this.#initial());
    }
    if (said.round < this.#round) {
      // Whoever votes for nobody brings nobody into its round.
      const isForNobody = this.#proposal.leader === NOBODY.leader;
      return isForNobody && this.#isBetter(said, this.#proposal) ? this.#take(said) : [];
    }
    let told: readonly Told[] = [];
    if (said.round > this.#round)
      told = this.#begin(
        said.round,
        this.#isBetter(said, this.#initial()) ? said : this.#initial(),
      );
    else if (this.#isBetter(said, this.#proposal)) told = this.#propose(said);
    this.#votes.set(from, said);
    this.#count();
    return told;
  }

  #hearLed(from: Sid, said: Said): void {
    this.#led.set(from, said);
    if (said.round === this.#round) {
      this.#votes.set(from, said);
      // As in Java, the generation of the message counts where it is compared, and not where it is kept.
      const inRound = new Map(
        [...this.#votes].map(([sid, vote]) => [sid, { ...vote, version: 0 }]),
      );
      if (this.#isLed(inRound, said)) return;
    }
    if (!this.#isLed(this.#led, said)) this.isWaiting &&= this.#hasQuorum();
  }

  /** Whether a quorum is led by the same one, which says that it leads; by this one only in its own round. */
  #isLed(votes: ReadonlyMap<Sid, Said>, said: Said): boolean {
    if (this.#isForMore(said)) return false;
    // Nobody makes a leader of who does not stand for election.
    if (said.leader === this.#sid && !this.#stands) return false;
    const supporters = [...votes].filter(([, other]) => agree(said, other)).map(([sid]) => sid);
    if (!this.#ensemble.containsQuorum(supporters)) return false;
    const confirms =
      said.leader === this.#sid
        ? said.round === this.#round
        : votes.get(said.leader)?.state === "leading";
    const { leader, zxid, peerEpoch, round } = said;
    if (confirms) this.elected = { leader, zxid, peerEpoch, round };
    return confirms;
  }

  /** For this server, with a history that it does not have. */
  #isForMore(said: ModelVote): boolean {
    return said.leader === this.#sid && this.#isBetter(said, this.#initial());
  }

  /** What it votes for when it has heard no vote. */
  #initial(): ModelVote {
    return this.#stands ? this.#own : NOBODY;
  }

  /** Votes so, and waits for another vote before it counts. */
  #take(vote: ModelVote): readonly Told[] {
    const told = this.#propose(vote);
    this.isWaiting = false;
    return told;
  }

  #begin(round: bigint, vote: ModelVote): readonly Told[] {
    this.#round = BigInt.asIntN(64, round);
    this.#votes.clear();
    return this.#propose(vote);
  }

  #propose({ leader, zxid, peerEpoch }: ModelVote): readonly Told[] {
    this.#proposal = { leader, zxid, peerEpoch };
    this.#count();
    return [...this.#ensemble.voters]
      .filter((sid) => sid !== this.#sid)
      .map((to) => this.#tell(to));
  }

  #tell(to: Sid): Told {
    return { to, ...this.#proposal, round: this.#round };
  }

  #count(): void {
    this.isWaiting = this.#hasQuorum();
  }

  #hasQuorum(): boolean {
    const own: Said = { ...this.#proposal, round: this.#round, state: "looking", version: 0 };
    // A vote for nobody is none, and one without a database counts for nobody, as those of others.
    if (own.leader !== NOBODY.leader && own.zxid !== -1n) this.#votes.set(this.#sid, own);
    const supporters = [...this.#votes].filter(([, vote]) => agree(own, vote)).map(([sid]) => sid);
    return this.#ensemble.containsQuorum(supporters);
  }

  #isBetter(one: ModelVote, other: ModelVote): boolean {
    if (one.leader === this.#sid && !this.#stands) return false;
    if (this.#ensemble.weightOf(one.leader) === 0) return false;
    if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
    if (one.zxid !== other.zxid) return one.zxid > other.zxid;
    return one.leader > other.leader;
  }
}

/** Any vote is better. */
const NOBODY: ModelVote = { leader: -(2n ** 63n), zxid: -(2n ** 63n), peerEpoch: -(2n ** 63n) };

/** ZOOKEEPER-1805, 1732: the led agree on the leader and its epoch, and servers before epochs on the leader alone. */
function agree(one: Said, other: Said): boolean {
  if (one.leader !== other.leader) return false;
  if (one.state !== "looking" && other.state !== "looking")
    return one.version > 0 !== other.version > 0 || one.peerEpoch === other.peerEpoch;
  return one.zxid === other.zxid && one.round === other.round && one.peerEpoch === other.peerEpoch;
}
