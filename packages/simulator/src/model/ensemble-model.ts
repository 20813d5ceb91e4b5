/**
 * Who is in an ensemble, and which of them are a quorum, told from its shape
 * alone and counted here: peers count with code of their own, which is to be
 * judged (ZooKeeper's "Hierarchical Quorums").
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { EnsembleShape } from "../world/settings.js";

export class EnsembleModel {
  readonly voters: ReadonlySet<Sid>;
  /** Voters and observers. */
  readonly members: ReadonlySet<Sid>;
  readonly #groups: readonly (readonly Sid[])[] | undefined;
  readonly #weights: ReadonlyMap<Sid, number>;

  constructor({ voters, observers, groups, weights }: EnsembleShape) {
    this.voters = new Set(voters);
    this.members = new Set([...voters, ...observers]);
    this.#groups = groups;
    this.#weights = weights ?? new Map<Sid, number>();
  }

  /**
   * Without groups more than half of the voters. With groups more than half of the
   * weight in more than half of the groups, of which those without weight do not count.
   */
  containsQuorum(sids: Iterable<Sid>): boolean {
    const present = new Set<Sid>();
    for (const sid of sids) if (this.voters.has(sid)) present.add(sid);
    if (this.#groups === undefined) return 2 * present.size > this.voters.size;
    let counted = 0;
    let won = 0;
    for (const group of this.#groups) {
      const total = this.#weigh(group);
      if (total === 0) continue;
      counted += 1;
      if (2 * this.#weigh(group.filter((sid) => present.has(sid))) > total) won += 1;
    }
    return 2 * won > counted;
  }

  /** What a member brings to a quorum. */
  weightOf(sid: Sid): number {
    if (!this.voters.has(sid)) return 0;
    return this.#groups === undefined ? 1 : (this.#weights.get(sid) ?? 1);
  }

  #weigh(sids: readonly Sid[]): number {
    return sids.reduce((sum, sid) => sum + (this.#weights.get(sid) ?? 1), 0);
  }
}
