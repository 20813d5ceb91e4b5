/**
 * The role of a leader, from the connections of its learners to the end of its
 * leadership. It hands each packet to the phase that the sender is in; what happens
 * there lies in discovery/, synchronization/ and broadcast/.
 */
import { LeaderBroadcast } from "./broadcast/leader.js";
import { LeaderDiscovery } from "./discovery/leader.js";
import type { Answer, ConnectionId, RequestId } from "./effects.js";
import type { LearnerLink } from "./learner-link.js";
import { ended, LearnerLinks } from "./learner-links.js";
import type { Packet } from "./wire/packet.js";
import type { PeerContext } from "./peer-context.js";
import type { LearnerConnection, LearnerStatus, Phase } from "./peer-status.js";
import { ProtocolViolation } from "./protocol-violation.js";
import type { ChangeRequest, LoggedTxn } from "./replicated-state.js";
import type { StorageOutcome } from "./storage/storage-outcome.js";
import { LeaderSynchronization } from "./synchronization/leader.js";
import { Turns } from "./turns.js";
import type { Epoch, Sid } from "@jute-ts/zookeeper";

export class Leader {
  private readonly context: PeerContext;
  private readonly links: LearnerLinks;
  private readonly discovery: LeaderDiscovery;
  private readonly turns: Turns;
  /** Both exist from the moment the epoch is agreed on. */
  private synchronization: LeaderSynchronization | undefined;
  private broadcast: LeaderBroadcast | undefined;
  private readonly onEstablished: (epoch: Epoch) => void;

  /** `onEstablished` is called when a quorum has the leader's history: it leads for good. */
  constructor(context: PeerContext, onEstablished: (epoch: Epoch) => void) {
    this.context = context;
    this.onEstablished = onEstablished;
    this.links = new LearnerLinks(context);
    this.discovery = new LeaderDiscovery(context, this.links, {
      onEpochAgreed: (epoch) => {
        this.onEpochAgreed(epoch);
      },
      onReadyToSync: (link) => {
        this.turns.ask(link);
      },
    });
    this.turns = new Turns(context, this.links, {
      probe: (link) => this.broadcast?.probe(link),
      onTurn: (link) => this.synchronization?.synchronize(link),
    });
  }

  begin(): void {
    this.context.emit({ kind: "listen" });
    this.discovery.begin();
  }

  /** The leadership is over: nobody is served any more. Returns the txns that are logged here and not applied. */
  end(why: string): readonly LoggedTxn[] {
    this.context.emit({ kind: "stopListening" });
    const unapplied = this.broadcast?.end() ?? [];
    this.links.closeAll(why);
    return unapplied;
  }

  get phase(): Phase {
    if (this.synchronization === undefined) return "discovery";
    return this.isServing ? "broadcast" : "synchronization";
  }

  get isServing(): boolean {
    return this.synchronization?.isEstablished === true;
  }

  get epoch(): Epoch | undefined {
    return this.discovery.epoch;
  }

  get pendingSyncCount(): number {
    return this.broadcast?.pendingSyncCount ?? 0;
  }

  get outstandingCount(): number {
    return this.broadcast?.outstandingCount ?? 0;
  }

  learners(): readonly LearnerStatus[] {
    return this.links.all().map((link) => this.statusOf(link));
  }

  learnerConnections(): readonly LearnerConnection[] {
    return this.links.all().map((link) => ({
      ...this.statusOf(link),
      connection: link.connection,
      packetsReceived: link.packetsReceived,
      requests: link.requests,
      queuedBytes: link.queuedBytes,
    }));
  }

  private statusOf({ learner, stage }: LearnerLink): LearnerStatus {
    return {
      sid: learner?.sid,
      role: learner?.role ?? "follower",
      votes: learner?.votes === true,
      stage,
      lastAckedZxid: learner === undefined ? 0n : (this.broadcast?.lastAcked(learner.sid) ?? 0n),
    };
  }

  sessionExpiries(): ReadonlyMap<bigint, number> {
    return this.broadcast?.sessionExpiries() ?? new Map();
  }

  private onEpochAgreed(epoch: Epoch): void {
    const broadcast = new LeaderBroadcast(this.context, this.links, epoch);
    this.broadcast = broadcast;
    this.synchronization = new LeaderSynchronization(
      this.context,
      this.links,
      {
        outstandingTxns: () => broadcast.outstandingTxns(),
        withdrawAcks: (sid) => {
          broadcast.withdrawAcks(sid);
        },
        onEpochEstablished: () => {
          broadcast.establish();
          this.onEstablished(epoch);
        },
      },
      epoch,
    );
    this.synchronization.begin();
  }

  // Connections.

  onAccepted(connection: ConnectionId, provenSids: readonly Sid[] | undefined): void {
    this.links.accept(connection, provenSids);
  }

  onReceived(connection: ConnectionId, bytes: Uint8Array): void {
    const link = this.links.get(connection);
    if (link === undefined) return;
    try {
      link.stream.push(bytes);
      // A packet may have closed the link; what is behind it does not count then.
      while (this.links.get(connection) !== undefined) {
        const packet = link.stream.next();
        if (packet === undefined || packet.kind === "SNAPSHOTEND") return;
        this.onHeard(link);
        link.packetsReceived++;
        if (packet.kind === "REQUEST") link.requests++;
        this.onPacket(link, packet);
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.links.close(link, { kind: "violation", violation: error });
    } finally {
      this.turns.review();
    }
  }

  onDrained(connection: ConnectionId): void {
    const link = this.links.get(connection);
    if (link === undefined) return;
    this.links.onDrained(link);
    this.synchronization?.onDrained(link);
  }

  onDisconnected(connection: ConnectionId, text: string): void {
    const link = this.links.get(connection);
    if (link !== undefined) this.links.forget(link, text);
    this.turns.review();
  }

  private onHeard(link: LearnerLink): void {
    const { options, nowMs } = this.context;
    link.heardMs = nowMs;
    link.deadlineMs = nowMs + (link.isSynced ? options.syncTimeoutMs : options.initTimeoutMs);
  }

  private onPacket(link: LearnerLink, packet: Packet): void {
    switch (packet.kind) {
      case "FOLLOWERINFO":
      case "OBSERVERINFO":
        this.require(link.stage === "unknown", link, packet);
        this.discovery.onLearnerInfo(link, packet);
        return;
      case "ACKEPOCH":
        this.require(link.stage === "awaitingAckEpoch", link, packet);
        this.discovery.onAckEpoch(link, packet);
        return;
      case "ACK":
        this.require(link.isRegistered, link, packet);
        this.onAck(link, packet);
        return;
      case "REQUEST":
        this.require(link.stage === "forwarding", link, packet);
        this.broadcast?.onRequest(link, packet);
        return;
      case "SYNCREQUEST":
        this.require(link.stage === "forwarding", link, packet);
        this.broadcast?.onSyncRequest(link);
        return;
      case "PINGANSWER":
        this.require(link.isRegistered, link, packet);
        this.broadcast?.onPingAnswer(packet);
        return;
      case "REVALIDATE":
        this.require(link.stage === "forwarding", link, packet);
        this.broadcast?.onRevalidatePacket(link, packet);
        return;
      default:
        this.require(false, link, packet);
    }
  }

  /** The first ack of the epoch is that of NEWLEADER; older followers acknowledge txns before it (ZOOKEEPER-4685). */
  private onAck(link: LearnerLink, packet: Extract<Packet, { kind: "ACK" }>): void {
    const isNewLeaderAck = this.synchronization?.isNewLeaderAck(packet.zxid) === true;
    if (isNewLeaderAck && link.stage === "awaitingNewLeaderAck") {
      this.synchronization?.onNewLeaderAck(link);
      this.onHeard(link);
    } else {
      this.broadcast?.onAck(link, packet);
    }
  }

  private require(allowed: boolean, link: LearnerLink, { kind }: Packet): void {
    if (allowed) return;
    const text = `${kind} from a learner that is ${link.stage}`;
    throw new ProtocolViolation("unexpected-packet", text, kind);
  }

  // Storage.

  onStorageOutcome(outcome: StorageOutcome): void {
    switch (outcome.kind) {
      case "acceptedEpochDurable":
        this.discovery.onAcceptedEpochDurable(outcome.epoch);
        return;
      case "currentEpochDurable":
        this.synchronization?.onCurrentEpochDurable(outcome.epoch);
        return;
      case "durable":
        this.broadcast?.onDurable(outcome.zxid);
        return;
      default:
        return;
    }
  }

  // Time.

  get nextDeadline(): number | undefined {
    const earliestMs = Math.min(
      this.discovery.nextDeadline ?? Infinity,
      this.synchronization?.nextDeadline ?? Infinity,
      this.broadcast?.nextDeadline ?? Infinity,
      this.turns.nextDeadline ?? Infinity,
      this.links.nextDeadlineMs,
    );
    return earliestMs === Infinity ? undefined : earliestMs;
  }

  onDeadline(): void {
    for (const link of this.links.all()) {
      if (this.context.nowMs >= link.deadlineMs) {
        this.links.close(link, ended("it was not heard from in time"));
      }
    }
    this.turns.review();
    this.discovery.onDeadline();
    this.synchronization?.onDeadline();
    this.broadcast?.onDeadline();
  }

  // Clients of this server.

  onSubmit(request: RequestId, change: ChangeRequest, isLocal: boolean): void {
    this.accepting(request)?.onSubmit(request, change, isLocal);
  }

  onSync(request: RequestId): void {
    this.accepting(request)?.onSync(request);
  }

  onRevalidate(request: RequestId, sessionId: bigint, timeoutMs: number): void {
    this.serving(request)?.onRevalidate(request, sessionId, timeoutMs);
  }

  onTouch(sessionId: bigint, timeoutMs?: number): void {
    this.broadcast?.onTouch(sessionId, timeoutMs);
  }

  /** For requests that may have to wait. */
  private accepting(request: RequestId): LeaderBroadcast | undefined {
    const broadcast = this.serving(request);
    if (broadcast?.isFull !== true) return broadcast;
    this.answer(request, { kind: "refused", text: "too many requests wait already" });
    return undefined;
  }

  private serving(request: RequestId): LeaderBroadcast | undefined {
    if (this.isServing && this.context.leaving === undefined) return this.broadcast;
    this.answer(request, { kind: "refused", text: "this server does not serve now" });
    return undefined;
  }

  private answer(request: RequestId, answer: Answer): void {
    this.context.emit({ kind: "answer", request, answer });
  }
}
