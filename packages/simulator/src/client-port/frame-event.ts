/** What a client of the client port does, and learns, as histories and checkers see it. */
import type { RequestMessage, ResponseMessage, ResponseOpCode } from "@jute-ts/zookeeper";
import type { ChangeRequest } from "@jute-ts/quorum";
import type { OperationId } from "../clients/client.js";

/** Who a server knows a client to be. */
export type AuthInfo = ChangeRequest["authInfo"];

/** A request as its client sent it. */
export interface FrameRequest {
  readonly xid: number;
  readonly message: RequestMessage;
  /** Who the client is when the server takes it: its address, and who it has claimed to be before. */
  readonly ids: AuthInfo;
  /** The operation that it is, for what may become a txn. */
  readonly operation: OperationId | undefined;
  /** What servers make of it by themselves, whatever the tree is: an error code. Undefined for all that makes sense. */
  readonly objection: number | undefined;
  /** What must come of it, where it is there to prove who the client is. */
  readonly proof?: Proof | undefined;
  /** Whether its server must refuse it because the client has not proven who it is. False. */
  readonly isRefused?: boolean | undefined;
}

/** What must come of a request by which a client proves who it is, or tries to. */
export interface Proof {
  /** As coverage counts it. */
  readonly name: string;
  /** The error; undefined where the connection is closed instead of an answer. */
  readonly err: number | undefined;
  /** Who the client is known to be from then on, besides. */
  readonly ids: AuthInfo;
  /** Whether the server closes the connection after its answer. */
  readonly ends: boolean;
  /** What the answer brings: a new challenge, this text, or nothing. Undefined where it has no place for it. */
  readonly token?: { readonly kind: "challenge" | "nothing" } | SaidToken | undefined;
}

interface SaidToken {
  readonly kind: "text";
  readonly text: string;
}

export type FrameEvent =
  /** The first message of a connection was sent. `sessionId` 0: for a new session. `isThief`: with a password that is wrong. */
  | {
      readonly kind: "connecting";
      readonly sessionId: bigint;
      readonly timeoutMs: number;
      readonly isThief: boolean;
      /** Whether it has said that reading is enough for it. False. */
      readonly readOnly?: boolean;
      /** The last txn that it says it has seen. 0. */
      readonly lastZxid?: bigint;
      /** Whether it comes from before 3.4, and knows of no readers. False. */
      readonly isOld?: boolean;
    }
  /** The server has answered it: there is a session. */
  | {
      readonly kind: "connected";
      readonly sessionId: bigint;
      readonly timeoutMs: number;
      /** Whether the server has said that it only serves readers. False. */
      readonly readOnly?: boolean;
      /** The whole answer. */
      readonly bytes?: Uint8Array;
    }
  /** The server has answered it, with these bytes: the session is over. */
  | { readonly kind: "expired"; readonly sessionId: bigint; readonly bytes?: Uint8Array }
  | { readonly kind: "asked"; readonly request: FrameRequest }
  | {
      readonly kind: "answered";
      /** The oldest request that was not answered; undefined if there was none. */
      readonly request: FrameRequest | undefined;
      readonly xid: number;
      readonly zxid: bigint;
      readonly err: number;
      /** Of an answer to sasl: the token that it brings, or null, whether it is a failure or not. */
      readonly token?: Uint8Array | null | undefined;
      /** As decoded for the request; undefined where the header is all, or bytes are left that make no sense. */
      readonly response: ResponseMessage<ResponseOpCode> | undefined;
    }
  | { readonly kind: "event"; readonly zxid: bigint; readonly type: number; readonly path: string }
  /** Bytes were sent that no server may carry out, or take for a message. */
  | { readonly kind: "misused" }
  /** `byClient`: the client has ended it, and looks at nothing more of it. `silence`: how it was silent, of clients that are. */
  | { readonly kind: "closed"; readonly byClient: boolean; readonly silence?: Silence | undefined };

/** How a client of the client port falls silent, though its connection stays. */
export type Silence =
  /** From the beginning. */
  | "nothing"
  /** In the middle of its first message. */
  | "half a message"
  /** As soon as it has a session. */
  | "session"
  /** As soon as it has a session, which goes on at another server. */
  | "session elsewhere";

/** One thing that happened on a client's connection, which has a number of its own. */
export interface FrameHappening {
  readonly client: string;
  readonly connection: number;
  readonly sessionId: bigint;
  /** Whether its server only serves readers, and shows what it has, committed or not. False. */
  readonly isReader?: boolean;
  readonly event: FrameEvent;
}
