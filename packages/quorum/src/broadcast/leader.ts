/**
 * Broadcast, leader's half: requests become proposals, proposals that a quorum
 * has on disk are committed in order, and everyone is told. Also what keeps the
 * leadership going: pings, the sessions of clients, and stepping down when a quorum
 * is not heard from.
 */
import {
  counterOf,
  encodeTxn,
  type Epoch,
  epochStart,
  ErrorCode,
  MAX_COUNTER,
  OpCode,
  type Sid,
  TxnHeader,
  type Zxid,
} from "@jute-ts/zookeeper";
import type { Answer, RequestId } from "../effects.js";
import type { LearnerLink } from "../learner-link.js";
import { ended, type LearnerLinks } from "../learner-links.js";
import type { Packet, PacketOf } from "../wire/packet.js";
import type { PeerContext } from "../peer-context.js";
import { ProtocolViolation } from "../protocol-violation.js";
import type { ChangeRequest, LoggedTxn, TxnResult } from "../replicated-state.js";
import { AckTracker } from "./ack-tracker.js";
import { Backlog } from "./backlog.js";
import { whyNotProposed } from "./forwardable.js";
import { SessionTracker } from "./session-tracker.js";

/** A txn that is proposed and not yet committed. */
interface Proposal {
  readonly txn: LoggedTxn;
  /** The request of a client of ours that it answers. */
  readonly request: RequestId | undefined;
  /** The server whose client asked. */
  readonly origin: Sid;
}

/** A sync that waits until everything proposed before it is committed. */
interface WaitingSync {
  readonly after: Zxid;
  /** Whose client waits: a request of this server's own, or the learner to answer. */
  readonly waiting: RequestId | LearnerLink;
  /** How many answers: a learner's syncs of the same moment are kept as one. */
  count: number;
}

export class LeaderBroadcast {
  private readonly context: PeerContext;
  private readonly links: LearnerLinks;
  private readonly acks: AckTracker;
  private readonly sessions = new SessionTracker();
  private readonly backlog: Backlog;
  private readonly outstanding: Proposal[] = [];
  private readonly syncs: WaitingSync[] = [];
  private established = false;
  private lastProposedZxid: Zxid;
  private nextPingMs: number;
  private pings = 0;
  private nextOverdueMs: number;

  constructor(context: PeerContext, links: LearnerLinks, epoch: Epoch) {
    this.context = context;
    this.links = links;
    this.acks = new AckTracker(context.options.ensemble);
    this.backlog = new Backlog({
      maxCount: context.options.maxWaitingRequests,
      maxBytes: context.options.maxQueuedBytes,
    });
    this.lastProposedZxid = epochStart(epoch);
    this.nextPingMs = context.nowMs + context.options.tickTimeMs / 2;
    this.nextOverdueMs = context.nowMs + context.options.overdueIntervalMs;
  }

  get lastProposed(): Zxid {
    return this.lastProposedZxid;
  }

  get outstandingCount(): number {
    return this.outstanding.length;
  }

  /** How many proposals there are for whose commit a sync waits, as Java counts them. */
  get pendingSyncCount(): number {
    return new Set(this.syncs.map(({ after }) => after)).size;
  }

  outstandingTxns(): readonly LoggedTxn[] {
    return this.outstanding.map(({ txn }) => txn);
  }

  lastAcked(sid: Sid): Zxid {
    return this.acks.lastAcked(sid);
  }

  withdrawAcks(sid: Sid): void {
    this.acks.withdraw(sid);
  }

  /** A quorum has the history: requests may come. */
  establish(): void {
    const { history, nowMs } = this.context;
    this.established = true;
    history.commitUpTo(history.lastZxid);
    for (const [sessionId, timeoutMs] of history.state.sessions) {
      this.sessions.add(sessionId, timeoutMs, undefined, nowMs);
    }
  }

  /**
   * The leadership is over. Returns the proposals that are logged here and not
   * committed: whether they ever are, others decide.
   */
  end(): readonly LoggedTxn[] {
    this.context.history.state.discardPrepared();
    const outstanding = this.outstanding.splice(0);
    for (const { request } of outstanding) {
      if (request !== undefined) this.answer(request, STEPPED_DOWN);
    }
    for (const { waiting } of this.syncs.splice(0)) {
      if (typeof waiting === "number") this.answer(waiting, STEPPED_DOWN);
    }
    return outstanding.map(({ txn }) => txn);
  }

  // Requests.

  /** Whether so much of what this server's own clients asked for waits that no more is taken. */
  get isFull(): boolean {
    return this.backlog.isFull(this.context.options.sid);
  }

  /** A client of this server asks for a change. `isLocal`: its session is one that only this server knows. */
  onSubmit(request: RequestId, change: ChangeRequest, isLocal: boolean): void {
    const { sid, localSessions } = this.context.options;
    if (isLocal && localSessions) this.prepareAndPropose(change, sid, request);
    else this.admit(change, sid, request);
  }

  /** A client of a learner asks for a change. */
  onRequest(link: LearnerLink, { change, kind }: PacketOf<"REQUEST">): void {
    if (link.stage !== "forwarding" || link.sid === undefined) {
      throw new ProtocolViolation("unexpected-packet", "a request before UPTODATE", kind);
    }
    const why = whyNotProposed(change.opCode);
    if (why !== undefined) {
      // Java's leader, too, drops what becomes no txn, and nobody waits for an answer.
      this.context.report({ kind: "ignored", what: `${kind} of server ${link.sid}: ${why}` });
      return;
    }
    if (this.backlog.isFull(link.sid) && !concernsSession(change)) {
      this.refuse(change, link.sid, undefined, ErrorCode.THROTTLEDOP);
    } else {
      this.admit(change, link.sid, undefined);
    }
  }

  private admit(change: ChangeRequest, origin: Sid, request: RequestId | undefined): void {
    const err = this.sessionError(change, origin);
    if (err === undefined) this.prepareAndPropose(change, origin, request);
    else this.refuse(change, origin, request, err);
  }

  private prepareAndPropose(
    change: ChangeRequest,
    origin: Sid,
    request: RequestId | undefined,
  ): void {
    this.propose(change, origin, request, (zxid) => this.prepare(change, zxid));
  }

  /** A request that fails is proposed too: its client's server answers it from the txn. */
  private refuse(
    change: ChangeRequest,
    origin: Sid,
    request: RequestId | undefined,
    err: number,
  ): void {
    this.propose(change, origin, request, (zxid) => this.refusal(change, zxid, err));
  }

  /** Why the session may not ask here, as an error code. Requests without a session are the server's own. */
  private sessionError(change: ChangeRequest, origin: Sid): number | undefined {
    if (change.sessionId === 0n || concernsSession(change)) return undefined;
    switch (this.sessions.check(change.sessionId, origin)) {
      case "alive":
        return undefined;
      case "unknown":
        return this.mayBeLocal(change.sessionId) ? undefined : ErrorCode.SESSIONEXPIRED;
      case "closing":
        return ErrorCode.SESSIONEXPIRED;
      case "moved":
        return ErrorCode.SESSIONMOVED;
    }
  }

  /** Whether another server may have a session by this id of which it told nobody. This server's own have its number on top. */
  private mayBeLocal(sessionId: bigint): boolean {
    const { localSessions, sid } = this.context.options;
    return localSessions && BigInt.asIntN(64, sessionId) >> SESSION_SERVER_BITS !== sid;
  }

  private prepare(change: ChangeRequest, zxid: Zxid): Uint8Array {
    const { history, wallMs, options } = this.context;
    return history.state.prepare(change, zxid, wallMs, options.maxPacketBytes);
  }

  private refusal({ sessionId, cxid }: ChangeRequest, zxid: Zxid, err: number): Uint8Array {
    const header = { clientId: sessionId, cxid, zxid, time: this.context.wallMs };
    return encodeTxn(OpCode.error, header, { err });
  }

  /** Gives the request its zxid and sends it to everyone, this server's log included. */
  private propose(
    change: ChangeRequest,
    origin: Sid,
    request: RequestId | undefined,
    make: (zxid: Zxid) => Uint8Array,
  ): void {
    if (counterOf(this.lastProposedZxid) >= MAX_COUNTER) {
      if (request !== undefined) {
        this.answer(request, { kind: "refused", text: "the epoch's zxids are used up" });
      }
      // The next leader begins to count again; without it no txn could get a number.
      this.context.leave("the epoch's zxids are used up");
      return;
    }
    const zxid = this.lastProposedZxid + 1n;
    const bytes = make(zxid);
    const txn: LoggedTxn = {
      zxid,
      header: TxnHeader.decode(bytes.subarray(0, TXN_HEADER_BYTES)),
      bytes,
    };
    this.lastProposedZxid = zxid;
    this.outstanding.push({ txn, request, origin });
    this.backlog.add(origin, bytes.length);
    if (change.opCode === OpCode.createSession) {
      this.sessions.propose(change.sessionId, origin);
    } else if (txn.header.type === OpCode.closeSession) {
      // It cannot expire any more, nor come back: one closeSession is enough.
      this.sessions.close(change.sessionId);
    }
    // First the server whose client waits: while it syncs the proposal it may not hear of the commit.
    const proposal: Packet = { kind: "PROPOSAL", txn };
    for (const link of this.links.registeredFrom(origin)) {
      if (link.learner?.role !== "follower") continue;
      if (link.stage === "forwarding") link.ackWatch.onSent(zxid, this.context.nowMs);
      this.links.send(link, proposal);
    }
    this.context.storage.append(txn);
  }

  /** A client of this server wants to read what is committed now. */
  onSync(request: RequestId): void {
    this.syncAfterOutstanding(request);
  }

  /** A client of a learner does. */
  onSyncRequest(link: LearnerLink): void {
    this.syncAfterOutstanding(link);
  }

  private syncAfterOutstanding(waiting: RequestId | LearnerLink): void {
    if (this.outstanding.length === 0) this.answerSync(waiting);
    else this.addSync(this.lastProposedZxid, waiting);
  }

  /** A learner may ask for any number of syncs, so those that are answered together take no more room than one. */
  private addSync(after: Zxid, waiting: RequestId | LearnerLink): void {
    if (typeof waiting === "number") {
      this.backlog.add(this.context.options.sid, 0);
    } else {
      for (let index = this.syncs.length - 1; index >= 0; index--) {
        const sync = this.syncs[index];
        if (sync?.after !== after) break;
        if (sync.waiting !== waiting) continue;
        sync.count++;
        return;
      }
    }
    this.syncs.push({ after, waiting, count: 1 });
  }

  private answerSync(waiting: RequestId | LearnerLink): void {
    if (typeof waiting === "number") this.answer(waiting, { kind: "synced" });
    else this.links.send(waiting, { kind: "SYNC" });
  }

  // Acks and commits.

  /** Our own log has everything up to here on disk. */
  onDurable(zxid: Zxid): void {
    this.acks.ack(this.context.options.sid, zxid);
    this.commitInOrder();
  }

  /** A learner's log has. */
  onAck(link: LearnerLink, { zxid, kind }: PacketOf<"ACK">): void {
    // A whole epoch is acknowledged a second time after UPTODATE.
    if (counterOf(zxid) === 0) return;
    if (zxid > this.lastProposedZxid) {
      const text = `ack of ${zxid}, but ${this.lastProposedZxid} is the last proposal`;
      throw new ProtocolViolation("zxid-order", text, kind);
    }
    link.ackWatch.onAck(zxid);
    if (link.learner?.votes !== true) return;
    this.acks.ack(link.learner.sid, zxid);
    this.commitInOrder();
  }

  /** Commits what a quorum has, oldest first, and nothing before what precedes it. */
  private commitInOrder(): void {
    if (!this.established) return;
    for (;;) {
      const proposal = this.outstanding[0];
      if (proposal === undefined || !this.acks.isCommitted(proposal.txn.zxid)) return;
      this.outstanding.shift();
      this.commit(proposal);
    }
  }

  private commit({ txn, request, origin }: Proposal): void {
    const { history, storage } = this.context;
    this.backlog.remove(origin, txn.bytes.length);
    history.commitUpTo(txn.zxid);
    // The server whose client waits for the answer hears first.
    const commit: Packet = { kind: "COMMIT", zxid: txn.zxid };
    const inform: Packet = { kind: "INFORM", txn };
    for (const link of this.links.registeredFrom(origin)) {
      this.links.send(link, link.learner?.role === "follower" ? commit : inform);
    }
    const result = history.apply(txn);
    storage.onApplied();
    this.followSession(txn, result, origin);
    if (request !== undefined) this.answer(request, { kind: "applied", txn, result });
    this.answerSyncsAfter(txn.zxid);
  }

  private answerSyncsAfter(zxid: Zxid): void {
    for (;;) {
      const sync = this.syncs[0];
      if (sync === undefined || sync.after > zxid) return;
      this.syncs.shift();
      if (typeof sync.waiting === "number") this.backlog.remove(this.context.options.sid, 0);
      for (let left = sync.count; left > 0; left--) this.answerSync(sync.waiting);
    }
  }

  private followSession({ header }: LoggedTxn, result: TxnResult, origin: Sid): void {
    if (header.type === OpCode.closeSession) {
      this.sessions.remove(header.clientId);
    } else if (header.type === OpCode.createSession && result.err === 0) {
      const timeoutMs = this.context.history.state.sessions.get(header.clientId) ?? 0;
      this.sessions.commit(header.clientId, timeoutMs, origin, this.context.nowMs);
    }
  }

  // Sessions.

  sessionExpiries(): ReadonlyMap<bigint, number> {
    return this.sessions.expiries();
  }

  onTouch(sessionId: bigint, timeoutMs = 0): void {
    this.sessions.touch({ sessionId, timeoutMs }, this.context.nowMs);
  }

  onPingAnswer({ touched }: PacketOf<"PINGANSWER">): void {
    for (const touch of touched) this.sessions.touch(touch, this.context.nowMs);
  }

  onRevalidate(request: RequestId, sessionId: bigint, timeoutMs: number): void {
    const valid = this.revalidate(sessionId, timeoutMs, this.context.options.sid);
    this.answer(request, { kind: "revalidated", valid });
  }

  onRevalidatePacket(link: LearnerLink, packet: PacketOf<"REVALIDATE">): void {
    if (link.sid === undefined) return;
    const valid = this.revalidate(packet.sessionId, packet.timeoutMs, link.sid);
    this.links.send(link, { kind: "REVALIDATED", sessionId: packet.sessionId, valid });
  }

  private revalidate(sessionId: bigint, timeoutMs: number, owner: Sid): boolean {
    const valid = this.sessions.touch({ sessionId, timeoutMs }, this.context.nowMs);
    if (valid) this.sessions.own(sessionId, owner);
    return valid;
  }

  private expireSessions(): void {
    for (const sessionId of this.sessions.takeExpired(this.context.nowMs)) {
      this.admit(ownRequest(sessionId, OpCode.closeSession), this.context.options.sid, undefined);
    }
  }

  private removeOverdue(): void {
    const { nowMs, history, wallMs, options } = this.context;
    if (nowMs < this.nextOverdueMs) return;
    this.nextOverdueMs = nowMs + options.overdueIntervalMs;
    const most = Math.ceil((options.maxOverduePerMinute * options.overdueIntervalMs) / 60_000);
    for (const change of history.state.overdue(wallMs, most)) {
      this.admit(change, options.sid, undefined);
    }
  }

  // Time.

  get nextDeadline(): number {
    const expiryMs = this.established ? (this.sessions.nextDeadline ?? Infinity) : Infinity;
    return Math.min(this.nextPingMs, expiryMs, this.established ? this.nextOverdueMs : Infinity);
  }

  onDeadline(): void {
    const { nowMs, options } = this.context;
    if (this.established) {
      this.expireSessions();
      this.removeOverdue();
    }
    if (nowMs < this.nextPingMs) return;
    // Counted from now: after a pause there is nothing to make up for.
    this.nextPingMs = nowMs + options.tickTimeMs / 2;
    this.pings++;
    if (this.pings % 2 === 0 && this.established && !this.hearsQuorum()) {
      this.context.leave("a quorum of followers is not heard from");
      return;
    }
    for (const link of this.links.registered()) this.ping(link);
  }

  private ping(link: LearnerLink): void {
    if (this.isTooSlow(link)) {
      this.links.close(link, ended("it does not acknowledge proposals"));
    } else {
      this.probe(link);
    }
  }

  /** Asks a learner whether it is there; but not one that hears nothing else than its snapshot now. */
  probe(link: LearnerLink): void {
    if (link.stage === "sendingSnapshot") return;
    this.links.send(link, { kind: "PING", zxid: this.lastProposedZxid });
  }

  /** Whether a follower keeps a proposal waiting for longer than syncLimit, whether others committed it or not. */
  private isTooSlow({ ackWatch }: LearnerLink): boolean {
    const { nowMs, options } = this.context;
    return ackWatch.isOverdue(nowMs, options.syncTimeoutMs);
  }

  /** Whether the leader and the followers that are in time are a quorum. */
  private hearsQuorum(): boolean {
    const { options, nowMs } = this.context;
    const heard: Sid[] = [options.sid];
    for (const link of this.links.all()) {
      if (link.learner?.votes === true && link.isSynced && nowMs <= link.deadlineMs) {
        heard.push(link.learner.sid);
      }
    }
    return options.ensemble.containsQuorum(heard);
  }

  private answer(request: RequestId, answer: Answer): void {
    this.context.emit({ kind: "answer", request, answer });
  }
}

/** Whether a request begins or ends a session. Neither depends on the session being there, and neither may be put off. */
function concernsSession({ opCode }: ChangeRequest): boolean {
  return opCode === OpCode.createSession || opCode === OpCode.closeSession;
}

/** A request that no client makes. */
function ownRequest(sessionId: bigint, opCode: number): ChangeRequest {
  return { sessionId, cxid: 0, opCode, body: new Uint8Array(0), authInfo: [] };
}

const STEPPED_DOWN: Answer = { kind: "unknown", text: "the leader has stepped down" };
const TXN_HEADER_BYTES = 32;
/** Below the number of the server that a session began at. */
const SESSION_SERVER_BITS = 56n;
