/**
 * What a client has asked for and was not answered yet. A connection is answered
 * strictly in the order of its requests, so a request that must wait (a write for its
 * commit, a sync for the leader) holds back those after it.
 */
import type { LoggedTxn, TxnResult } from "@jute-ts/quorum";
import { OpCode } from "@jute-ts/zookeeper";
import type { AuthId } from "./auth-id.js";
import type { LocalMessage } from "./local-requests.js";

export type PendingRequest =
  /** Answered here, when everything before it is answered. */
  | {
      readonly kind: "local";
      readonly xid: number;
      readonly type: number;
      readonly takenMs: number;
      readonly message: LocalMessage;
      readonly ids: readonly AuthId[];
    }
  /** Submitted; answered by the txn that it becomes. */
  | {
      readonly kind: "write";
      readonly xid: number;
      readonly type: number;
      readonly takenMs: number;
      outcome: { readonly txn: LoggedTxn; readonly result: TxnResult } | undefined;
    }
  /** Submitted; answered when the leader has answered. */
  | {
      readonly kind: "sync";
      readonly xid: number;
      readonly type: number;
      readonly takenMs: number;
      readonly path: string | null;
      isSynced: boolean;
    }
  /** Answered by what was decided when it came. */
  | {
      readonly kind: "decided";
      readonly xid: number;
      readonly type: number;
      readonly takenMs: number;
      readonly decision: Decision;
    };

/** Whether no client has sent it: a session that becomes one of the ensemble is opened by its server. */
export function isOwn({ kind, type }: PendingRequest): boolean {
  return kind === "write" && type === OpCode.createSession;
}

/** An answer that needs no tree. */
export interface Decision {
  /** 0, or an error code. */
  readonly err: number;
  /** What the header says; undefined: the last zxid of this server. */
  readonly zxid?: bigint | undefined;
  /** The body, encoded. */
  readonly body?: Uint8Array | undefined;
  /** Whether the connection is closed after it. */
  readonly closes?: boolean | undefined;
}

export class RequestQueue {
  private requests: PendingRequest[] = [];
  private answered = 0;
  #asked = 0;
  /** How many there are that the server asks for in the name of its client. */
  #own = 0;

  get length(): number {
    return this.requests.length - this.answered;
  }

  /** How many of them the client has sent. */
  get askedLength(): number {
    return this.length - this.#own;
  }

  /** How many requests the client ever sent. */
  get askedCount(): number {
    return this.#asked;
  }

  add(request: PendingRequest): void {
    if (isOwn(request)) this.#own++;
    else this.#asked++;
    this.requests.push(request);
  }

  /** The oldest. */
  get head(): PendingRequest | undefined {
    return this.requests[this.answered];
  }

  /** The oldest is answered. */
  shift(): void {
    const { head } = this;
    if (head !== undefined && isOwn(head)) this.#own--;
    this.answered++;
    if (this.answered * 2 <= this.requests.length) return;
    this.requests = this.requests.slice(this.answered);
    this.answered = 0;
  }

  /** The oldest write that has not become a txn yet: the one that the next txn of this connection answers. */
  waitingWrite(): Extract<PendingRequest, { kind: "write" }> | undefined {
    for (let index = this.answered; index < this.requests.length; index++) {
      const request = this.requests[index];
      if (request?.kind === "write" && request.outcome === undefined) return request;
    }
    return undefined;
  }

  /** The oldest sync that the leader has not answered yet. */
  waitingSync(): Extract<PendingRequest, { kind: "sync" }> | undefined {
    for (let index = this.answered; index < this.requests.length; index++) {
      const request = this.requests[index];
      if (request?.kind === "sync" && !request.isSynced) return request;
    }
    return undefined;
  }
}
