/**
 * Being brought up to date, learner's half: takes DIFF, TRUNC or SNAP and the
 * txns after it, puts all that is committed on disk, then the epoch, and only
 * then answers NEWLEADER.
 *
 * That order is the point. With the epoch on disk before the txns, a crash in
 * between would leave a server that looks more recent than one that has them
 * (ZOOKEEPER-4643); with an answer before the disk, a quorum could forget what it
 * took over (ZOOKEEPER-4646, 4785). Txns that are not committed yet stay in memory,
 * unlogged and unacknowledged, until UPTODATE (ZOOKEEPER-4394, 4685).
 */
import type { ConnectionId } from "../effects.js";
import type { Packet, PacketOf } from "../wire/packet.js";
import type { PacketStream } from "../wire/packet-stream.js";
import type { PeerContext } from "../peer-context.js";
import { ProtocolViolation } from "../protocol-violation.js";
import type { LoggedTxn } from "../replicated-state.js";
import type { RecoveredHistory } from "../storage/storage-outcome.js";
import { type Epoch, epochOf, epochStart, follows, type Zxid } from "@jute-ts/zookeeper";

/** What was received and waits for UPTODATE. */
export interface ReceivedTxns {
  /** In order; none is in the log. */
  readonly txns: readonly LoggedTxn[];
  /** How many of them, from the first, are committed. */
  readonly committed: number;
  /** The last txn that was received at all. */
  readonly lastZxid: Zxid;
}

type Stage =
  | "awaitingPlan"
  | "receivingSnapshot"
  | "collecting"
  /** NEWLEADER is here. */
  | "truncating"
  | "installingSnapshot"
  | "loggingTxns"
  | "storingEpoch"
  | "awaitingUpToDate";

export class LearnerSynchronization {
  private readonly context: PeerContext;
  private readonly connection: ConnectionId;
  private readonly stream: PacketStream;
  private readonly epoch: Epoch;
  private stage: Stage = "awaitingPlan";
  private mode: "DIFF" | "TRUNC" | "SNAP" = "DIFF";
  /** While the log is being cut: what after. */
  private cutting: Zxid | undefined;
  private pending: LoggedTxn[] = [];
  private committed = 0;
  private lastQueued: Zxid = 0n;
  private snapshotAsked = false;

  constructor(context: PeerContext, connection: ConnectionId, stream: PacketStream, epoch: Epoch) {
    this.context = context;
    this.connection = connection;
    this.stream = stream;
    this.epoch = epoch;
  }

  /** Whether NEWLEADER was answered. */
  get isAcked(): boolean {
    return this.stage === "awaitingUpToDate";
  }

  /** Whether the log could not be cut where the leader wanted, so that only a snapshot helps. */
  get asksForSnapshot(): boolean {
    return this.snapshotAsked;
  }

  /** What to go on with after UPTODATE. */
  get received(): ReceivedTxns {
    return { txns: this.pending, committed: this.committed, lastZxid: this.lastQueued };
  }

  /** True when the packet was UPTODATE: the synchronization is over. */
  onPacket(packet: Packet): boolean {
    switch (packet.kind) {
      case "DIFF":
      case "TRUNC":
      case "SNAP":
        this.onPlan(packet);
        return false;
      case "PROPOSAL":
        this.onProposal(packet.txn, packet.kind);
        return false;
      case "COMMIT":
      case "COMMITANDACTIVATE":
        this.onCommit(packet.zxid, packet.kind);
        return false;
      case "INFORM":
      case "INFORMANDACTIVATE":
        if (this.onProposal(packet.txn, packet.kind)) {
          this.onCommit(packet.txn.zxid, packet.kind);
        }
        return false;
      case "NEWLEADER":
        this.onNewLeader(packet);
        return false;
      case "UPTODATE":
        this.require(this.stage === "awaitingUpToDate", packet.kind);
        return true;
      case "PING":
        this.onPing(packet);
        return false;
      default:
        throw this.unexpected(packet.kind);
    }
  }

  /** The leader's choice of how. */
  private onPlan({ kind, zxid }: PacketOf<"DIFF" | "TRUNC" | "SNAP">): void {
    this.require(this.stage === "awaitingPlan", kind);
    if (zxid < 0n || epochOf(zxid) > this.epoch) {
      const text = `${kind} to ${zxid}, which no leader of epoch ${this.epoch} can have`;
      throw new ProtocolViolation("zxid-order", text, kind);
    }
    const { history, storage } = this.context;
    this.mode = kind;
    this.context.report({ kind: "syncBegun", packet: kind, zxid });
    switch (kind) {
      case "DIFF":
        this.lastQueued = history.lastZxid;
        this.stage = "collecting";
        break;
      case "TRUNC":
        this.lastQueued = zxid;
        this.stage = "collecting";
        this.cutting = zxid;
        storage.truncate(zxid);
        break;
      case "SNAP":
        this.lastQueued = zxid;
        this.stage = "receivingSnapshot";
        history.beginReplacing();
        this.stream.beginSnapshot(history.state.restore(zxid));
        break;
    }
  }

  /** All of the leader's snapshot is in the state. */
  onSnapshotReceived(): void {
    this.context.history.resetToSnapshot(this.lastQueued);
    this.stage = "collecting";
  }

  /** Queues a txn. False: it is in the snapshot already. */
  private onProposal(txn: LoggedTxn, kind: Packet["kind"]): boolean {
    this.requireTraffic(kind);
    if (this.isInSnapshot(txn.zxid)) return false;
    if (!follows(this.lastQueued, txn.zxid) || epochOf(txn.zxid) > this.epoch) {
      const text = `txn ${txn.zxid} does not follow ${this.lastQueued} in epoch ${this.epoch}`;
      throw new ProtocolViolation("zxid-order", text, kind);
    }
    this.lastQueued = txn.zxid;
    this.pending.push(txn);
    return true;
  }

  /** A Java leader sends again what was committed while it began to write the snapshot. */
  private isInSnapshot(zxid: Zxid): boolean {
    return this.mode === "SNAP" && this.pending.length === 0 && zxid <= this.lastQueued;
  }

  private onCommit(zxid: Zxid, kind: Packet["kind"]): void {
    this.requireTraffic(kind);
    const next = this.pending[this.committed];
    if (next?.zxid === zxid) {
      this.committed++;
    } else if (next === undefined || zxid < next.zxid) {
      this.context.report({ kind: "ignored", what: `${kind} of ${zxid}, which is not pending` });
    } else {
      const text = `${kind} of ${zxid}, but ${next.zxid} is next`;
      throw new ProtocolViolation("commit-order", text, kind);
    }
  }

  /** The leader has said all: now it goes to disk, step by step. */
  private onNewLeader({ epoch, kind }: PacketOf<"NEWLEADER">): void {
    this.require(this.stage === "collecting", kind);
    if (epoch !== this.epoch) {
      const text = `NEWLEADER of epoch ${epoch} in epoch ${this.epoch}`;
      throw new ProtocolViolation("epoch", text, kind);
    }
    if (this.cutting !== undefined) this.stage = "truncating";
    else this.installSnapshotIfAny();
  }

  /** The log ends where the leader wanted, or before. */
  onTruncated({ lastZxid }: RecoveredHistory): void {
    const wanted = this.cutting;
    if (wanted === undefined) return;
    this.cutting = undefined;
    this.context.report({ kind: "logCut", zxid: lastZxid });
    if (lastZxid !== wanted) {
      // What is left is a part of the leader's history or not: with the true end of our log it decides again.
      this.context.leave(`the log does not hold ${wanted}, after which it was to be cut`);
    } else if (this.stage === "truncating") {
      this.installSnapshotIfAny();
    }
  }

  onCannotTruncate(text: string): void {
    this.snapshotAsked = true;
    this.context.leave(text);
  }

  private installSnapshotIfAny(): void {
    if (this.mode === "SNAP") {
      this.stage = "installingSnapshot";
      this.context.storage.installSnapshot();
    } else {
      this.logCommitted();
    }
  }

  onSnapshotInstalled(): void {
    if (this.stage === "installingSnapshot") this.logCommitted();
  }

  /** Logs and applies what is committed, before the epoch says that it is there. */
  private logCommitted(): void {
    const { history, storage } = this.context;
    this.stage = "loggingTxns";
    for (const txn of this.pending.splice(0, this.committed)) {
      storage.append(txn);
      history.apply(txn);
    }
    this.committed = 0;
    this.storeEpochIfDurable();
  }

  onDurable(): void {
    if (this.stage === "loggingTxns") this.storeEpochIfDurable();
  }

  private storeEpochIfDurable(): void {
    const { storage } = this.context;
    if (storage.lastDurableZxid !== storage.lastAppendedZxid) return;
    this.stage = "storingEpoch";
    if (storage.currentEpoch === this.epoch) this.ackNewLeader();
    else storage.writeCurrentEpoch(this.epoch);
  }

  /** History and epoch are on disk: this server may be counted on. */
  onCurrentEpochDurable(epoch: Epoch): void {
    if (this.stage === "storingEpoch" && epoch === this.epoch) this.ackNewLeader();
  }

  private ackNewLeader(): void {
    this.stage = "awaitingUpToDate";
    this.context.send(this.connection, { kind: "ACK", zxid: epochStart(this.epoch) });
  }

  /** Before NEWLEADER is answered, Java's leader does not expect anything else. */
  private onPing({ zxid }: PacketOf<"PING">): void {
    if (!this.isAcked) return;
    this.context.send(this.connection, { kind: "PINGANSWER", zxid, touched: [] });
  }

  private requireTraffic(kind: Packet["kind"]): void {
    this.require(this.stage !== "awaitingPlan" && this.stage !== "receivingSnapshot", kind);
  }

  private require(allowed: boolean, kind: Packet["kind"]): void {
    if (!allowed) throw this.unexpected(kind);
  }

  private unexpected(kind: Packet["kind"]): ProtocolViolation {
    return new ProtocolViolation("unexpected-packet", `${kind} while ${this.stage}`, kind);
  }
}
