/**
 * The role of a follower or observer, from the connection to its leader to the
 * loss of it. It hands each packet to the phase that it is in; what happens there
 * lies in discovery/, synchronization/ and broadcast/.
 */
import { LearnerBroadcast } from "./broadcast/learner.js";
import { LearnerDiscovery, type LearnerKnowledge } from "./discovery/learner.js";
import type { Answer, ConnectionId, RequestId } from "./effects.js";
import { ended } from "./learner-links.js";
import { PacketStream, type StreamItem } from "./wire/packet-stream.js";
import type { PeerContext } from "./peer-context.js";
import type { Phase } from "./peer-status.js";
import { ProtocolViolation } from "./protocol-violation.js";
import type { ChangeRequest, LoggedTxn } from "./replicated-state.js";
import type { StorageOutcome } from "./storage/storage-outcome.js";
import { LearnerSynchronization } from "./synchronization/learner.js";
import type { Epoch, Sid } from "@jute-ts/zookeeper";

/** What a learner needs to know besides its leader. */
export interface LearnerOptions {
  readonly leader: Sid;
  readonly observes: boolean;
  readonly knowledge: LearnerKnowledge;
  /** A number for the next connection attempt. */
  readonly nextAttempt: () => number;
  /** Called when the leader says that we are up to date. */
  readonly onUpToDate: (epoch: Epoch) => void;
}

export class Learner {
  private readonly context: PeerContext;
  private readonly options: LearnerOptions;
  private readonly discovery: LearnerDiscovery;
  private connection: ConnectionId | undefined;
  private readonly stream: PacketStream;
  private synchronization: LearnerSynchronization | undefined;
  private broadcast: LearnerBroadcast | undefined;
  /** When the leader is lost, unless it is heard from. */
  private deadlineMs: number;

  constructor(context: PeerContext, options: LearnerOptions) {
    this.context = context;
    this.options = options;
    this.discovery = new LearnerDiscovery(
      context,
      options.leader,
      options.observes,
      options.knowledge,
    );
    const { maxPacketBytes } = context.options;
    this.stream = new PacketStream({ sender: "leader", maxPacketBytes });
    this.deadlineMs = Infinity;
  }

  begin(): void {
    this.discovery.connect(this.options.nextAttempt());
  }

  /** The role is over. Returns the txns that are logged here and not applied. */
  end(why: string): readonly LoggedTxn[] {
    const unapplied = this.broadcast?.end() ?? [];
    if (this.connection !== undefined) this.context.close(this.connection, ended(why));
    this.connection = undefined;
    return unapplied;
  }

  get phase(): Phase {
    if (this.synchronization === undefined) return "discovery";
    return this.broadcast === undefined ? "synchronization" : "broadcast";
  }

  get isServing(): boolean {
    return this.broadcast !== undefined;
  }

  get epoch(): Epoch | undefined {
    return this.discovery.epoch;
  }

  get outstandingCount(): number {
    return this.broadcast?.outstandingCount ?? 0;
  }

  /** Whether the log could not be cut, so that only a snapshot helps next time. */
  get asksForSnapshot(): boolean {
    return this.synchronization?.asksForSnapshot === true;
  }

  // The connection.

  onConnected(attempt: number, connection: ConnectionId): void {
    if (!this.discovery.onConnected(attempt, connection)) {
      this.context.close(connection, ended("the connection is not wanted any more"));
      return;
    }
    this.connection = connection;
    this.onHeard();
  }

  onConnectFailed(attempt: number, text: string): void {
    this.discovery.onConnectFailed(attempt, text);
  }

  onDisconnected(connection: ConnectionId, text: string): void {
    if (connection !== this.connection) return;
    this.connection = undefined;
    this.context.leave(`the connection to the leader is lost: ${text}`);
  }

  onReceived(connection: ConnectionId, bytes: Uint8Array): void {
    if (connection !== this.connection) return;
    try {
      this.stream.push(bytes);
      this.onHeard();
      while (this.context.leaving === undefined) {
        const item = this.stream.next();
        if (item === undefined) return;
        this.onItem(item);
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.connection = undefined;
      this.context.close(connection, { kind: "violation", violation: error });
      this.context.leave(`the leader broke the protocol: ${error.message}`);
    }
  }

  private onHeard(): void {
    const { options, nowMs } = this.context;
    const isSynced = this.broadcast !== undefined || this.synchronization?.isAcked === true;
    this.deadlineMs = nowMs + (isSynced ? options.syncTimeoutMs : options.initTimeoutMs);
  }

  private onItem(item: StreamItem): void {
    if (item.kind === "NEWLEADER") {
      this.context.configurations.hear(this.options.leader, item.configuration);
    }
    if (item.kind === "SNAPSHOTEND") {
      this.synchronization?.onSnapshotReceived();
    } else if (this.broadcast !== undefined) {
      this.broadcast.onPacket(item);
    } else if (this.synchronization !== undefined) {
      if (this.synchronization.onPacket(item)) this.onUpToDate(this.synchronization);
    } else if (item.kind === "LEADERINFO") {
      this.discovery.onLeaderInfo(item);
      this.synchronizeIfAccepted();
    } else {
      const text = `${item.kind} before the epoch is agreed on`;
      throw new ProtocolViolation("unexpected-packet", text, item.kind);
    }
  }

  private synchronizeIfAccepted(): void {
    const { epoch } = this.discovery;
    if (epoch === undefined || this.connection === undefined) return;
    // It is the leader that we were looking for: its limits count, not ours.
    this.stream.acceptLongTxns();
    this.synchronization ??= new LearnerSynchronization(
      this.context,
      this.connection,
      this.stream,
      epoch,
    );
  }

  private onUpToDate(synchronization: LearnerSynchronization): void {
    const { epoch } = this;
    if (epoch === undefined || this.connection === undefined) return;
    this.broadcast = new LearnerBroadcast(this.context, this.connection, this.options.observes);
    this.broadcast.begin(epoch, synchronization.received);
    this.options.onUpToDate(epoch);
  }

  // Storage.

  onStorageOutcome(outcome: StorageOutcome): void {
    switch (outcome.kind) {
      case "acceptedEpochDurable":
        this.discovery.onAcceptedEpochDurable(outcome.epoch);
        this.synchronizeIfAccepted();
        return;
      case "currentEpochDurable":
        this.synchronization?.onCurrentEpochDurable(outcome.epoch);
        return;
      case "durable":
        if (this.broadcast === undefined) this.synchronization?.onDurable();
        else this.broadcast.onDurable(outcome.zxid);
        return;
      case "truncated":
        this.synchronization?.onTruncated(outcome.history);
        return;
      case "cannotTruncate":
        this.synchronization?.onCannotTruncate(outcome.text);
        return;
      case "snapshotInstalled":
        this.synchronization?.onSnapshotInstalled();
        return;
      default:
        return;
    }
  }

  // Time.

  get nextDeadline(): number | undefined {
    const earliest = Math.min(this.deadlineMs, this.discovery.nextDeadline ?? Infinity);
    return earliest === Infinity ? undefined : earliest;
  }

  onDeadline(): void {
    this.discovery.onDeadline(this.options.nextAttempt);
    if (this.context.nowMs >= this.deadlineMs) {
      this.context.leave("the leader was not heard from in time");
    }
  }

  // Clients of this server.

  onSubmit(request: RequestId, change: ChangeRequest): void {
    const { maxPacketBytes } = this.context.options;
    if (change.body.length > maxPacketBytes - FORWARDED_HEADER_BYTES) {
      const text = `a request of ${change.body.length} bytes is longer than jute.maxbuffer allows`;
      this.answer(request, { kind: "refused", text });
      return;
    }
    this.serving(request)?.onSubmit(request, change);
  }

  onSync(request: RequestId, sessionId: bigint, cxid: number): void {
    this.serving(request)?.onSubmitSync(request, sessionId, cxid);
  }

  onRevalidate(request: RequestId, sessionId: bigint, timeoutMs: number): void {
    this.serving(request)?.onSubmitRevalidate(request, sessionId, timeoutMs);
  }

  onTouch(sessionId: bigint, timeoutMs?: number): void {
    this.broadcast?.onTouch(sessionId, timeoutMs);
  }

  private serving(request: RequestId): LearnerBroadcast | undefined {
    const broadcast = this.broadcast;
    if (broadcast === undefined || this.context.leaving !== undefined) {
      this.answer(request, { kind: "refused", text: "this server does not serve now" });
      return undefined;
    }
    if (broadcast.waitingCount >= this.context.options.maxWaitingRequests) {
      this.answer(request, { kind: "refused", text: "too many requests wait already" });
      return undefined;
    }
    return broadcast;
  }

  private answer(request: RequestId, answer: Answer): void {
    this.context.emit({ kind: "answer", request, answer });
  }
}

/** Session, number and op code, in front of a forwarded request. */
const FORWARDED_HEADER_BYTES = 16;
