/**
 * Who votes for what, and whether that is enough. One vote per server, the last
 * that it cast. Which votes may be counted at all is decided before they come
 * here.
 */
import type { QuorumVerifier } from "../membership/quorum-verifier.js";
import type { Sid } from "@jute-ts/zookeeper";
import { agrees, type CastVote } from "./vote.js";

export class Tally {
  private readonly votes = new Map<Sid, CastVote>();

  /** Replaces what the server voted before. */
  record(from: Sid, vote: CastVote): void {
    const { leader, zxid, peerEpoch, electionEpoch, state, version } = vote;
    this.votes.set(from, { leader, zxid, peerEpoch, electionEpoch, state, version });
  }

  remove(from: Sid): void {
    this.votes.delete(from);
  }

  clear(): void {
    this.votes.clear();
  }

  /** The votes, in no order that matters. */
  all(): Iterable<CastVote> {
    return this.votes.values();
  }

  /** The servers whose votes support the same leader as this one. */
  supportersOf(vote: CastVote): readonly Sid[] {
    const supporters: Sid[] = [];
    for (const [sid, other] of this.votes) if (agrees(vote, other)) supporters.push(sid);
    return supporters;
  }

  /** Whether the supporters of this vote are a quorum for every one of the verifiers. */
  hasQuorum(vote: CastVote, verifiers: readonly QuorumVerifier[]): boolean {
    const supporters = this.supportersOf(vote);
    return verifiers.every((verifier) => verifier.containsQuorum(supporters));
  }

  /** Whether this server says of itself that it leads. Others may still name a leader that has crashed. */
  saysThatItLeads(leader: Sid): boolean {
    return this.votes.get(leader)?.state === "leading";
  }
}
