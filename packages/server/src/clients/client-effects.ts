/** What a server's client side asks of the world, to be carried out in order. */
import type { UntimedEvent } from "@jute-ts/quorum";
import type { ClientConnectionId } from "./client-events.js";

export type ClientEffect =
  /** Send on a connection. The bytes are the driver's. */
  | {
      readonly kind: "send";
      readonly connection: ClientConnectionId;
      readonly bytes: Uint8Array;
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
