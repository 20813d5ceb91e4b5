/** What a server's client side asks of the world, to be carried out in order. */
import type { UntimedEvent } from "@jute-ts/quorum";
import type { ClientConnectionId } from "./client-events.js";
import type { AnswerMemory } from "./reply-writer.js";

export type ClientEffect =
  /**
   * Send on a connection. The bytes are the driver's, and never change unless it gives `memory`, in
   * which they lie, back to the client side, which then writes other answers there. That memory may
   * be much longer than they are: what must wait for a client is better copied.
   */
  | {
      readonly kind: "send";
      readonly connection: ClientConnectionId;
      readonly bytes: Uint8Array;
      readonly memory: AnswerMemory;
    }
  /** Close the connection once what was sent has left. Nothing more is heard of it. */
  | {
      readonly kind: "close";
      readonly connection: ClientConnectionId;
      readonly reason: ClientCloseReason;
    }
  /** Read no more from the connection until told to go on. What is on its way may still be handed over. */
  | { readonly kind: "stopReading"; readonly connection: ClientConnectionId }
  | { readonly kind: "resumeReading"; readonly connection: ClientConnectionId };

/** Why a server ends a client's connection. */
export type ClientCloseReason =
  /** It serves no clients: it has no leader, has lost it, or leads and leaves clients to others. */
  | "not serving"
  /** It serves readers only, and the client wants more, or brings a session of the ensemble. */
  | "read-only"
  /** The client has seen a later txn than this server. */
  | "client ahead"
  /** More clients connect than `connectionThrottle` allows. */
  | "connection throttle"
  /** Large requests would take more memory than `largeRequests` allows. */
  | "large requests"
  /** More waits for a client that does not read than `maxCongestedBytes`. */
  | "client does not read"
  /** It watches more than a server can bear. */
  | "too many watches"
  /** No session came in time. */
  | "no session"
  /** Nothing came of it for as long as its session lasts. */
  | "silence"
  /** Its session is over, or was never there. */
  | "session over"
  /** Its client has ended the session. */
  | "session closed"
  /** Its session is served on another connection, here or at another server. */
  | "session moved"
  /** Nobody knows what becomes of what it has asked for. */
  | "outcome unknown"
  /** It has asked for what no client may, or did not prove who it is where it has to. */
  | "request refused"
  /** What came is no message. */
  | "unreadable";

/** What the client side asks of its own server's quorum peer: events for `QuorumPeer.step`. */
export type QuorumRequest = Extract<
  UntimedEvent,
  { kind: "submit" | "sync" | "touch" | "revalidate" }
>;
