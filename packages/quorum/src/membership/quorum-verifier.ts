/**
 * Who belongs to the ensemble and which sets of servers decide. A verifier is a
 * value: it never changes, a reconfiguration makes another one.
 */
import type { Sid } from "@jute-ts/zookeeper";

export interface MemberAddress {
  /** Host name or address, without brackets. */
  readonly host: string;
  /** The port on which a leader listens for learners. */
  readonly quorumPort: number;
  /** The port of the election. */
  readonly electionPort: number;
}

export interface Member {
  readonly sid: Sid;
  readonly role: "participant" | "observer";
  /** More than one where a server has several networks; none where it stands alone. */
  readonly addresses: readonly MemberAddress[];
  readonly client: { readonly host: string; readonly port: number } | undefined;
}

/** Decides what a quorum is. */
export interface QuorumVerifier {
  /** 0, or the zxid of the reconfiguration that made it. */
  readonly version: bigint;
  readonly members: ReadonlyMap<Sid, Member>;
  /** The participants. Observers are members that are not in here. */
  readonly voters: ReadonlySet<Sid>;
  /** A server of weight 0 is a voter by name only. */
  weightOf(sid: Sid): number;
  /** Whether these servers decide for all. Servers that are no voters do not count. */
  containsQuorum(sids: Iterable<Sid>): boolean;
  /** The text that packets and files carry: `server.N=…` lines, groups, weights, `version=…`. */
  toString(): string;
}
