/**
 * A member of an ensemble, without sockets, files or clocks. Events go in,
 * effects come out; everything else follows from the order of the events.
 *
 * This is the one place that knows all phases: it recovers what the disk holds,
 * looks for a leader, takes the role that the election gave it, and when that
 * role ends, brings the log and the state to the same point before it votes again.
 */
import { whyNotProposed } from "./broadcast/forwardable.js";
import { type ElectionOutcome, FastLeaderElection } from "./election/fast-leader-election.js";
import type { Answer, Effect, RequestId, StopReason } from "./effects.js";
import type { Clock, QuorumEvent } from "./events.js";
import { History } from "./history.js";
import { Leader } from "./leader.js";
import { Learner } from "./learner.js";
import { KnownConfigurations } from "./election/known-configurations.js";
import { PeerContext } from "./peer-context.js";
import { type PeerOptions, type ResolvedPeerOptions, resolvePeerOptions } from "./peer-options.js";
import type { LearnerConnection, PeerStatus, Phase, Role } from "./peer-status.js";
import type { Report } from "./report.js";
import type { ReplicatedState, LoggedTxn } from "./replicated-state.js";
import { Storage } from "./storage/storage.js";
import type { RecoveredHistory, StorageOutcome } from "./storage/storage-outcome.js";
import { type Epoch, NO_DATABASE, type Sid } from "@jute-ts/zookeeper";
import { printConfigurationText, versionOfText } from "./membership/configuration-text.js";
import { StandaloneVerifier } from "./membership/standalone.js";
import { textBytes, textOf } from "./wire/text-bytes.js";

/** What a peer is at. State that only one role has lies in that role. */
type PeerRole =
  | { readonly kind: "idle" }
  | { readonly kind: "recovering" }
  | { readonly kind: "looking" }
  | { readonly kind: "leading"; readonly leader: Leader }
  | { readonly kind: "following" | "observing"; readonly sid: Sid; readonly learner: Learner }
  /** A role has ended; what it handed to the log becomes durable and applied before the next begins. */
  | {
      readonly kind: "ending";
      readonly unapplied: readonly LoggedTxn[];
      readonly waitUntilMs: number;
    }
  | { readonly kind: "stopped" };

export class QuorumPeer {
  private readonly options: ResolvedPeerOptions;
  private readonly history: History;
  private readonly storage: Storage;
  private readonly configurations: KnownConfigurations;
  private readonly election: FastLeaderElection;
  private readonly context: PeerContext;
  private role: PeerRole = { kind: "idle" };
  private mayVote = true;
  /** Why nobody could follow this server if it were elected. */
  private listenProblem: string | undefined;
  private needsSnapshot = false;
  private electionBeganMs = 0;
  private attempts = 0;
  private nextPurgeMs = Infinity;
  private clock: Clock = { nowMs: 0, wallMs: 0 };
  private effects: Effect[] = [];
  private readonly emit: (effect: Effect) => void;
  /** What the storage reported while an event was handled, in order. */
  private readonly outcomes: StorageOutcome[] = [];

  /**
   * `state` must be in its beginning; the peer fills it from the disk. `observe` is
   * called with each effect at the moment when it arises, before a later txn is applied:
   * what serves clients reads there what exactly the txns so far have made. It must
   * not call the peer.
   */
  constructor(
    options: PeerOptions,
    state: ReplicatedState,
    observe: (effect: Effect) => void = () => undefined,
  ) {
    const resolved = resolvePeerOptions(options);
    const emit = (effect: Effect): void => {
      this.effects.push(effect);
      observe(effect);
    };
    this.emit = emit;
    this.options = resolved;
    this.history = new History(state, resolved.commitLogCount, emit);
    this.storage = new Storage(
      {
        storage: resolved.storage,
        maxTxnBytes: resolved.maxPacketBytes,
        commitLogCount: resolved.commitLogCount,
        random: resolved.random,
        nowMs: () => this.clock.nowMs,
      },
      state,
      emit,
      (outcome) => {
        this.outcomes.push(outcome);
      },
    );
    this.configurations = new KnownConfigurations(resolved.ensemble, (report) => {
      this.report(report);
    });
    this.election = new FastLeaderElection(
      {
        sid: resolved.sid,
        minNotificationIntervalMs: resolved.minNotificationIntervalMs,
        maxNotificationIntervalMs: resolved.maxNotificationIntervalMs,
        finalizeWaitMs: resolved.finalizeWaitMs,
      },
      () => [resolved.ensemble],
      emit,
      this.configurations,
    );
    this.context = new PeerContext(
      resolved,
      this.history,
      this.storage,
      this.configurations,
      emit,
      () => this.clock,
    );
  }

  /** What this server replicates. Only the peer may change it. */
  get state(): ReplicatedState {
    return this.history.state;
  }

  /**
   * Handles one event and returns what is to be done, in order. Total: whatever
   * others send or the disk reports, the answer is effects. Throws only for our
   * own mistakes, after which the peer must not be used.
   */
  step(event: QuorumEvent): readonly Effect[] {
    this.effects = [];
    if (this.role.kind !== "stopped") {
      this.clock = event;
      this.handle(event);
      this.carryOutConsequences();
    } else if ("request" in event) {
      this.answer(event.request, { kind: "refused", text: "this server has stopped" });
    }
    return this.effects;
  }

  /** When to come back with a `deadline` event at the latest, unless something happens before. */
  nextDeadline(): number | undefined {
    if (this.role.kind === "stopped") return undefined;
    const deadlineMs = Math.min(
      this.roleDeadline() ?? Infinity,
      this.nextPurgeMs,
      this.storage.nextDeadline ?? Infinity,
    );
    return deadlineMs === Infinity ? undefined : deadlineMs;
  }

  private roleDeadline(): number | undefined {
    switch (this.role.kind) {
      case "looking":
        return this.election.nextDeadline();
      case "leading":
        return this.role.leader.nextDeadline;
      case "following":
      case "observing":
        return this.role.learner.nextDeadline;
      case "ending":
        return this.role.waitUntilMs === Infinity ? undefined : this.role.waitUntilMs;
      case "idle":
      case "recovering":
      case "stopped":
        return undefined;
    }
  }

  /** As `status` has it, for those who ask after every event. */
  get lastLoggedZxid(): PeerStatus["lastLoggedZxid"] {
    return this.storage.lastAppendedZxid;
  }

  /** As `status` has it, for those who ask after every event. */
  get lastDurableZxid(): PeerStatus["lastDurableZxid"] {
    return this.storage.lastDurableZxid;
  }

  /** What the peer is doing. A copy. */
  status(): PeerStatus {
    const role = this.role;
    const active =
      role.kind === "leading"
        ? role.leader
        : role.kind === "following" || role.kind === "observing"
          ? role.learner
          : undefined;
    return {
      sid: this.options.sid,
      role: this.roleName,
      phase: active?.phase satisfies Phase | undefined,
      serving: active?.isServing === true,
      leader: this.leaderSid(),
      acceptedEpoch: this.storage.acceptedEpoch,
      currentEpoch: this.storage.currentEpoch,
      epoch: active?.epoch,
      lastLoggedZxid: this.storage.lastAppendedZxid,
      lastDurableZxid: this.storage.lastDurableZxid,
      lastProcessedZxid: this.history.lastZxid,
      lastCommittedZxid: this.history.lastCommittedZxid,
      outstanding: active?.outstandingCount ?? 0,
      pendingSyncs: role.kind === "leading" ? role.leader.pendingSyncCount : 0,
      learners: role.kind === "leading" ? role.leader.learners() : [],
    };
  }

  /**
   * When each session expires unless its client is heard from, on the clock of the events:
   * as this server decides while it leads, and none while it does not. A copy.
   */
  sessionExpiries(): ReadonlyMap<bigint, number> {
    return this.role.kind === "leading" ? this.role.leader.sessionExpiries() : new Map();
  }

  /** The learners of this server while it leads, with their connections; none while it does not. A copy. */
  learnerConnections(): readonly LearnerConnection[] {
    return this.role.kind === "leading" ? this.role.leader.learnerConnections() : [];
  }

  /** As `status` has it, for those who ask after every event. */
  get roleName(): Role {
    return this.role.kind === "idle" ? "recovering" : this.role.kind;
  }

  private leaderSid(): Sid | undefined {
    switch (this.role.kind) {
      case "leading":
        return this.options.sid;
      case "following":
      case "observing":
        return this.role.sid;
      default:
        return undefined;
    }
  }

  private handle(event: QuorumEvent): void {
    const role = this.role;
    const leader = role.kind === "leading" ? role.leader : undefined;
    const learner =
      role.kind === "following" || role.kind === "observing" ? role.learner : undefined;
    switch (event.kind) {
      case "start":
        this.start();
        return;
      case "deadline":
        this.onDeadline();
        return;
      case "notified":
        this.onElected(this.election.onNotification(event.from, event.bytes, event.nowMs));
        return;
      case "electionLinkUp":
        this.election.onLinkUp(event.to, event.nowMs);
        return;
      case "cannotListen":
        this.onCannotListen(event.text);
        return;
      case "canListen":
        this.onCanListen();
        return;
      case "accepted":
        if (leader === undefined) this.closeUnwanted(event.connection);
        else leader.onAccepted(event.connection, event.provenSids);
        return;
      case "connected":
        if (learner === undefined) this.closeUnwanted(event.connection);
        else learner.onConnected(event.attempt, event.connection);
        return;
      case "connectFailed":
        learner?.onConnectFailed(event.attempt, event.text);
        return;
      case "received":
        leader?.onReceived(event.connection, event.bytes);
        learner?.onReceived(event.connection, event.bytes);
        return;
      case "drained":
        leader?.onDrained(event.connection);
        return;
      case "disconnected":
        leader?.onDisconnected(event.connection, event.text);
        learner?.onDisconnected(event.connection, event.text);
        return;
      case "fileDone":
        this.storage.onFileDone(event.id, event.result);
        return;
      case "submit": {
        const why = whyNotProposed(event.change.opCode);
        if (why !== undefined) this.answer(event.request, { kind: "refused", text: why });
        else if (leader !== undefined) {
          leader.onSubmit(event.request, event.change, event.isLocalSession === true);
        } else if (learner !== undefined) learner.onSubmit(event.request, event.change);
        else this.refuse(event.request);
        return;
      }
      case "sync":
        if (leader !== undefined) leader.onSync(event.request);
        else if (learner !== undefined) {
          learner.onSync(event.request, event.sessionId, event.cxid);
        } else this.refuse(event.request);
        return;
      case "touch":
        leader?.onTouch(event.sessionId, event.timeoutMs);
        learner?.onTouch(event.sessionId, event.timeoutMs);
        return;
      case "revalidate":
        if (leader !== undefined) {
          leader.onRevalidate(event.request, event.sessionId, event.timeoutMs);
        } else if (learner !== undefined) {
          learner.onRevalidate(event.request, event.sessionId, event.timeoutMs);
        } else this.refuse(event.request);
        return;
      case "stop":
        this.stop({ kind: "asked" });
        return;
    }
  }

  /** Carries on with what the event led to: outcomes of the storage, the end of a role, the end of all. */
  private carryOutConsequences(): void {
    for (;;) {
      const outcome = this.outcomes.shift();
      if (outcome !== undefined) {
        this.onStorageOutcome(outcome);
      } else if (this.context.unrecoverable !== undefined) {
        this.stop({ kind: "unrecoverable", text: this.context.unrecoverable });
      } else if (this.context.leaving !== undefined) {
        this.leaveRole(this.context.leaving);
      } else {
        return;
      }
      if (this.role.kind === "stopped") return;
    }
  }

  // From the disk to the election.

  private start(): void {
    if (this.role.kind !== "idle") return;
    this.role = { kind: "recovering" };
    this.storage.recover();
  }

  private onStorageOutcome(outcome: StorageOutcome): void {
    switch (outcome.kind) {
      case "recovered":
        this.onRecovered(outcome.history);
        return;
      case "refused":
        this.stop({ kind: "refusedToStart", text: outcome.text });
        return;
      case "failed":
        // What is in memory may not be on the disk: going on would promise what a restart forgets.
        this.stop({ kind: "disk", text: outcome.text });
        return;
      case "drained":
        this.onDrained();
        return;
      case "reloaded":
        this.history.reset(outcome.history);
        this.look();
        return;
      case "truncated":
        this.history.reset(outcome.history);
        break;
      case "snapshotInstalled":
        this.history.endReplacing();
        // From here on a restart would find a database.
        this.mayVote = true;
        break;
      case "durable":
      case "acceptedEpochDurable":
      case "currentEpochDurable":
      case "cannotTruncate":
        break;
    }
    if (this.role.kind === "leading") this.role.leader.onStorageOutcome(outcome);
    else if (this.role.kind === "following" || this.role.kind === "observing") {
      this.role.learner.onStorageOutcome(outcome);
    }
  }

  private onRecovered(history: RecoveredHistory): void {
    this.history.reset(history);
    this.mayVote = history.mayVote;
    const { lastZxid, snapshotZxid, replayed, acceptedEpoch, currentEpoch, tornBytes } = history;
    this.report({
      kind: "recovered",
      lastZxid,
      snapshotZxid,
      txns: replayed,
      acceptedEpoch,
      currentEpoch,
      tornBytes,
    });
    this.purge();
    if (!this.mayVote) this.report({ kind: "withoutVote" });
    this.look();
  }

  /** Removes old snapshots and logs now, and again after some time, where that is set. */
  private purge(): void {
    const { purgeIntervalMs } = this.options.storage;
    if (purgeIntervalMs === undefined) return;
    this.nextPurgeMs = this.clock.nowMs + purgeIntervalMs;
    this.storage.purge();
  }

  /** Begins an election. Log and state end at the same txn, and it is durable. */
  private look(why = "looking for a leader"): void {
    this.role = { kind: "looking" };
    this.electionBeganMs = this.clock.nowMs;
    this.reportRole(undefined, why);
    this.configurations.beginElection();
    const committed = this.history.state.configuration();
    const isOutdated =
      committed !== undefined && this.configurations.isOutdatedBy(textOf(committed));
    this.onElected(
      this.election.lookForLeader(
        {
          zxid: this.mayVote ? this.history.lastZxid : NO_DATABASE,
          currentEpoch: this.storage.currentEpoch,
          isReachable: this.listenProblem === undefined,
          mayStand: !isOutdated,
        },
        this.clock.nowMs,
      ),
    );
  }

  /**
   * A leader whom nobody can follow would be elected again and again, since its
   * history and its id are the best. So it stands aside until its port can be
   * opened. Whoever serves goes on: its followers are connected.
   */
  private onCannotListen(text: string): void {
    if (this.listenProblem !== undefined || !this.othersMayLead()) return;
    this.listenProblem = text;
    if (this.role.kind === "leading" && !this.role.leader.isServing) {
      this.context.leave(text);
    } else if (this.role.kind === "looking") {
      this.look("stands for election no more, because its quorum port cannot be opened");
    }
  }

  private onCanListen(): void {
    if (this.listenProblem === undefined) return;
    this.listenProblem = undefined;
    if (this.role.kind === "looking") {
      this.look("stands for election again, because its quorum port can be opened");
    }
  }

  private othersMayLead(): boolean {
    const { ensemble, sid } = this.options;
    return [...ensemble.voters].some((voter) => voter !== sid && ensemble.weightOf(voter) > 0);
  }

  private onElected(outcome: ElectionOutcome | undefined): void {
    if (outcome === undefined || this.role.kind !== "looking") return;
    const { leader: sid, round } = outcome;
    const durationMs = this.clock.nowMs - this.electionBeganMs;
    this.report({ kind: "elected", leader: sid, round, durationMs });
    if (sid === this.options.sid) this.lead();
    else this.learn(sid);
  }

  private lead(): void {
    const leader = new Leader(this.context, (epoch) => {
      this.onServing(epoch);
    });
    this.role = { kind: "leading", leader };
    this.reportRole(this.options.sid, "elected");
    leader.begin();
  }

  private learn(sid: Sid): void {
    const observes = !this.options.ensemble.voters.has(this.options.sid);
    const learner = new Learner(this.context, {
      leader: sid,
      observes,
      knowledge: !this.mayVote ? "lost" : this.needsSnapshot ? "unfit" : "complete",
      nextAttempt: () => ++this.attempts,
      onUpToDate: (epoch) => {
        this.onServing(epoch);
      },
    });
    this.role = { kind: observes ? "observing" : "following", sid, learner };
    this.reportRole(sid, "elected");
    learner.begin();
  }

  /** The epoch is established and this server has its history. */
  private onServing(epoch: Epoch): void {
    this.mayVote = true;
    this.needsSnapshot = false;
    // Servers that join now must see the same epoch from all of us (ZOOKEEPER-1732).
    this.election.acceptEpoch(epoch);
    // From here on the state holds nothing but committed txns, so a snapshot of it may be kept.
    this.storage.allowSnapshots(true);
    this.showConfiguration();
    this.report({ kind: "serving", epoch, zxid: this.history.lastZxid });
  }

  /** What a reconfiguration has committed stays, although this server's own configuration rules. */
  private showConfiguration(): void {
    const { ensemble } = this.options;
    const { state } = this.history;
    if (ensemble instanceof StandaloneVerifier) return;
    const present = state.configuration();
    if (present !== undefined && versionOfText(textOf(present)) > ensemble.version) return;
    const text = textBytes(printConfigurationText(ensemble));
    state.showConfiguration?.(text, ensemble.version, this.context.wallMs);
  }

  // From the end of a role to the next election.

  private leaveRole(why: string): void {
    this.context.left();
    const unapplied = this.endRole(why);
    if (unapplied === undefined) return;
    this.election.leaveRole();
    this.storage.allowSnapshots(false);
    this.role = { kind: "ending", unapplied, waitUntilMs: Infinity };
    this.reportRole(undefined, why);
    this.storage.drain();
  }

  /** Ends a leader's or learner's role; undefined when there is none. */
  private endRole(why: string): readonly LoggedTxn[] | undefined {
    const role = this.role;
    switch (role.kind) {
      case "leading":
        return role.leader.end(why);
      case "following":
      case "observing":
        if (role.learner.asksForSnapshot) this.needsSnapshot = true;
        return role.learner.end(why);
      default:
        return undefined;
    }
  }

  /** Nothing is on its way to the disk any more. */
  private onDrained(): void {
    if (this.role.kind !== "ending") return;
    if (!this.history.isOnDisk) {
      this.storage.reload();
      return;
    }
    this.catchUpWithLog(this.role.unapplied);
    const waitMs = this.delayBeforeLooking();
    if (waitMs === 0) this.look();
    else this.role = { ...this.role, unapplied: [], waitUntilMs: this.clock.nowMs + waitMs };
  }

  /** What is logged counts as history in the next election, so the state must hold it too (ZOOKEEPER-2845). */
  private catchUpWithLog(unapplied: readonly LoggedTxn[]): void {
    for (const txn of unapplied) this.history.apply(txn);
  }

  /** Observers do not decide anything: they come a little later, and not all at once. */
  private delayBeforeLooking(): number {
    const { ensemble, sid, random } = this.options;
    return ensemble.voters.has(sid) ? 0 : Math.floor(random() * OBSERVER_DELAY_MS);
  }

  private onDeadline(): void {
    const { nowMs } = this.clock;
    if (nowMs >= this.nextPurgeMs) this.purge();
    this.storage.onDeadline(nowMs);
    switch (this.role.kind) {
      case "looking":
        this.onElected(this.election.onDeadline(nowMs));
        return;
      case "leading":
        this.role.leader.onDeadline();
        return;
      case "following":
      case "observing":
        this.role.learner.onDeadline();
        return;
      case "ending":
        if (nowMs >= this.role.waitUntilMs) this.look();
        return;
      case "idle":
      case "recovering":
      case "stopped":
        return;
    }
  }

  private stop(reason: StopReason): void {
    this.endRole(reason.kind === "asked" ? "this server stops" : reason.text);
    this.role = { kind: "stopped" };
    this.reportRole(undefined, reason.kind === "asked" ? "asked to" : reason.text);
    this.emit({ kind: "stopped", reason });
  }

  private closeUnwanted(connection: number): void {
    const reason = { kind: "ended", text: "this server does not take part now" } as const;
    this.emit({ kind: "closeConnection", connection, reason });
  }

  private refuse(request: RequestId): void {
    this.answer(request, { kind: "refused", text: "this server has no leader now" });
  }

  private answer(request: RequestId, answer: Answer): void {
    this.emit({ kind: "answer", request, answer });
  }

  private report(report: Report): void {
    this.emit({ kind: "report", report });
  }

  private reportRole(leader: Sid | undefined, why: string): void {
    this.report({ kind: "roleChanged", role: this.roleName, leader, why });
  }
}

const OBSERVER_DELAY_MS = 200;
