/**
 * Requests of a server's own clients that wait for the txn they become. A txn
 * names the session and the client's number of the request; a client may use a
 * number again, so of equal ones the oldest is meant.
 */
import type { RequestId } from "../effects.js";
import type { TxnHeader } from "@jute-ts/zookeeper";

export class WaitingRequests {
  private readonly waiting = new Map<string, RequestId[]>();
  private waitingCount = 0;

  get count(): number {
    return this.waitingCount;
  }

  add(sessionId: bigint, cxid: number, request: RequestId): void {
    const key = keyOf(sessionId, cxid);
    const same = this.waiting.get(key);
    if (same === undefined) this.waiting.set(key, [request]);
    else same.push(request);
    this.waitingCount++;
  }

  /** The request that this txn answers, if it was made here. */
  take({ clientId, cxid }: TxnHeader): RequestId | undefined {
    const key = keyOf(clientId, cxid);
    const same = this.waiting.get(key);
    if (same === undefined) return undefined;
    const request = same.shift();
    if (same.length === 0) this.waiting.delete(key);
    this.waitingCount--;
    return request;
  }

  /** All that still wait, oldest first per client; none waits afterwards. */
  takeAll(): readonly RequestId[] {
    const all = [...this.waiting.values()].flat();
    this.waiting.clear();
    this.waitingCount = 0;
    return all;
  }
}

function keyOf(sessionId: bigint, cxid: number): string {
  return `${sessionId}:${cxid}`;
}
