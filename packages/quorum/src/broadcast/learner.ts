/**
 * Broadcast, learner's half: logs proposals and acknowledges them once they are
 * on disk, applies them in the order of their commits, forwards what this
 * server's clients ask for, and tells the leader which clients it hears from.
 */
import type { Answer, ConnectionId, RequestId } from "../effects.js";
import type { Packet, PacketOf, SessionTouch } from "../wire/packet.js";
import type { PeerContext } from "../peer-context.js";
import { ProtocolViolation } from "../protocol-violation.js";
import type { ChangeRequest, LoggedTxn } from "../replicated-state.js";
import type { ReceivedTxns } from "../synchronization/learner.js";
import { epochOf, epochStart, type Epoch, follows, type Zxid } from "@jute-ts/zookeeper";
import { WaitingRequests } from "./waiting-requests.js";

export class LearnerBroadcast {
  private readonly context: PeerContext;
  private readonly connection: ConnectionId;
  private readonly observes: boolean;
  /** Proposed, logged or about to be, and not committed. */
  private readonly pending: LoggedTxn[] = [];
  /** Handed to the log, and not yet acknowledged. */
  private readonly unacked: Zxid[] = [];
  private lastQueued: Zxid = 0n;
  private epoch: Epoch = 0;
  private readonly requests = new WaitingRequests();
  private readonly syncs: RequestId[] = [];
  private readonly revalidations: { readonly request: RequestId; readonly sessionId: bigint }[] =
    [];
  private touched = new Map<bigint, SessionTouch>();

  constructor(context: PeerContext, connection: ConnectionId, observes: boolean) {
    this.context = context;
    this.connection = connection;
    this.observes = observes;
  }

  get outstandingCount(): number {
    return this.pending.length;
  }

  /** UPTODATE has come: what was received meanwhile is logged now, and applied as far as it is committed. */
  begin(epoch: Epoch, received: ReceivedTxns): void {
    const { history } = this.context;
    history.commitUpTo(history.lastZxid);
    this.context.send(this.connection, { kind: "ACK", zxid: epochStart(epoch) });
    this.epoch = epoch;
    this.lastQueued = received.lastZxid;
    for (const txn of received.txns) this.log(txn);
    for (let left = received.committed; left > 0; left--) this.commitNext();
  }

  /** The role ends. Txns that are logged and not applied belong to this server's history all the same. */
  end(): readonly LoggedTxn[] {
    const text = "the leader is lost";
    const waiting = [
      ...this.requests.takeAll(),
      ...this.syncs.splice(0),
      ...this.revalidations.splice(0).map(({ request }) => request),
    ];
    for (const request of waiting) this.answer(request, { kind: "unknown", text });
    return this.pending.splice(0);
  }

  onPacket(packet: Packet): void {
    switch (packet.kind) {
      case "PROPOSAL":
        this.onProposal(packet.txn, packet.kind);
        return;
      case "COMMIT":
      case "COMMITANDACTIVATE":
        this.onCommit(packet.zxid, packet.kind);
        return;
      case "INFORM":
      case "INFORMANDACTIVATE":
        this.onProposal(packet.txn, packet.kind);
        this.onCommit(packet.txn.zxid, packet.kind);
        return;
      case "PING":
        this.onPing(packet);
        return;
      case "SYNC":
        this.onSync();
        return;
      case "REVALIDATED":
        this.onRevalidated(packet);
        return;
      default:
        throw new ProtocolViolation(
          "unexpected-packet",
          `${packet.kind} after UPTODATE`,
          packet.kind,
        );
    }
  }

  private onProposal(txn: LoggedTxn, kind: Packet["kind"]): void {
    if (!follows(this.lastQueued, txn.zxid) || epochOf(txn.zxid) !== this.epoch) {
      const text = `txn ${txn.zxid} does not follow ${this.lastQueued} in epoch ${this.epoch}`;
      throw new ProtocolViolation("zxid-order", text, kind);
    }
    this.lastQueued = txn.zxid;
    this.log(txn);
  }

  private log(txn: LoggedTxn): void {
    this.pending.push(txn);
    if (!this.observes) this.unacked.push(txn.zxid);
    this.context.storage.append(txn);
  }

  /** Everything up to here is on disk: each proposal is acknowledged, in order. */
  onDurable(zxid: Zxid): void {
    const count = this.unacked.findIndex((waiting) => waiting > zxid);
    const durable = this.unacked.splice(0, count === -1 ? this.unacked.length : count);
    for (const acked of durable) this.context.send(this.connection, { kind: "ACK", zxid: acked });
  }

  private onCommit(zxid: Zxid, kind: Packet["kind"]): void {
    const next = this.pending[0];
    if (next?.zxid === zxid) {
      this.commitNext();
    } else {
      const text =
        next === undefined
          ? `${kind} of ${zxid}, which was not proposed`
          : `${kind} of ${zxid}, but ${next.zxid} is next`;
      throw new ProtocolViolation("commit-order", text, kind);
    }
  }

  private commitNext(): void {
    const txn = this.pending.shift();
    if (txn === undefined) return;
    const { history, storage } = this.context;
    history.commitUpTo(txn.zxid);
    const result = history.apply(txn);
    storage.onApplied();
    const request = this.requests.take(txn.header);
    if (request !== undefined) this.answer(request, { kind: "applied", txn, result });
  }

  // What this server's clients want.

  onSubmit(request: RequestId, change: ChangeRequest): void {
    this.requests.add(change.sessionId, change.cxid, request);
    this.context.send(this.connection, { kind: "REQUEST", change });
  }

  get waitingCount(): number {
    return this.requests.count + this.syncs.length + this.revalidations.length;
  }

  onSubmitSync(request: RequestId, sessionId: bigint, cxid: number): void {
    this.syncs.push(request);
    this.context.send(this.connection, { kind: "SYNCREQUEST", sessionId, cxid });
  }

  /** Answers come in the order of the requests, and after the commits that they wait for. */
  private onSync(): void {
    const request = this.syncs.shift();
    if (request === undefined) {
      this.context.report({ kind: "ignored", what: "a SYNC that nobody waits for" });
    } else {
      this.answer(request, { kind: "synced" });
    }
  }

  onSubmitRevalidate(request: RequestId, sessionId: bigint, timeoutMs: number): void {
    this.revalidations.push({ request, sessionId });
    this.context.send(this.connection, { kind: "REVALIDATE", sessionId, timeoutMs });
  }

  private onRevalidated({ sessionId, valid }: PacketOf<"REVALIDATED">): void {
    const index = this.revalidations.findIndex((waiting) => waiting.sessionId === sessionId);
    const [found] = index === -1 ? [] : this.revalidations.splice(index, 1);
    if (found === undefined) {
      this.context.report({ kind: "ignored", what: "a REVALIDATE that nobody waits for" });
    } else {
      this.answer(found.request, { kind: "revalidated", valid });
    }
  }

  onTouch(sessionId: bigint, timeoutMs?: number): void {
    const stored = this.context.history.state.sessions.get(sessionId);
    // Only sessions that exist: the table must not grow with whatever clients claim.
    if (stored === undefined) return;
    this.touched.set(sessionId, { sessionId, timeoutMs: timeoutMs ?? stored });
  }

  /** The leader learns which clients were heard from since the last ping. */
  private onPing({ zxid }: PacketOf<"PING">): void {
    const touched = [...this.touched.values()];
    this.touched = new Map();
    this.context.send(this.connection, { kind: "PINGANSWER", zxid, touched });
  }

  private answer(request: RequestId, answer: Answer): void {
    this.context.emit({ kind: "answer", request, answer });
  }
}
