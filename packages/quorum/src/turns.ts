/**
 * Which of several connections that claim to be one server is brought up to date.
 * Only one at a time may be: what a follower acknowledged on one connection says
 * nothing once it was told on another what to cut.
 *
 * A server that comes back has lost its older connection, whose end may not have
 * reached us. But without TLS a claim proves nothing, and one packet in a member's
 * name must not cost a working follower its place. So the newer connection waits
 * for a tick, in which the older one is asked whether it lives.
 */
import type { LearnerLink } from "./learner-link.js";
import { ended, type LearnerLinks } from "./learner-links.js";
import type { PeerContext } from "./peer-context.js";

export interface TurnsListener {
  /** Asks a learner whether it is there. */
  probe(link: LearnerLink): void;
  /** Its turn has come. */
  onTurn(link: LearnerLink): void;
}

export class Turns {
  private readonly context: PeerContext;
  private readonly links: LearnerLinks;
  private readonly listener: TurnsListener;
  /** Those that wait, oldest first, and since when. */
  private readonly waiting = new Map<LearnerLink, number>();

  constructor(context: PeerContext, links: LearnerLinks, listener: TurnsListener) {
    this.context = context;
    this.links = links;
    this.listener = listener;
  }

  /** A learner may be brought up to date: at once, if nobody else is that server. */
  ask(link: LearnerLink): void {
    const rival = this.rivalOf(link);
    if (rival === undefined) {
      this.listener.onTurn(link);
      return;
    }
    link.stage = "awaitingTurn";
    this.waiting.set(link, this.context.nowMs);
    this.listener.probe(rival);
  }

  /** Decides about those that wait, after anything that may have changed matters. */
  review(): void {
    for (const [link, sinceMs] of this.waiting) {
      const rival = this.rivalOf(link);
      if (this.links.get(link.connection) === undefined) {
        this.waiting.delete(link);
      } else if (rival === undefined) {
        this.waiting.delete(link);
        this.listener.onTurn(link);
      } else if (this.context.nowMs >= sinceMs + this.patienceMs) {
        this.waiting.delete(link);
        this.decide(link, rival, sinceMs);
      }
    }
  }

  private decide(link: LearnerLink, rival: LearnerLink, sinceMs: number): void {
    if (rival.heardMs > sinceMs) {
      this.links.close(link, ended(`server ${rival.sid} is connected already, and answers`));
    } else {
      this.links.close(rival, ended("the learner has connected again"));
      this.listener.onTurn(link);
    }
  }

  get nextDeadline(): number | undefined {
    // The first has waited longest.
    for (const sinceMs of this.waiting.values()) return sinceMs + this.patienceMs;
    return undefined;
  }

  private get patienceMs(): number {
    return this.context.options.tickTimeMs;
  }

  /** The other connection of this server that the live traffic goes to. */
  private rivalOf(link: LearnerLink): LearnerLink | undefined {
    return this.links.registered().find((other) => other !== link && other.sid === link.sid);
  }
}
