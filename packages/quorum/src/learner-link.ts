/**
 * A leader's side of the conversation with one learner: who it is, how far the
 * conversation is, and what waits to be sent.
 */
import { AckWatch } from "./broadcast/ack-watch.js";
import type { ConnectionId } from "./effects.js";
import type { Packet } from "./wire/packet.js";
import { PacketStream } from "./wire/packet-stream.js";
import type { SnapshotSource } from "./replicated-state.js";
import type { Epoch, Sid, Zxid } from "@jute-ts/zookeeper";

export type LinkStage =
  /** Connected, and has not said who it is. */
  | "unknown"
  /** Waits for the epoch that a quorum must agree on. */
  | "awaitingEpoch"
  /** Was told the epoch. */
  | "awaitingAckEpoch"
  /** Accepted the epoch; waits until a quorum has. */
  | "awaitingHistory"
  /** Another connection is that server's, too: waits until it is known which of them lives. */
  | "awaitingTurn"
  /** Is sent the leader's state. Everything else for it is held back. */
  | "sendingSnapshot"
  /** Was sent the history and NEWLEADER. From here on it gets the live traffic. */
  | "awaitingNewLeaderAck"
  /** Has the history on disk; waits until a quorum has. */
  | "awaitingActivation"
  /** Was told to serve clients. */
  | "forwarding";

/** What a learner told of itself in FOLLOWERINFO or OBSERVERINFO. */
export interface LearnerDescription {
  readonly sid: Sid;
  readonly role: "follower" | "observer";
  /** Whether it counts in quorums: a voter that follows, and has promised no later epoch than ours. */
  readonly votes: boolean;
  readonly acceptedEpoch: Epoch;
}

export class LearnerLink {
  readonly connection: ConnectionId;
  readonly stream: PacketStream;
  /** Which servers can be at the other end, where the transport has proof. */
  readonly provenSids: readonly Sid[] | undefined;
  stage: LinkStage = "unknown";
  learner: LearnerDescription | undefined;
  /** The learner's last txn, from ACKEPOCH. */
  lastZxid: Zxid = 0n;
  /** When the last packet came. */
  heardMs: number;
  /** When it is lost, unless it is heard from. */
  deadlineMs: number;
  /** Whether it acknowledges proposals in time. */
  readonly ackWatch: AckWatch = new AckWatch();
  /** While its snapshot is being sent: where from, and what comes after it. */
  snapshot: SnapshotSource | undefined;
  afterSnapshot: Packet[] = [];
  /** Since NEWLEADER: whether live traffic waits until UPTODATE, and what waits. */
  waitsForUpToDate = false;
  afterUpToDate: Packet[] = [];
  /** Bytes handed to the connection, and held back, since it was last empty. */
  queuedBytes = 0;
  /** Packets that came, and those of them that were REQUEST. */
  packetsReceived = 0;
  requests = 0;

  constructor(
    connection: ConnectionId,
    provenSids: readonly Sid[] | undefined,
    maxPacketBytes: number,
    nowMs: number,
    deadlineMs: number,
  ) {
    this.connection = connection;
    this.provenSids = provenSids;
    this.stream = new PacketStream({ sender: "learner", maxPacketBytes });
    this.heardMs = nowMs;
    this.deadlineMs = deadlineMs;
  }

  get sid(): Sid | undefined {
    return this.learner?.sid;
  }

  /** Whether live traffic goes to it, even while it is held back. */
  get isRegistered(): boolean {
    return (
      this.stage === "sendingSnapshot" ||
      this.stage === "awaitingNewLeaderAck" ||
      this.stage === "awaitingActivation" ||
      this.stage === "forwarding"
    );
  }

  /** Whether it has the leader's history on disk. */
  get isSynced(): boolean {
    return this.stage === "awaitingActivation" || this.stage === "forwarding";
  }
}
