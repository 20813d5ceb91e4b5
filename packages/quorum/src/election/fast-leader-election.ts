/**
 * Fast leader election: every server votes for the best candidate that it has
 * heard of, until a quorum votes for the same one; a server that comes late
 * joins the leader that a quorum already follows. Also answers others while
 * there is nothing to elect. Knows votes, rounds and quorums; what a leader does
 * with its office, and what is on the disk, belongs to the peer.
 *
 * Nothing of this is durable. A server that restarts begins at round 0 again and
 * may vote for somebody else in a round in which it voted before, so an election
 * alone proves nothing: the epoch that a quorum accepts afterwards does.
 *
 * The own vote is counted where it is cast and never sent to oneself. Links may
 * lose, repeat and replace messages: the vote is sent again, at growing
 * intervals, until there is a leader. Links that are down are asked for at a
 * steady pace, however long the intervals have become, and one that comes up gets
 * the vote: whoever was cut off is back soon after it can be.
 */
import type { Effect } from "../effects.js";
import type { KnownConfigurations } from "./known-configurations.js";
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import { ProtocolViolation } from "../protocol-violation.js";
import { type Epoch, NO_DATABASE, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { decodeNotification, NOTIFICATION_VERSION } from "../wire/notification-codec.js";
import type { Notification, ServerState, Vote } from "../wire/notification.js";
import { Tally } from "./tally.js";
import { type CastVote, isBetter, LEAST_VOTE } from "./vote.js";

export interface ElectionOptions {
  readonly sid: Sid;
  /** How long to wait before the vote is sent again: the first interval, and the longest. */
  readonly minNotificationIntervalMs: number;
  readonly maxNotificationIntervalMs: number;
  /** How long a quorum's candidate waits for a better vote. With 0 it does not. */
  readonly finalizeWaitMs: number;
}

/** The leader to serve under, or to be. The role follows from `leader` and from whether this server votes. */
export interface ElectionOutcome {
  readonly kind: "elected";
  readonly leader: Sid;
  readonly vote: Vote;
  readonly round: bigint;
}

/** What a server has to offer as a leader. */
export interface Candidacy {
  /** Its last durable txn, or -1 when it has lost its database and may not vote. */
  readonly zxid: Zxid;
  readonly currentEpoch: Epoch;
  /**
   * Whether others can follow it, because its quorum port is open. If not, it votes
   * for others only, and for nobody with less history than its own. True.
   */
  readonly isReachable?: boolean;
  /** False for a server that knows of a newer configuration than its own: it supports others only. */
  readonly mayStand?: boolean;
}

/** Between two elections: the role has ended, the next round has not begun. */
interface Idle {
  readonly kind: "idle";
  /** The last notification of each voter, for the round that is to come. */
  readonly waiting: Map<Sid, Notification>;
}

interface Looking {
  readonly kind: "looking";
  readonly candidacy: Candidacy;
  /** The vote for oneself, or the least vote: where every round starts. */
  initial: Vote;
  proposal: Vote;
  /** The votes of this round. */
  readonly roundVotes: Tally;
  /** The votes of those that are led already, whatever their round was. */
  readonly votesOfTheLed: Tally;
  /** The voters that were heard from, this server included. */
  readonly heard: Set<Sid>;
  intervalMs: number;
  resendAtMs: number;
  /** When links that are down are asked for again. */
  reconnectAtMs: number;
  /** When the proposal wins, unless a better vote comes. Defined while a quorum supports it. */
  finalizeAtMs: number | undefined;
}

interface Decided {
  readonly kind: "decided";
  readonly state: "leading" | "following" | "observing";
  /** As others are told: its epoch becomes that of the leadership. */
  vote: Vote;
  /** The round in which the leader was elected. */
  readonly round: bigint;
}

export class FastLeaderElection {
  private readonly options: ElectionOptions;
  private readonly verifiers: () => readonly QuorumVerifier[];
  private readonly emit: (effect: Effect) => void;
  private readonly configurations: KnownConfigurations;
  private clock = 0n;
  private stage: Idle | Looking | Decided = { kind: "idle", waiting: new Map() };

  /**
   * `verifiers`: the committed one, and after it the last seen one if that is
   * newer. Asked again each time; a quorum must hold in all of them.
   */
  constructor(
    options: ElectionOptions,
    verifiers: () => readonly QuorumVerifier[],
    emit: (effect: Effect) => void,
    configurations: KnownConfigurations,
  ) {
    this.options = options;
    this.verifiers = verifiers;
    this.emit = emit;
    this.configurations = configurations;
  }

  /** The number of the round, in memory only, from 0. */
  get logicalClock(): bigint {
    return this.clock;
  }

  /** What this server says of itself. */
  get state(): ServerState {
    return this.stage.kind === "decided" ? this.stage.state : "looking";
  }

  /** The proposal while looking, the elected vote afterwards, undefined before the first round and between roles. */
  get currentVote(): Vote | undefined {
    switch (this.stage.kind) {
      case "idle":
        return undefined;
      case "looking":
        return this.stage.proposal;
      case "decided":
        return this.stage.vote;
    }
  }

  /** When `onDeadline` has something to do. */
  nextDeadline(): number | undefined {
    if (this.stage.kind !== "looking") return undefined;
    const { finalizeAtMs, resendAtMs, reconnectAtMs } = this.stage;
    return finalizeAtMs ?? Math.min(resendAtMs, reconnectAtMs);
  }

  /** Begins a round. An outcome at once is possible where messages were waiting, or nobody else votes. */
  lookForLeader(candidacy: Candidacy, nowMs: number): ElectionOutcome | undefined {
    const waiting = this.stage.kind === "idle" ? this.stage.waiting : undefined;
    const heard = new Set([this.options.sid]);
    const initial = this.initialVote(candidacy, heard);
    const looking: Looking = {
      kind: "looking",
      candidacy,
      initial,
      proposal: initial,
      roundVotes: new Tally(),
      votesOfTheLed: new Tally(),
      heard,
      intervalMs: this.options.minNotificationIntervalMs,
      resendAtMs: nowMs,
      reconnectAtMs: nowMs,
      finalizeAtMs: undefined,
    };
    this.stage = looking;
    this.clock = this.nextRound();
    this.connectToVoters(looking, nowMs);
    this.propose(looking, initial, nowMs);
    let outcome = this.tallyProposal(looking, nowMs);
    // Their senders need no answer: the vote has just been sent to all.
    for (const [from, notification] of waiting ?? []) {
      this.onHeard(looking, from, nowMs);
      outcome ??= this.onVote(looking, from, notification, nowMs);
    }
    return outcome;
  }

  /**
   * The role has ended, and the next round cannot begin yet. Until then nobody is
   * answered: what was true of the old role is not true any more, and a server
   * that is told of a leader might follow it.
   */
  leaveRole(): void {
    this.stage = { kind: "idle", waiting: new Map() };
  }

  /** The leadership has begun, and its epoch is what this server now stands by. While looking there is no leadership: nothing happens. */
  acceptEpoch(epoch: Epoch): void {
    if (this.stage.kind !== "decided") return;
    // Without this, a server that joins later finds no quorum that agrees (ZOOKEEPER-1732).
    // Zxid and round stay those of the election, as in Java.
    this.stage.vote = { ...this.stage.vote, peerEpoch: BigInt(epoch) };
  }

  /** A link to a peer came up. What was sent before may be lost with the old one. */
  onLinkUp(to: Sid, _nowMs: number): void {
    if (this.stage.kind === "looking" && to !== this.options.sid && this.isVoter(to)) {
      this.notify(to, this.stage.proposal, this.clock);
    }
  }

  onDeadline(nowMs: number): ElectionOutcome | undefined {
    const looking = this.stage;
    if (looking.kind !== "looking") return undefined;
    if (looking.finalizeAtMs !== undefined) {
      return nowMs >= looking.finalizeAtMs ? this.winProposal(looking) : undefined;
    }
    if (nowMs >= looking.resendAtMs) {
      looking.intervalMs = this.nextInterval(looking.intervalMs);
      this.connectToVoters(looking, nowMs);
      this.sendProposal(looking, nowMs);
    } else if (nowMs >= looking.reconnectAtMs) {
      this.connectToVoters(looking, nowMs);
    }
    return undefined;
  }

  /**
   * An election message, as the transport got it from this peer. Whatever it
   * holds, nothing is thrown. The bytes are borrowed for the call.
   */
  onNotification(from: Sid, bytes: Uint8Array, nowMs: number): ElectionOutcome | undefined {
    const notification = this.read(from, bytes);
    if (notification === undefined) return undefined;
    this.configurations.hear(from, notification.configuration);
    if (this.stage.kind === "looking" && this.isVoter(from)) {
      this.onHeard(this.stage, from, nowMs);
    }
    this.answer(from, notification);
    if (!this.isVoter(from)) return undefined;
    switch (this.stage.kind) {
      case "idle":
        this.stage.waiting.set(from, notification);
        return undefined;
      case "looking":
        return this.onVote(this.stage, from, notification, nowMs);
      case "decided":
        return undefined;
    }
  }

  // Reading and answering, in whatever state this server is.

  /** The message, or undefined and a report when it is none or its sender is nobody to talk to. */
  private read(from: Sid, bytes: Uint8Array): Notification | undefined {
    try {
      this.checkSender(from);
      return decodeNotification(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      const text = `from server ${from}: ${error.message}`;
      const violation = new ProtocolViolation(error.rule, text, error.packet);
      this.emit({ kind: "report", report: { kind: "violation", violation } });
      return undefined;
    }
  }

  /** Strangers get nothing, neither a vote nor the configuration. */
  private checkSender(from: Sid): void {
    if (from === this.options.sid) {
      throw new ProtocolViolation("identity", "this is the id of the server itself");
    }
    if (!this.isMember(from)) {
      throw new ProtocolViolation("identity", "no server of the ensemble has this id");
    }
  }

  private answer(to: Sid, notification: Notification): void {
    const stage = this.stage;
    if (stage.kind === "idle" || !this.mayAnswer() || notification.state !== "looking") return;
    if (stage.kind === "decided") {
      this.notify(to, stage.vote, stage.round);
    } else if (!this.isVoter(to) || this.isBehind(notification)) {
      // Observers ask, and are told how things stand.
      this.notify(to, stage.proposal, this.clock);
    }
  }

  /**
   * Voters have no use for what an observer knows. They answer whoever asks without
   * a vote, so an observer that answered them would be answered back, without end.
   */
  private mayAnswer(): boolean {
    return this.isVoter(this.options.sid);
  }

  /** Whether a voter is looking in a round that we have left: it must learn of ours. */
  private isBehind(notification: Notification): boolean {
    return notification.electionEpoch < this.clock;
  }

  // Counting votes while looking.

  private onVote(
    looking: Looking,
    from: Sid,
    notification: Notification,
    nowMs: number,
  ): ElectionOutcome | undefined {
    if (!this.isVoter(notification.leader)) return undefined;
    if (looking.finalizeAtMs !== undefined && !this.mayReopen(looking, notification)) {
      return undefined;
    }
    switch (notification.state) {
      case "looking":
        return this.onLookingVote(looking, from, notification, nowMs);
      case "following":
      case "leading":
        return this.onSettledVote(looking, from, notification);
      case "observing":
        return undefined;
    }
  }

  /** Only a better vote matters to a candidate that has its quorum and waits for better ones. */
  private mayReopen(looking: Looking, notification: Notification): boolean {
    return this.isBetter(notification, looking.proposal);
  }

  private onLookingVote(
    looking: Looking,
    from: Sid,
    vote: Notification,
    nowMs: number,
  ): ElectionOutcome | undefined {
    if (this.hasNoDatabase(looking.initial) || this.hasNoDatabase(vote)) return undefined;
    if (this.overstates(looking, vote)) {
      if (vote.electionEpoch >= this.clock) this.callForRoundAfter(looking, vote, nowMs);
      return undefined;
    }
    if (vote.electionEpoch < this.clock) {
      // Nobody joins a round for a vote that names nobody: what we support brings its voters into ours.
      if (this.supportsNobody(looking) && this.isBetter(vote, looking.proposal)) {
        this.propose(looking, vote, nowMs);
      }
      return undefined;
    }
    if (vote.electionEpoch > this.clock) {
      this.joinRound(looking, vote, nowMs);
    } else if (this.isBetter(vote, looking.proposal)) {
      this.propose(looking, vote, nowMs);
    }
    // In an election all generations compare alike.
    looking.roundVotes.record(from, { ...vote, version: 0 });
    return this.tallyProposal(looking, nowMs);
  }

  /** A later round than ours: votes of earlier ones say nothing about it, not even our own. */
  private joinRound(looking: Looking, vote: Notification, nowMs: number): void {
    this.clock = vote.electionEpoch;
    looking.roundVotes.clear();
    this.propose(looking, this.isBetter(vote, looking.initial) ? vote : looking.initial, nowMs);
  }

  /**
   * Whether a vote is for a history that this server does not have: it was cast before the disk
   * here was replaced by an empty or an older one. Whoever casts it must not make a leader of us.
   */
  private overstates(looking: Looking, vote: Vote): boolean {
    return vote.leader === this.options.sid && this.isBetter(vote, looking.initial);
  }

  /** Only a later round makes those think again who support us for what we do not have. */
  private callForRoundAfter(looking: Looking, vote: CastVote, nowMs: number): void {
    this.clock = BigInt.asIntN(64, vote.electionEpoch + 1n);
    looking.roundVotes.clear();
    this.propose(looking, looking.initial, nowMs);
  }

  /** Somebody who is led, or leads: by a quorum of those, one joins a leader that is there already. */
  private onSettledVote(
    looking: Looking,
    from: Sid,
    vote: Notification,
  ): ElectionOutcome | undefined {
    if (vote.electionEpoch === this.clock) {
      looking.roundVotes.record(from, { ...vote, version: 0 });
      if (this.isLed(looking, looking.roundVotes, vote))
        return this.decide(vote, vote.electionEpoch);
    }
    looking.votesOfTheLed.record(from, vote);
    if (this.isLed(looking, looking.votesOfTheLed, vote))
      return this.decide(vote, vote.electionEpoch);
    this.checkFinalizing(looking);
    return undefined;
  }

  /** Whether these votes prove that a leader is there: a quorum follows it, and it says so itself. */
  private isLed(looking: Looking, tally: Tally, vote: CastVote): boolean {
    if (vote.leader === this.options.sid && !this.stands) return false;
    if (this.overstates(looking, vote)) return false;
    return tally.hasQuorum(vote, this.verifiers()) && this.confirmsLeader(tally, vote);
  }

  /**
   * A quorum may go on naming a leader that has crashed. So the leader must say
   * itself that it leads; and when it is us, it must be in this round, not in one
   * before we restarted.
   */
  private confirmsLeader(tally: Tally, vote: CastVote): boolean {
    if (vote.leader === this.options.sid) return vote.electionEpoch === this.clock;
    return tally.saysThatItLeads(vote.leader);
  }

  /** A quorum for the proposal opens the time in which a better vote may still come. */
  private tallyProposal(looking: Looking, nowMs: number): ElectionOutcome | undefined {
    if (!this.proposalHasQuorum(looking)) {
      looking.finalizeAtMs = undefined;
      return undefined;
    }
    looking.finalizeAtMs ??= nowMs + this.options.finalizeWaitMs;
    return nowMs >= looking.finalizeAtMs ? this.winProposal(looking) : undefined;
  }

  /** A voter that has decided elsewhere in this round may have taken the quorum away. */
  private checkFinalizing(looking: Looking): void {
    if (looking.finalizeAtMs !== undefined && !this.proposalHasQuorum(looking)) {
      looking.finalizeAtMs = undefined;
    }
  }

  private proposalHasQuorum(looking: Looking): boolean {
    return looking.roundVotes.hasQuorum(this.cast(looking.proposal), this.verifiers());
  }

  private winProposal(looking: Looking): ElectionOutcome {
    return this.decide(looking.proposal, this.clock);
  }

  /** Leaves the election. Whatever else was heard is forgotten with the round. */
  private decide(elected: Vote, round: bigint): ElectionOutcome {
    const vote = voteOf(elected);
    this.clock = round;
    this.stage = { kind: "decided", state: this.stateUnder(vote.leader), vote, round };
    return { kind: "elected", leader: vote.leader, vote, round };
  }

  private stateUnder(leader: Sid): Decided["state"] {
    if (leader === this.options.sid) return "leading";
    return this.isVoter(this.options.sid) ? "following" : "observing";
  }

  // The own vote.

  private initialVote(candidacy: Candidacy, heard: ReadonlySet<Sid>): Vote {
    if (!this.committed().voters.has(this.options.sid)) return LEAST_VOTE;
    if (!this.mayStand(candidacy, heard)) return LEAST_VOTE;
    return {
      // Every real candidate with the same history is better than nobody.
      leader: candidacy.isReachable === false ? LEAST_VOTE.leader : this.options.sid,
      zxid: candidacy.zxid,
      peerEpoch: BigInt(candidacy.currentEpoch),
    };
  }

  /**
   * Whether this server may be elected. Not when its own data holds a newer
   * configuration. What others say of one is believed as far as it matters: those
   * that have it would refuse to be led by us, so what is left must be a quorum.
   */
  private mayStand({ mayStand = true }: Candidacy, heard: ReadonlySet<Sid>): boolean {
    if (!mayStand) return false;
    if (!this.configurations.anyNewer) return true;
    const led = [...heard].filter((sid) => !this.configurations.hasNewer(sid));
    return this.verifiers().every((verifier) => verifier.containsQuorum(led));
  }

  /** Whether this server stands for election now. */
  private get stands(): boolean {
    return this.stage.kind !== "looking" || this.stage.initial.leader === this.options.sid;
  }

  /** Whether it votes for nobody, though it has a vote. */
  private supportsNobody({ proposal }: Looking): boolean {
    return proposal.leader === LEAST_VOTE.leader && this.isVoter(this.options.sid);
  }

  /** Who is there, and what configuration it has, may end our candidacy, or allow it again. */
  private onHeard(looking: Looking, from: Sid, nowMs: number): void {
    looking.heard.add(from);
    const initial = this.initialVote(looking.candidacy, looking.heard);
    if (initial.leader === looking.initial.leader) return;
    looking.initial = initial;
    if (this.stands) {
      if (this.isBetter(initial, looking.proposal)) this.propose(looking, initial, nowMs);
    } else if (looking.proposal.leader === this.options.sid) {
      looking.roundVotes.remove(this.options.sid);
      this.propose(looking, this.bestVote(looking), nowMs);
    }
  }

  /** The best that others vote for in this round. */
  private bestVote({ roundVotes: round }: Looking): Vote {
    let best = LEAST_VOTE;
    for (const vote of round.all()) if (this.isBetter(vote, best)) best = vote;
    return best;
  }

  /** Changes the own vote, counts it and tells everybody. Time to wait for a better one begins again. */
  private propose(looking: Looking, vote: Vote, nowMs: number): void {
    looking.proposal = voteOf(vote);
    looking.finalizeAtMs = undefined;
    this.countOwnVote(looking);
    const report = { kind: "voted", ...looking.proposal, round: this.clock } as const;
    this.emit({ kind: "report", report });
    this.sendProposal(looking, nowMs);
  }

  /** The own vote counts under the same conditions as anybody else's. */
  private countOwnVote(looking: Looking): void {
    const { initial, proposal } = looking;
    if (!this.isVoter(this.options.sid) || !this.isVoter(proposal.leader)) return;
    if (this.hasNoDatabase(initial) || this.hasNoDatabase(proposal)) return;
    looking.roundVotes.record(this.options.sid, this.cast(proposal));
  }

  private cast(vote: Vote): CastVote {
    const { leader, zxid, peerEpoch } = vote;
    return { leader, zxid, peerEpoch, electionEpoch: this.clock, state: "looking", version: 0 };
  }

  /** A server that lost its database does not know what it voted for, or promised, before. */
  private hasNoDatabase(vote: Vote): boolean {
    return vote.zxid === NO_DATABASE;
  }

  private isBetter(a: Vote, b: Vote): boolean {
    return isBetter(a, b, (sid) => this.weightOf(sid));
  }

  /** One more, in the signed 64 bits of the wire: a member that sends the last number stops nobody. */
  private nextRound(): bigint {
    return BigInt.asIntN(64, this.clock + 1n);
  }

  private nextInterval(intervalMs: number): number {
    return Math.min(2 * intervalMs, this.options.maxNotificationIntervalMs);
  }

  // Sending.

  private connectToVoters(looking: Looking, nowMs: number): void {
    looking.reconnectAtMs = nowMs + RECONNECT_MS;
    const to = this.otherVoters();
    if (to.length > 0) this.emit({ kind: "connectElection", to });
  }

  private sendProposal(looking: Looking, nowMs: number): void {
    looking.resendAtMs = nowMs + looking.intervalMs;
    for (const to of this.otherVoters()) this.notify(to, looking.proposal, this.clock);
  }

  private notify(to: Sid, vote: Vote, electionEpoch: bigint): void {
    const { leader, zxid, peerEpoch } = vote;
    const notification: Notification = {
      leader,
      zxid,
      peerEpoch,
      state: this.state,
      electionEpoch,
      version: NOTIFICATION_VERSION,
      configuration: this.committed().toString(),
    };
    this.emit({ kind: "notify", to, notification });
  }

  // The ensemble.

  private committed(): QuorumVerifier {
    const [committed] = this.verifiers();
    if (committed === undefined)
      throw new Error("An election needs a verifier, and none was given.");
    return committed;
  }

  private isMember(sid: Sid): boolean {
    return this.verifiers().some((verifier) => verifier.members.has(sid));
  }

  private isVoter(sid: Sid): boolean {
    return this.verifiers().some((verifier) => verifier.voters.has(sid));
  }

  /** By the first verifier that knows the voter: one that is about to join has no weight in the committed one. */
  private weightOf(sid: Sid): number {
    // Nobody makes a leader of us by voting for us.
    if (sid === this.options.sid && !this.stands) return 0;
    return (
      this.verifiers()
        .find((verifier) => verifier.voters.has(sid))
        ?.weightOf(sid) ?? 0
    );
  }

  /** The voters of all verifiers, without this server. */
  private otherVoters(): readonly Sid[] {
    const sids = new Set<Sid>();
    for (const { voters } of this.verifiers()) for (const sid of voters) sids.add(sid);
    sids.delete(this.options.sid);
    return [...sids];
  }
}

/**
 * How often links that are down are asked for while looking. A server that somebody
 * else posed as, or that was cut off, must not wait for its vote's long intervals.
 */
const RECONNECT_MS = 1000;

/** The vote alone, without what the message around it says. */
function voteOf({ leader, zxid, peerEpoch }: Vote): Vote {
  return { leader, zxid, peerEpoch };
}
