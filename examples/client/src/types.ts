/** What a user of the client sees of it: addresses, events, and how a request fails. */
import {
  describeErrorCode,
  type RequestOpCode,
  type ResponseOpCode,
  type WatcherEvent,
} from "@jute-ts/zookeeper";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What can be asked of a server, and is answered. */
export type Operation = RequestOpCode & ResponseOpCode;

export interface ClientEvents {
  /** The session is served: it has begun, or goes on at another server. */
  connected: [sessionId: bigint];
  /** A connection was lost, or could not be made. The session may go on at the next server. */
  disconnected: [cause: Error | undefined];
  /** The session is over, with its ephemeral znodes. Make another client. */
  expired: [];
  /** A watch has fired, and is gone. */
  watch: [event: WatcherEvent];
}

/** A request that was refused, or whose answer never came. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  /** One of `ErrorCode`. */
  readonly code: number;
  /** The request was sent, and nobody knows whether it was carried out. */
  readonly mayHaveHappened: boolean;

  constructor(code: number, mayHaveHappened: boolean) {
    super(describeErrorCode(code));
    this.code = code;
    this.mayHaveHappened = mayHaveHappened;
  }
}
