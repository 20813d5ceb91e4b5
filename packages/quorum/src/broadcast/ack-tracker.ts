/**
 * Which server has how much of the leader's epoch on disk, and which proposals
 * are thereby committed. Servers log in order, so one zxid each says it all.
 */
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import type { Sid, Zxid } from "@jute-ts/zookeeper";

export class AckTracker {
  private readonly verifier: QuorumVerifier;
  private readonly acked = new Map<Sid, Zxid>();

  constructor(verifier: QuorumVerifier) {
    this.verifier = verifier;
  }

  /** A server has everything up to this zxid on disk. Those without a vote do not count. */
  ack(sid: Sid, zxid: Zxid): void {
    if (!this.verifier.voters.has(sid)) return;
    const before = this.acked.get(sid);
    if (before === undefined || zxid > before) this.acked.set(sid, zxid);
  }

  /** What this server said does not count any more. */
  withdraw(sid: Sid): void {
    this.acked.delete(sid);
  }

  /** The last zxid that this server acknowledged. */
  lastAcked(sid: Sid): Zxid {
    return this.acked.get(sid) ?? 0n;
  }

  /** Whether a quorum has this zxid on disk. */
  isCommitted(zxid: Zxid): boolean {
    const having: Sid[] = [];
    for (const [sid, acked] of this.acked) if (acked >= zxid) having.push(sid);
    return this.verifier.containsQuorum(having);
  }
}
