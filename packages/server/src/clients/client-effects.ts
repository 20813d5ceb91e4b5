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
  | { readonly kind: "close"; readonly connection: ClientConnectionId }
  /** Read no more from the connection until told to go on. What is on its way may still be handed over. */
  | { readonly kind: "stopReading"; readonly connection: ClientConnectionId }
  | { readonly kind: "resumeReading"; readonly connection: ClientConnectionId };

/** What the client side asks of its own server's quorum peer: events for `QuorumPeer.step`. */
export type QuorumRequest = Extract<
  UntimedEvent,
  { kind: "submit" | "sync" | "touch" | "revalidate" }
>;
