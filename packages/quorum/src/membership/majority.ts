/** The usual rule: more than half of the participants decide. */
import type { Sid } from "@jute-ts/zookeeper";
import { membersBySid, printMember, printVersion, votersAmong } from "./members.js";
import type { Member, QuorumVerifier } from "./quorum-verifier.js";

export class MajorityVerifier implements QuorumVerifier {
  readonly version: bigint;
  readonly members: ReadonlyMap<Sid, Member>;
  readonly voters: ReadonlySet<Sid>;
  /** Every notification carries it, and it never changes. */
  private readonly text: string;

  /** Throws RangeError for members that contradict each other; an ensemble without voters never decides. */
  constructor(members: Iterable<Member>, version = 0n) {
    this.version = version;
    this.members = membersBySid(members);
    this.voters = votersAmong(this.members);
    this.text = this.print();
  }

  /** 1 for every voter, 0 for everyone else. */
  weightOf(sid: Sid): number {
    return this.voters.has(sid) ? 1 : 0;
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    return this.countVoters(sids) > Math.floor(this.voters.size / 2);
  }

  toString(): string {
    return this.text;
  }

  private print(): string {
    const lines = [...this.members.values()].map(printMember);
    return [...lines, printVersion(this.version)].join("\n");
  }

  /** Each voter counts once, however often it is named. */
  private countVoters(sids: Iterable<Sid>): number {
    const counted = new Set<Sid>();
    for (const sid of sids) {
      if (this.voters.has(sid)) counted.add(sid);
    }
    return counted.size;
  }
}
