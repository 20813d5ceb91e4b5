/** What a peer is doing, for whoever watches it. A copy: it does not change afterwards. */
import type { ConnectionId } from "./connection-id.js";
import type { Epoch, Sid, Zxid } from "@jute-ts/zookeeper";

export type Role =
  "recovering" | "ending" | "looking" | "leading" | "following" | "observing" | "stopped";

export type Phase = "discovery" | "synchronization" | "broadcast";

export interface PeerStatus {
  readonly sid: Sid;
  readonly role: Role;
  /** Undefined outside of a leader's or learner's role. */
  readonly phase: Phase | undefined;
  /** Whether clients may be served: a leader with an established epoch, a learner after UPTODATE. */
  readonly serving: boolean;
  readonly leader: Sid | undefined;
  /** Both as the disk has them. */
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  /** The epoch of the role; undefined until it is agreed. */
  readonly epoch: Epoch | undefined;
  /** The last txn handed to the log, and the last that is durable there. */
  readonly lastLoggedZxid: Zxid;
  readonly lastDurableZxid: Zxid;
  /** The last txn that the state holds. */
  readonly lastProcessedZxid: Zxid;
  /** The last txn known to be committed. */
  readonly lastCommittedZxid: Zxid;
  /** Proposals that are not committed yet. */
  readonly outstanding: number;
  /** Leading: proposals for whose commit a sync waits. */
  readonly pendingSyncs: number;
  /** Leading: the learners, with how far they are. */
  readonly learners: readonly LearnerStatus[];
}

export interface LearnerStatus {
  readonly sid: Sid | undefined;
  readonly role: "follower" | "observer";
  /** Whether it counts in quorums: not an observer, nor one that has promised a later epoch. */
  readonly votes: boolean;
  readonly stage: string;
  readonly lastAckedZxid: Zxid;
}

/** A learner and its connection, as their leader sees them. */
export interface LearnerConnection extends LearnerStatus {
  readonly connection: ConnectionId;
  /** Packets that came from it, and those of them that were requests for changes. */
  readonly packetsReceived: number;
  readonly requests: number;
  /** Bytes that wait to be sent to it. */
  readonly queuedBytes: number;
}
