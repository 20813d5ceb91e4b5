/**
 * The epoch handshake, learner's half: connect, say who we are, hear the epoch,
 * store it, and only then say so.
 */
import type { ConnectionId } from "../effects.js";
import { PROTOCOL_VERSION } from "../wire/codec.js";
import type { PacketOf } from "../wire/packet.js";
import type { PeerContext } from "../peer-context.js";
import { ProtocolViolation } from "../protocol-violation.js";
import { type Epoch, epochOf, NO_DATABASE, type Sid } from "@jute-ts/zookeeper";

/** How much the learner's own history is worth. */
export type LearnerKnowledge =
  /** Everything that it ever promised is in it. */
  | "complete"
  /** It cannot be made a part of the leader's: only a snapshot helps (see `LearnerSynchronization`). */
  | "unfit"
  /** There is none, and nobody knows what was promised before. Such a learner must never be counted. */
  | "lost";

export class LearnerDiscovery {
  private readonly context: PeerContext;
  private readonly leader: Sid;
  private readonly observes: boolean;
  private readonly knowledge: LearnerKnowledge;
  private readonly giveUpMs: number;
  private attempts = 0;
  private attempt: number | undefined;
  private retryMs: number | undefined;
  private connection: ConnectionId | undefined;
  private stage: "connecting" | "awaitingLeaderInfo" | "storing" | "accepted" = "connecting";
  private leadersEpoch: Epoch | undefined;

  constructor(context: PeerContext, leader: Sid, observes: boolean, knowledge: LearnerKnowledge) {
    this.context = context;
    this.leader = leader;
    this.observes = observes;
    this.knowledge = knowledge;
    this.giveUpMs = context.nowMs + context.options.reachLeaderTimeoutMs;
  }

  /** The epoch that was accepted and said to be, if it was. */
  get epoch(): Epoch | undefined {
    return this.stage === "accepted" ? this.leadersEpoch : undefined;
  }

  get nextDeadline(): number | undefined {
    if (this.stage !== "connecting") return undefined;
    return this.retryMs ?? this.giveUpMs;
  }

  /** Asks for a connection. `attempt` numbers are unique in a peer's life. */
  connect(attempt: number): void {
    this.retryMs = undefined;
    this.attempt = attempt;
    this.attempts++;
    this.context.emit({ kind: "connect", attempt, to: this.leader });
  }

  /** Whether it is time to try again. */
  onDeadline(nextAttempt: () => number): void {
    if (this.stage !== "connecting") return;
    const { nowMs } = this.context;
    if (nowMs >= this.giveUpMs) {
      this.context.leave("the leader cannot be reached");
    } else if (this.retryMs !== undefined && nowMs >= this.retryMs) {
      this.connect(nextAttempt());
    }
  }

  onConnectFailed(attempt: number, text: string): void {
    if (attempt !== this.attempt || this.stage !== "connecting") return;
    this.attempt = undefined;
    if (this.attempts >= MAX_ATTEMPTS) {
      this.context.leave(`the leader cannot be reached: ${text}`);
    } else {
      this.retryMs = this.context.nowMs + RETRY_MS;
    }
  }

  /** Whether this is the connection that was asked for. Says who we are on it. */
  onConnected(attempt: number, connection: ConnectionId): boolean {
    if (attempt !== this.attempt || this.stage !== "connecting") return false;
    const { options, storage } = this.context;
    this.attempt = undefined;
    this.connection = connection;
    this.stage = "awaitingLeaderInfo";
    this.context.send(connection, {
      kind: this.observes ? "OBSERVERINFO" : "FOLLOWERINFO",
      acceptedEpoch: storage.acceptedEpoch,
      identity: {
        sid: options.sid,
        protocolVersion: PROTOCOL_VERSION,
        configVersion: options.ensemble.version,
      },
    });
    return true;
  }

  /** The leader says which epoch it wants to lead. */
  onLeaderInfo({ epoch, isCounted, kind }: PacketOf<"LEADERINFO">): void {
    if (this.stage !== "awaitingLeaderInfo") {
      throw new ProtocolViolation("unexpected-packet", "a second LEADERINFO", kind);
    }
    const { storage } = this.context;
    if (epoch < storage.acceptedEpoch && isCounted === false && this.mayFollowUncounted(epoch)) {
      this.leadersEpoch = epoch;
      const { acceptedEpoch } = storage;
      this.context.report({ kind: "notCounted", leader: this.leader, epoch, acceptedEpoch });
      this.accept(undefined);
      return;
    }
    if (epoch < storage.acceptedEpoch) {
      const text = `epoch ${epoch} is older than the accepted ${storage.acceptedEpoch}`;
      throw new ProtocolViolation("epoch", text, kind);
    }
    if (epoch > storage.acceptedEpoch + MAX_EPOCH_JUMP) {
      const text = `epoch ${epoch} is too far ahead of the accepted ${storage.acceptedEpoch}`;
      throw new ProtocolViolation("epoch", text, kind);
    }
    this.leadersEpoch = epoch;
    if (epoch === storage.acceptedEpoch) {
      // Promised before, perhaps to another leader: we are here, but must not be counted.
      this.accept(undefined);
    } else {
      this.stage = "storing";
      storage.writeAcceptedEpoch(epoch);
    }
  }

  /**
   * Our promise of a later epoch was: to help nothing of an earlier one to its
   * quorum. A leader that does not count us may be followed all the same, as by an
   * observer, unless we stand for something of a later epoch: then it is the one
   * that is out of date, and would cut what others may rest on.
   */
  private mayFollowUncounted(epoch: Epoch): boolean {
    const { storage, history } = this.context;
    return storage.currentEpoch <= epoch && epochOf(history.lastZxid) <= epoch;
  }

  /** The epoch is on disk: now it may be promised. */
  onAcceptedEpochDurable(epoch: Epoch): void {
    if (this.stage !== "storing" || epoch !== this.leadersEpoch) return;
    this.context.report({ kind: "epochAccepted", epoch });
    this.accept(this.knowledge === "lost" ? undefined : this.context.storage.currentEpoch);
  }

  private accept(currentEpoch: Epoch | undefined): void {
    if (this.connection === undefined) return;
    this.stage = "accepted";
    // Only someone who is not counted may say less than it has.
    const asksForAll = this.knowledge !== "complete" && currentEpoch === undefined;
    // Less than any leader has, one without a txn included: only a snapshot leads from here to there.
    const lastZxid = asksForAll ? NO_DATABASE : this.context.history.lastZxid;
    this.context.send(this.connection, { kind: "ACKEPOCH", lastZxid, currentEpoch });
  }
}

const MAX_ATTEMPTS = 5;
const RETRY_MS = 100;
/** How far a leader's epoch may be ahead of the last that we have accepted. */
const MAX_EPOCH_JUMP = 2 ** 20;
