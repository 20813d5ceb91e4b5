/**
 * The packets between a leader and its learners, as values: one variant a type,
 * with what its data holds. PROTOCOL.md lists who sends which, when, and which
 * file handles it.
 */
import type { ChangeRequest, LoggedTxn } from "../replicated-state.js";
import type { Epoch, Sid, Zxid } from "@jute-ts/zookeeper";

/** Who a learner says it is, in its first packet. */
export interface LearnerIdentity {
  /** Undefined: an old observer that has no id. */
  readonly sid: Sid | undefined;
  /** 0x10000 for all servers since 3.4. */
  readonly protocolVersion: number;
  /** The version of the last configuration that it has seen. */
  readonly configVersion: bigint;
}

/** A session and its timeout. */
export interface SessionTouch {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
}

export type Packet =
  /** Learner to leader: a client's request. */
  | { readonly kind: "REQUEST"; readonly change: ChangeRequest }
  /** Learner to leader: a client's sync, which is a REQUEST that becomes no txn. */
  | { readonly kind: "SYNCREQUEST"; readonly sessionId: bigint; readonly cxid: number }
  /** Leader to follower: log this txn. */
  | { readonly kind: "PROPOSAL"; readonly txn: LoggedTxn }
  /** Follower to leader: everything up to here is on disk. */
  | { readonly kind: "ACK"; readonly zxid: Zxid }
  /** Leader to follower: the next proposal is committed. */
  | { readonly kind: "COMMIT"; readonly zxid: Zxid }
  /** Leader to learner: are you there? */
  | { readonly kind: "PING"; readonly zxid: Zxid }
  /** Learner to leader: yes, and these sessions were heard from. */
  | { readonly kind: "PINGANSWER"; readonly zxid: Zxid; readonly touched: readonly SessionTouch[] }
  /** Learner to leader: does this session exist? */
  | { readonly kind: "REVALIDATE"; readonly sessionId: bigint; readonly timeoutMs: number }
  /** Leader to learner: the answer. */
  | { readonly kind: "REVALIDATED"; readonly sessionId: bigint; readonly valid: boolean }
  /** Leader to learner: the oldest SYNCREQUEST of yours is done. */
  | { readonly kind: "SYNC" }
  /** Leader to observer: this txn is committed. */
  | { readonly kind: "INFORM"; readonly txn: LoggedTxn }
  /** Leader to follower: COMMIT of a reconfiguration. */
  | {
      readonly kind: "COMMITANDACTIVATE";
      readonly zxid: Zxid;
      readonly designatedLeader: Sid;
    }
  /** Leader to observer: INFORM of a reconfiguration. */
  | { readonly kind: "INFORMANDACTIVATE"; readonly txn: LoggedTxn; readonly designatedLeader: Sid }
  /** Leader to learner: this is my whole history; `configuration` is a text (or empty). */
  | { readonly kind: "NEWLEADER"; readonly epoch: Epoch; readonly configuration: string }
  /** Learner to leader, first packet of one that may vote. */
  | {
      readonly kind: "FOLLOWERINFO";
      readonly acceptedEpoch: Epoch;
      readonly identity: LearnerIdentity;
    }
  /** Learner to leader, first packet of an observer. */
  | {
      readonly kind: "OBSERVERINFO";
      readonly acceptedEpoch: Epoch;
      readonly identity: LearnerIdentity;
    }
  /** Leader to learner: serve clients. */
  | { readonly kind: "UPTODATE" }
  /** Leader to learner: the txns that follow are all that you lack. */
  | { readonly kind: "DIFF"; readonly zxid: Zxid }
  /** Leader to learner: forget everything after this txn. */
  | { readonly kind: "TRUNC"; readonly zxid: Zxid }
  /** Leader to learner: my whole state follows, as raw bytes. */
  | { readonly kind: "SNAP"; readonly zxid: Zxid }
  /**
   * Leader to learner: the epoch that I want to lead. `isCounted` false: you have
   * accepted a later one, and may follow without being counted. True when undefined.
   */
  | { readonly kind: "LEADERINFO"; readonly epoch: Epoch; readonly isCounted?: boolean }
  /** Learner to leader: agreed. `currentEpoch` undefined: agreed before, do not count me. */
  | {
      readonly kind: "ACKEPOCH";
      readonly lastZxid: Zxid;
      readonly currentEpoch: Epoch | undefined;
    };

export type PacketKind = Packet["kind"];

/** What leaves on a quorum connection: packets and, after SNAP, the pieces of a snapshot. */
export type OutgoingPacket =
  | Packet
  /** A piece of the snapshot's stream. */
  | { readonly kind: "SNAPSHOTPIECE"; readonly bytes: Uint8Array }
  /** The signature that ends the stream. */
  | { readonly kind: "SNAPSHOTEND" };

/** A packet of one kind. */
export type PacketOf<K extends PacketKind> = Extract<Packet, { readonly kind: K }>;
