/** What a server's client side learns from the world. It has no clock of its own: the time is told with each event. */

/** A client's connection. Numbered from 1 by whoever accepts it, never used twice. */
export type ClientConnectionId = number;

export type ClientEvent =
  /** A client's connection was accepted. */
  | {
      readonly kind: "opened";
      readonly connection: ClientConnectionId;
      /** The client's address as ACLs of the scheme ip name it, without port or zone. */
      readonly address: string;
      /** The client's own port. */
      readonly port: number;
      /** Whether it came inside TLS. False. */
      readonly isSecure?: boolean | undefined;
      /** The subject of a certificate that the transport has verified, as RFC 2253 writes it. */
      readonly certificateSubject?: string | undefined;
    }
  /** Bytes arrived, cut anywhere. Handed over: they must not change from now on. */
  | {
      readonly kind: "received";
      readonly connection: ClientConnectionId;
      readonly bytes: Uint8Array;
    }
  /** What was sent could not leave at once. Said at most once before `drained`. */
  | { readonly kind: "congested"; readonly connection: ClientConnectionId }
  /** All that was sent has left. Said after `congested` only. */
  | { readonly kind: "drained"; readonly connection: ClientConnectionId }
  /** The connection is gone; it was not closed by us. */
  | { readonly kind: "disconnected"; readonly connection: ClientConnectionId }
  /** A time that `nextDeadline` named has come. Harmless when nothing is due. */
  | { readonly kind: "deadline" };
