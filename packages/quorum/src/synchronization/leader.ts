/**
 * Bringing learners up to date, leader's half: carries a SyncPlan out, ends it
 * with NEWLEADER, and waits until a quorum has the history on disk.
 *
 * From the moment a learner's plan is made, the live traffic goes to it too.
 * Plan and registration happen in one step, so no txn falls between them.
 */
import { type LearnerLink } from "../learner-link.js";
import type { LearnerLinks } from "../learner-links.js";
import type { PeerContext } from "../peer-context.js";
import type { LoggedTxn } from "../replicated-state.js";
import { type Epoch, epochStart, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { planSync, type SyncPlan } from "./sync-plan.js";

/** What synchronization needs of the leader's other phases. */
export interface SyncListener {
  /** Proposals that are not committed yet, oldest first. */
  outstandingTxns(): readonly LoggedTxn[];
  /** A learner begins again: what it acknowledged on an older connection does not count any more. */
  withdrawAcks(sid: Sid): void;
  /** A quorum has the history on disk. */
  onEpochEstablished(epoch: Epoch): void;
}

export class LeaderSynchronization {
  private readonly context: PeerContext;
  private readonly links: LearnerLinks;
  private readonly listener: SyncListener;
  private readonly epoch: Epoch;
  private readonly acks = new Set<Sid>();
  /** What the leader itself must have on disk before it counts. */
  private readonly initialZxid: Zxid;
  private established = false;
  private readonly deadlineMs: number;

  constructor(context: PeerContext, links: LearnerLinks, listener: SyncListener, epoch: Epoch) {
    this.context = context;
    this.links = links;
    this.listener = listener;
    this.epoch = epoch;
    this.initialZxid = context.history.lastZxid;
    this.deadlineMs = context.nowMs + context.options.initTimeoutMs;
  }

  get isEstablished(): boolean {
    return this.established;
  }

  get nextDeadline(): number | undefined {
    return this.established ? undefined : this.deadlineMs;
  }

  onDeadline(): void {
    if (this.established || this.context.nowMs < this.deadlineMs) return;
    this.context.leave("no quorum took over the history in time");
  }

  /** The leader's own epoch must be on disk before the leader counts. */
  begin(): void {
    this.context.storage.writeCurrentEpoch(this.epoch);
  }

  onCurrentEpochDurable(epoch: Epoch): void {
    if (epoch !== this.epoch) return;
    const { options, storage } = this.context;
    if (storage.lastDurableZxid < this.initialZxid) {
      throw new Error("a leader's history must be durable before its epoch");
    }
    this.acks.add(options.sid);
    this.establishIfAcked();
  }

  /** Makes a learner's plan and begins to carry it out. */
  synchronize(link: LearnerLink): void {
    const { history } = this.context;
    const plan = this.plan(link);
    this.context.report({
      kind: "syncChosen",
      learner: link.sid,
      plan,
      learnerZxid: link.lastZxid,
    });
    if (link.sid !== undefined) this.listener.withdrawAcks(link.sid);
    if (plan.kind === "SNAP") {
      link.snapshot = history.state.snapshot();
      this.links.send(link, { kind: "SNAP", zxid: link.snapshot.zxid });
      link.stage = "sendingSnapshot";
    } else {
      this.links.send(link, { kind: plan.kind, zxid: plan.zxid });
      for (const txn of plan.txns) {
        this.links.send(link, { kind: "PROPOSAL", txn });
        this.links.send(link, { kind: "COMMIT", zxid: txn.zxid });
      }
      link.stage = "awaitingNewLeaderAck";
    }
    this.sendOutstanding(link);
    this.links.send(link, {
      kind: "NEWLEADER",
      epoch: this.epoch,
      configuration: this.context.options.ensemble.toString(),
    });
    this.links.holdLive(link);
    if (plan.kind === "SNAP") this.sendPiece(link);
  }

  private plan(link: LearnerLink): SyncPlan {
    const { history, options } = this.context;
    return planSync(link.lastZxid, {
      lastZxid: history.lastZxid,
      committedLog: history.recentTxns(),
      // Live traffic needs room after them.
      maxBytes: options.maxQueuedBytes / 2,
    });
  }

  /** Proposals that wait for acks belong to the live traffic; an observer hears of them once they are committed. */
  private sendOutstanding(link: LearnerLink): void {
    if (link.learner?.role !== "follower") return;
    for (const txn of this.listener.outstandingTxns()) {
      this.links.send(link, { kind: "PROPOSAL", txn });
    }
  }

  /** The connection has room: the snapshot goes on. One piece at a time, so that it is never held twice. */
  onDrained(link: LearnerLink): void {
    if (link.stage === "sendingSnapshot") this.sendPiece(link);
  }

  private sendPiece(link: LearnerLink): void {
    const piece = link.snapshot?.next();
    if (piece !== undefined) {
      this.links.sendPiece(link, piece);
      return;
    }
    link.snapshot = undefined;
    link.stage = "awaitingNewLeaderAck";
    this.links.releaseHeld(link);
  }

  /** A learner has the history on disk. */
  onNewLeaderAck(link: LearnerLink): void {
    link.stage = "awaitingActivation";
    this.context.report({ kind: "learnerSynced", learner: link.sid });
    if (link.learner?.votes === true) this.acks.add(link.learner.sid);
    if (this.established) {
      this.activate(link);
    } else {
      this.establishIfAcked();
    }
  }

  /** Whether a zxid is the ack of NEWLEADER, and not that of a txn. */
  isNewLeaderAck(zxid: Zxid): boolean {
    return zxid === epochStart(this.epoch);
  }

  private establishIfAcked(): void {
    if (this.established || !this.context.options.ensemble.containsQuorum(this.acks)) return;
    this.established = true;
    this.listener.onEpochEstablished(this.epoch);
    for (const link of this.links.all()) {
      if (link.stage === "awaitingActivation") this.activate(link);
    }
  }

  private activate(link: LearnerLink): void {
    link.stage = "forwarding";
    this.links.releaseLive(link);
    this.watchAcks(link);
  }

  /** Only from UPTODATE on does a follower log what is not committed: its time for that begins now. */
  private watchAcks(link: LearnerLink): void {
    const last = this.listener.outstandingTxns().at(-1);
    if (last !== undefined && link.learner?.role === "follower") {
      link.ackWatch.onSent(last.zxid, this.context.nowMs);
    }
  }
}
