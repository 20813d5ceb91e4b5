/**
 * How long one follower has kept a proposal without acknowledging it. A follower
 * whose disk hangs may go on answering pings forever, and while the others are a
 * quorum nothing else shows that it takes no part any more.
 *
 * Two proposals stand for all: the one that is waited for, and the latest one,
 * which is waited for next. So a follower gets at least its time for each.
 */
import type { Zxid } from "@jute-ts/zookeeper";

export class AckWatch {
  private lastAcked: Zxid = 0n;
  private awaited: SentProposal | undefined;
  private latest: SentProposal | undefined;

  /** The follower was sent a proposal that it can acknowledge from now on. */
  onSent(zxid: Zxid, nowMs: number): void {
    if (zxid <= this.lastAcked) return;
    if (this.awaited === undefined) this.awaited = { zxid, sentMs: nowMs };
    else this.latest = { zxid, sentMs: nowMs };
  }

  /** It has everything up to here on disk. */
  onAck(zxid: Zxid): void {
    if (zxid <= this.lastAcked) return;
    this.lastAcked = zxid;
    if (this.awaited === undefined || this.awaited.zxid > zxid) return;
    this.awaited = this.latest !== undefined && this.latest.zxid > zxid ? this.latest : undefined;
    this.latest = undefined;
  }

  /** Whether it has let a proposal wait for longer than this. */
  isOverdue(nowMs: number, limitMs: number): boolean {
    return this.awaited !== undefined && nowMs - this.awaited.sentMs > limitMs;
  }
}

interface SentProposal {
  readonly zxid: Zxid;
  readonly sentMs: number;
}
