/**
 * All links of a leader, and the one way to send on them: in order, after a
 * snapshot that is still on its way, and never more than a slow learner may
 * keep waiting.
 */
import type { CloseReason, ConnectionId } from "./effects.js";
import { LearnerLink } from "./learner-link.js";
import type { Packet } from "./wire/packet.js";
import { sizeOf } from "./packet-size.js";
import type { PeerContext } from "./peer-context.js";
import type { Sid } from "@jute-ts/zookeeper";

export class LearnerLinks {
  private readonly context: PeerContext;
  private readonly links = new Map<ConnectionId, LearnerLink>();

  constructor(context: PeerContext) {
    this.context = context;
  }

  /** Takes a new connection, which has to say who it is in time. */
  accept(connection: ConnectionId, provenSids: readonly Sid[] | undefined): void {
    const { options, nowMs } = this.context;
    // Someone who says nothing holds no more than a few bytes, but there may be many of them.
    const unknown = [...this.links.values()].filter(({ stage }) => stage === "unknown");
    if (unknown.length >= MAX_UNKNOWN) {
      this.context.close(connection, ended("too many connections that say nothing"));
      return;
    }
    const deadlineMs = nowMs + options.initTimeoutMs;
    const link = new LearnerLink(connection, provenSids, options.maxPacketBytes, nowMs, deadlineMs);
    this.links.set(connection, link);
  }

  get(connection: ConnectionId): LearnerLink | undefined {
    return this.links.get(connection);
  }

  /** All links, oldest first. A copy, so links may be closed while walking over it. */
  all(): readonly LearnerLink[] {
    return [...this.links.values()];
  }

  /** When the first of them has not been heard from for too long; Infinity without links. */
  get nextDeadlineMs(): number {
    let earliestMs = Infinity;
    for (const { deadlineMs } of this.links.values())
      if (deadlineMs < earliestMs) earliestMs = deadlineMs;
    return earliestMs;
  }

  /** The links that live traffic goes to. */
  registered(): readonly LearnerLink[] {
    return this.all().filter((link) => link.isRegistered);
  }

  /** The same, and those of one server first. */
  registeredFrom(first: Sid): readonly LearnerLink[] {
    const own: LearnerLink[] = [];
    const others: LearnerLink[] = [];
    for (const link of this.links.values()) {
      if (link.isRegistered) (link.sid === first ? own : others).push(link);
    }
    return own.concat(others);
  }

  /**
   * Keeps few connections of one server that are not brought up to date yet: a
   * member has one, and who else claims to be it may open any number.
   */
  limitUnregistered(sid: Sid): void {
    const same = this.all().filter((link) => link.sid === sid && !link.isRegistered);
    for (const link of same.slice(0, -MAX_UNREGISTERED)) {
      this.close(link, ended(`server ${sid} has connected again, more than once`));
    }
  }

  /** Sends a packet, or holds it back while what must come before it is on its way. */
  send(link: LearnerLink, packet: Packet): void {
    if (!this.links.has(link.connection)) return;
    if (!this.countQueued(link, sizeOf(packet))) return;
    if (link.waitsForUpToDate && packet.kind !== "PING") {
      link.afterUpToDate.push(packet);
    } else if (link.stage === "sendingSnapshot") {
      link.afterSnapshot.push(packet);
    } else {
      this.context.send(link.connection, packet);
    }
  }

  /** Sends a piece of the snapshot: the one thing that is not held back. */
  sendPiece(link: LearnerLink, bytes: Uint8Array): void {
    if (!this.countQueued(link, bytes.length)) return;
    this.context.send(link.connection, { kind: "SNAPSHOTPIECE", bytes });
  }

  /** The snapshot is out: ends it and sends what was held back. */
  releaseHeld(link: LearnerLink): void {
    this.context.send(link.connection, { kind: "SNAPSHOTEND" });
    for (const packet of link.afterSnapshot) this.context.send(link.connection, packet);
    link.afterSnapshot = [];
  }

  /**
   * From NEWLEADER on. A follower logs what was proposed before it, and forgets
   * which of that waits for its commit if it is one of Java's before 3.9.3: a
   * commit that reaches it before UPTODATE makes it fail, and what it logs then
   * may be wrong (ZOOKEEPER-4394).
   */
  holdLive(link: LearnerLink): void {
    link.waitsForUpToDate = !this.context.options.liveBeforeUpToDate;
  }

  /** Sends UPTODATE, and what waited for it. */
  releaseLive(link: LearnerLink): void {
    link.waitsForUpToDate = false;
    this.send(link, { kind: "UPTODATE" });
    for (const packet of link.afterUpToDate) this.context.send(link.connection, packet);
    link.afterUpToDate = [];
  }

  /** Everything that was handed to the connection has left. */
  onDrained(link: LearnerLink): void {
    link.queuedBytes = bytesOf(link.afterSnapshot) + bytesOf(link.afterUpToDate);
  }

  /** Closes a link and forgets it. */
  close(link: LearnerLink, reason: CloseReason): void {
    if (!this.links.delete(link.connection)) return;
    this.context.close(link.connection, reason);
    this.reportLost(link, reason.kind === "violation" ? reason.violation.message : reason.text);
  }

  /** Forgets a link whose connection is gone. */
  forget(link: LearnerLink, why: string): void {
    if (this.links.delete(link.connection)) this.reportLost(link, why);
  }

  /** Closes all links. */
  closeAll(why: string): void {
    for (const link of this.all()) this.close(link, ended(why));
  }

  /**
   * Counts bytes for a connection; false when the learner is too slow and was given
   * up. What is sent while nothing too much waits is sent however long it is: the
   * learner cannot do without it.
   */
  private countQueued(link: LearnerLink, bytes: number): boolean {
    const waiting = link.queuedBytes;
    link.queuedBytes += bytes;
    if (waiting <= this.context.options.maxQueuedBytes) return true;
    this.close(link, ended(`${waiting} bytes wait for a slow learner`));
    return false;
  }

  private reportLost(link: LearnerLink, why: string): void {
    this.context.report({ kind: "learnerLost", learner: link.sid, why });
  }
}

function bytesOf(packets: readonly Packet[]): number {
  return packets.reduce((bytes, packet) => bytes + sizeOf(packet), 0);
}

/** The reason of an end that is nobody's fault. */
export function ended(text: string): CloseReason {
  return { kind: "ended", text };
}

const MAX_UNKNOWN = 64;
const MAX_UNREGISTERED = 8;
