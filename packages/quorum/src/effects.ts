/**
 * What a peer asks of the world. `QuorumPeer.step` returns a list of these; the
 * driver carries them out in order. An effect is a request, not a fact: what
 * came of it arrives as an event, or not at all.
 */
import type { ConnectionId } from "./connection-id.js";
import type { Notification } from "./wire/notification.js";
import type { FileLane, FileOperation, FileOperationId } from "./file-operations.js";
import type { OutgoingPacket } from "./wire/packet.js";
import type { ProtocolViolation } from "./protocol-violation.js";
import type { Report } from "./report.js";
import type { LoggedTxn, TxnResult } from "./replicated-state.js";
import type { Sid } from "@jute-ts/zookeeper";

export type { ConnectionId } from "./connection-id.js";

/** Names a client's request at the server that the client talks to. */
export type RequestId = number;

export type Effect =
  /** Election: hand this to the peer's election link. A newer one may replace one that still waits. */
  | { readonly kind: "notify"; readonly to: Sid; readonly notification: Notification }
  /** Election: have links to all these peers, as far as they can be reached. */
  | { readonly kind: "connectElection"; readonly to: readonly Sid[] }
  /** Leading: accept learners' connections. `cannotListen` tells when that is impossible. */
  | { readonly kind: "listen" }
  /** Stop accepting. Connections that exist are closed one by one. */
  | { readonly kind: "stopListening" }
  /** Learning: open a connection to the leader. Answered by `connected` or `connectFailed` with the same attempt. */
  | { readonly kind: "connect"; readonly attempt: number; readonly to: Sid }
  /** Send on a quorum connection. Packets of a connection leave in order. The packet is shared, never changed. */
  | { readonly kind: "send"; readonly connection: ConnectionId; readonly packet: OutgoingPacket }
  /** Close a connection. Nothing more is heard of it. */
  | {
      readonly kind: "closeConnection";
      readonly connection: ConnectionId;
      readonly reason: CloseReason;
    }
  /** Carry out a file operation. Answered by `fileDone`. */
  | {
      readonly kind: "file";
      readonly id: FileOperationId;
      readonly lane: FileLane;
      readonly operation: FileOperation;
    }
  /** Answer a client's request. */
  | { readonly kind: "answer"; readonly request: RequestId; readonly answer: Answer }
  /**
   * A txn was applied here, in zxid order. Not committed: it is part of this server's
   * log while no leader has confirmed it, and may still be undone.
   */
  | {
      readonly kind: "applied";
      readonly txn: LoggedTxn;
      readonly result: TxnResult;
      readonly committed: boolean;
    }
  /** Something happened that a person, a log or a metric wants to know. */
  | { readonly kind: "report"; readonly report: Report }
  /** The peer has stopped for good: no event will have an effect. */
  | { readonly kind: "stopped"; readonly reason: StopReason };

export type CloseReason =
  | { readonly kind: "violation"; readonly violation: ProtocolViolation }
  /** Why we end a conversation that was legal: a role that ends, a timeout, a refusal. */
  | { readonly kind: "ended"; readonly text: string };

export type Answer =
  /** The txn that the request became was committed and applied here. `result.err` tells whether it succeeded. */
  | { readonly kind: "applied"; readonly txn: LoggedTxn; readonly result: TxnResult }
  /** Everything that was committed when the leader saw the sync is applied here. */
  | { readonly kind: "synced" }
  /** Whether the session exists, for `revalidate`. */
  | { readonly kind: "revalidated"; readonly valid: boolean }
  /** Not serving: nothing was done, and nothing will be. */
  | { readonly kind: "refused"; readonly text: string }
  /** The leader is lost. Whether the request is ever committed is not known. */
  | { readonly kind: "unknown"; readonly text: string };

export type StopReason =
  /** Asked to. */
  | { readonly kind: "asked" }
  /** The disk failed; what is in memory can no longer be trusted to be there. */
  | { readonly kind: "disk"; readonly text: string }
  /** What is on the disk must not be started from. */
  | { readonly kind: "refusedToStart"; readonly text: string }
  /** The epochs are used up, or another state that no step leads out of. */
  | { readonly kind: "unrecoverable"; readonly text: string };
