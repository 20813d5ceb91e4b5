/**
 * What the clients of each server keep waiting at the leader, which holds all of
 * it in memory. Each server has a limit of its own, so that one whose clients
 * ask for too much takes nothing from the others.
 */
import type { Sid } from "@jute-ts/zookeeper";

export interface BacklogLimits {
  /** Requests and syncs of one server. */
  readonly maxCount: number;
  /** Bytes of their txns. */
  readonly maxBytes: number;
}

export class Backlog {
  private readonly limits: BacklogLimits;
  private readonly waiting = new Map<Sid, { count: number; bytes: number }>();

  constructor(limits: BacklogLimits) {
    this.limits = limits;
  }

  add(sid: Sid, bytes: number): void {
    const { count, bytes: before } = this.waiting.get(sid) ?? NOTHING;
    this.waiting.set(sid, { count: count + 1, bytes: before + bytes });
  }

  /** What was added with this many bytes does not wait any more. */
  remove(sid: Sid, bytes: number): void {
    const { count, bytes: before } = this.waiting.get(sid) ?? NOTHING;
    if (count <= 1) this.waiting.delete(sid);
    else this.waiting.set(sid, { count: count - 1, bytes: before - bytes });
  }

  /** Whether this server's clients must wait before they ask for more. */
  isFull(sid: Sid): boolean {
    const { count, bytes } = this.waiting.get(sid) ?? NOTHING;
    return count >= this.limits.maxCount || bytes >= this.limits.maxBytes;
  }
}

const NOTHING = { count: 0, bytes: 0 };
