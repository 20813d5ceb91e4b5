/** Short ways to say who is in an ensemble, for programs that have no configuration file. */
import type { Sid } from "@jute-ts/zookeeper";
import { MajorityVerifier } from "./majority.js";
import type { Member } from "./quorum-verifier.js";

/** An ensemble in which more than half of the participants decide. Throws RangeError for a sid that occurs twice. */
export function majorityOf(members: Iterable<Member>, version = 0n): MajorityVerifier {
  return new MajorityVerifier(members, version);
}

export interface MemberPorts {
  /** The port on which a leader listens for learners: 2888 by habit. */
  readonly quorumPort: number;
  /** The port of the election: 3888 by habit. */
  readonly electionPort: number;
}

/** A member that votes. Throws RangeError for a sid that is no whole number. */
export function participant(sid: Sid | number, host: string, ports: MemberPorts): Member {
  return {
    sid: BigInt(sid),
    role: "participant",
    addresses: [{ host, ...ports }],
    client: undefined,
  };
}

/** A member that learns what is committed and never votes. Throws RangeError for a sid that is no whole number. */
export function observer(sid: Sid | number, host: string, ports: MemberPorts): Member {
  return { sid: BigInt(sid), role: "observer", addresses: [{ host, ...ports }], client: undefined };
}
