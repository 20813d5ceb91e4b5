/**
 * What a peer learns from the world. Every event carries the time at which it is
 * handled; a peer has no clock of its own.
 */
import type { ConnectionId, RequestId } from "./effects.js";
import type { FileOperationId, FileResult } from "./file-operations.js";
import type { ChangeRequest } from "./replicated-state.js";
import type { Sid } from "@jute-ts/zookeeper";

export interface Clock {
  /** Milliseconds from any fixed point; never goes back. Timeouts are measured by it. */
  readonly nowMs: number;
  /** Milliseconds since 1970; may jump. Only txns carry it. */
  readonly wallMs: number;
}

export type QuorumEvent = Clock &
  (
    | { readonly kind: "start" }
    /** A time that `nextDeadline` named has come. Harmless when nothing is due. */
    | { readonly kind: "deadline" }
    /** An election message, as it came: its bytes are checked here. Borrowed for the call. */
    | { readonly kind: "notified"; readonly from: Sid; readonly bytes: Uint8Array }
    /** The election link to a peer came up. */
    | { readonly kind: "electionLinkUp"; readonly to: Sid }
    /**
     * The quorum port cannot be opened: found out before the start, or when `listen`
     * asked for it. Whoever is elected now could not be followed.
     */
    | { readonly kind: "cannotListen"; readonly text: string }
    /** The quorum port can be opened again, or is open. */
    | { readonly kind: "canListen" }
    /** The connection that `connect` asked for is open. */
    | { readonly kind: "connected"; readonly attempt: number; readonly connection: ConnectionId }
    | { readonly kind: "connectFailed"; readonly attempt: number; readonly text: string }
    /** A learner's connection was accepted. `provenSids`: which servers it can be, where the transport has proof. */
    | {
        readonly kind: "accepted";
        readonly connection: ConnectionId;
        readonly provenSids?: readonly Sid[];
      }
    /** Bytes arrived on a quorum connection, cut anywhere. Borrowed for the call. */
    | { readonly kind: "received"; readonly connection: ConnectionId; readonly bytes: Uint8Array }
    /**
     * What was sent on an accepted connection has left: its buffer is empty again. To be said
     * when a piece of a snapshot has left, and of other packets before they come to
     * `maxQueuedBytes`: to say it of each would cost more than to send it. A learner holds
     * nothing back, so nobody needs to say it of connections that were opened.
     */
    | { readonly kind: "drained"; readonly connection: ConnectionId }
    /** The connection is gone; it was not closed by us. */
    | {
        readonly kind: "disconnected";
        readonly connection: ConnectionId;
        readonly text: string;
      }
    | { readonly kind: "fileDone"; readonly id: FileOperationId; readonly result: FileResult }
    /**
     * A client's request for a change. Answered exactly once. `isLocalSession`: its
     * session is one of this server's that no txn has told of.
     */
    | {
        readonly kind: "submit";
        readonly request: RequestId;
        readonly change: ChangeRequest;
        readonly isLocalSession?: boolean | undefined;
      }
    /** A client wants to read what is committed now. Answered exactly once. */
    | {
        readonly kind: "sync";
        readonly request: RequestId;
        readonly sessionId: bigint;
        readonly cxid: number;
      }
    /** A client was heard from. `timeoutMs`: what its session has by now, which a renewal may have changed; as it began if undefined. */
    | {
        readonly kind: "touch";
        readonly sessionId: bigint;
        readonly timeoutMs?: number | undefined;
      }
    /** A client came over from another server: does its session exist, and is it ours now? Answered exactly once. */
    | {
        readonly kind: "revalidate";
        readonly request: RequestId;
        readonly sessionId: bigint;
        readonly timeoutMs: number;
      }
    /** Stop: leave the role, close everything. */
    | { readonly kind: "stop" }
  );

/** An event without its time, which whoever hands it to the peer adds. Kinds differ in their fields, so each loses it on its own. */
export type UntimedEvent<E extends QuorumEvent = QuorumEvent> = E extends QuorumEvent
  ? Omit<E, keyof Clock>
  : never;
