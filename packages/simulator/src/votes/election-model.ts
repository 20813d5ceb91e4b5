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

/** What this voter tells: its vote and its round. */
export type Told = ModelVote & { readonly to: Sid; readonly round: bigint };

export class ElectionModel {
  readonly #sid: Sid;
  readonly #ensemble: EnsembleModel;
  readonly #own: ModelVote;
  #proposal: ModelVote;
  #round = 1n;
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

  /** What is told to whom when this is heard. */
  hear(from: Sid, said: Said): readonly Told[] {
    const isMember = this.#ensemble.members.has(from) && from !== this.#sid;
    if (!isMember) return [];
    const isVoter = this.#ensemble.voters.has(from);
    const told: Told[] = [];
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

  #hearVote(from: Sid, said: Said): readonly Told[] {
    if (said.zxid === -1n) return [];
    if (this.#isForMore(said)) {
      if (said.round < this.#round) return [];
      return this.#begin(said.round + 1n, this.#own);
    }
    if (said.round < this.#round) return [];
    let told: readonly Told[] = [];
    if (said.round > this.#round)
      told = this.#begin(said.round, this.#isBetter(said, this.#own) ? said : this.#own);
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
    return said.leader === this.#sid && this.#isBetter(said, this.#own);
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
    this.#votes.set(this.#sid, own);
    const supporters = [...this.#votes].filter(([, vote]) => agree(own, vote)).map(([sid]) => sid);
    return this.#ensemble.containsQuorum(supporters);
  }

  #isBetter(one: ModelVote, other: ModelVote): boolean {
    if (this.#ensemble.weightOf(one.leader) === 0) return false;
    if (one.peerEpoch !== other.peerEpoch) return one.peerEpoch > other.peerEpoch;
    if (one.zxid !== other.zxid) return one.zxid > other.zxid;
    return one.leader > other.leader;
  }
}

/** ZOOKEEPER-1805, 1732: the led agree on the leader and its epoch, and servers before epochs on the leader alone. */
function agree(one: Said, other: Said): boolean {
  if (one.leader !== other.leader) return false;
  if (one.state !== "looking" && other.state !== "looking")
    return one.version > 0 !== other.version > 0 || one.peerEpoch === other.peerEpoch;
  return one.zxid === other.zxid && one.round === other.round && one.peerEpoch === other.peerEpoch;
}
