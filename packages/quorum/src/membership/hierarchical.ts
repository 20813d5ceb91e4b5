/**
 * Groups and weights: a group decides with more than half of its weight, the
 * ensemble with more than half of its groups. Every participant is in one group.
 * A group whose weights are all 0 has no say and is not counted.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { compareSids, membersBySid, printMember, printVersion, votersAmong } from "./members.js";
import type { Member, QuorumVerifier } from "./quorum-verifier.js";

export interface GroupsAndWeights {
  /** The participants of each group, by the group's number. */
  readonly groups: ReadonlyMap<bigint, readonly Sid[]>;
  /** Weights that are not 1: whole numbers from 0 to MAX_WEIGHT. An observer's weight is kept and never counts. */
  readonly weights: ReadonlyMap<Sid, number>;
}

/** The largest weight, so that the sum of a group stays exact. */
export const MAX_WEIGHT = 0x7fff_ffff;

export class HierarchicalVerifier implements QuorumVerifier {
  readonly version: bigint;
  readonly members: ReadonlyMap<Sid, Member>;
  readonly voters: ReadonlySet<Sid>;
  /** The sids of each group, both ascending. */
  readonly groups: ReadonlyMap<bigint, readonly Sid[]>;
  /** The weight of every participant, and of observers that were given one; ascending sids. */
  readonly weights: ReadonlyMap<Sid, number>;
  private readonly groupOf: ReadonlyMap<Sid, bigint>;
  private readonly groupWeights: ReadonlyMap<bigint, number>;
  /** How many groups have a say. */
  private readonly groupCount: number;
  /** Every notification carries it, and it never changes. */
  private readonly text: string;

  /**
   * Throws RangeError unless every participant is in exactly one group, groups
   * hold somebody and nobody else, and weights are whole numbers of members.
   */
  constructor(members: Iterable<Member>, { groups, weights }: GroupsAndWeights, version = 0n) {
    this.version = version;
    this.members = membersBySid(members);
    this.voters = votersAmong(this.members);
    this.groups = sortedGroups(groups);
    this.groupOf = groupsBySid(this.groups, this.voters);
    this.weights = completeWeights(this.members, weights);
    this.groupWeights = this.sumWeights(this.voters);
    this.groupCount = [...this.groupWeights.values()].filter((weight) => weight > 0).length;
    this.text = this.print();
  }

  /** The weight of a voter, 0 for everyone else. */
  weightOf(sid: Sid): number {
    return this.voters.has(sid) ? (this.weights.get(sid) ?? 1) : 0;
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    let deciding = 0;
    for (const [group, weight] of this.sumWeights(new Set(sids))) {
      if (this.groupDecides(group, weight)) deciding++;
    }
    return deciding > Math.floor(this.groupCount / 2);
  }

  /** Whether `weight` is more than half of what the group has. Never true for a group of weight 0. */
  private groupDecides(group: bigint, weight: number): boolean {
    return weight > Math.floor((this.groupWeights.get(group) ?? 0) / 2);
  }

  toString(): string {
    return this.text;
  }

  private print(): string {
    const lines = [...this.members.values()].map(printMember);
    for (const [group, sids] of this.groups) lines.push(`group.${group}=${sids.join(":")}`);
    for (const [sid, weight] of this.weights) lines.push(`weight.${sid}=${weight}`);
    return [...lines, printVersion(this.version)].join("\n");
  }

  /** The weight that these servers bring to each of their groups. Servers that are no voters bring none. */
  private sumWeights(sids: ReadonlySet<Sid>): ReadonlyMap<bigint, number> {
    const sums = new Map<bigint, number>();
    for (const sid of sids) {
      const group = this.groupOf.get(sid);
      if (group !== undefined) sums.set(group, (sums.get(group) ?? 0) + this.weightOf(sid));
    }
    return sums;
  }
}

function sortedGroups(
  groups: ReadonlyMap<bigint, readonly Sid[]>,
): ReadonlyMap<bigint, readonly Sid[]> {
  const entries = [...groups].sort(([a], [b]) => compareSids(a, b));
  return new Map(entries.map(([group, sids]) => [group, [...sids].sort(compareSids)]));
}

function groupsBySid(
  groups: ReadonlyMap<bigint, readonly Sid[]>,
  voters: ReadonlySet<Sid>,
): ReadonlyMap<Sid, bigint> {
  const groupOf = new Map<Sid, bigint>();
  for (const [group, sids] of groups) {
    if (sids.length === 0) throw new RangeError(`group.${group} is empty`);
    for (const sid of sids) {
      if (groupOf.has(sid)) throw new RangeError(`server.${sid} is in two groups`);
      if (!voters.has(sid)) throw new RangeError(`server.${sid} is in a group and does not vote`);
      groupOf.set(sid, group);
    }
  }
  for (const sid of voters) {
    if (!groupOf.has(sid)) throw new RangeError(`server.${sid} votes and is in no group`);
  }
  return groupOf;
}

function completeWeights(
  members: ReadonlyMap<Sid, Member>,
  given: ReadonlyMap<Sid, number>,
): ReadonlyMap<Sid, number> {
  for (const [sid, weight] of given) {
    if (!members.has(sid)) throw new RangeError(`weight.${sid} belongs to no member`);
    if (!Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT) {
      throw new RangeError(`weight.${sid} is ${weight}, no whole number from 0 to ${MAX_WEIGHT}`);
    }
  }
  const weights = new Map<Sid, number>();
  for (const member of members.values()) {
    const weight = given.get(member.sid) ?? (member.role === "participant" ? 1 : undefined);
    if (weight !== undefined) weights.set(member.sid, weight);
  }
  return weights;
}
