/** A server without others: it decides alone, nobody connects to it, and no text names it. */
import { printVersion } from "./members.js";
import type { Member, QuorumVerifier } from "./quorum-verifier.js";
import type { Sid } from "@jute-ts/zookeeper";

export class StandaloneVerifier implements QuorumVerifier {
  readonly version = 0n;
  /** The server itself, without an address. */
  readonly members: ReadonlyMap<Sid, Member>;
  readonly voters: ReadonlySet<Sid>;

  constructor(sid: Sid) {
    this.members = new Map([[sid, { sid, role: "participant", addresses: [], client: undefined }]]);
    this.voters = new Set([sid]);
  }

  weightOf(sid: Sid): number {
    return this.voters.has(sid) ? 1 : 0;
  }

  containsQuorum(sids: Iterable<Sid>): boolean {
    for (const sid of sids) {
      if (this.voters.has(sid)) return true;
    }
    return false;
  }

  /** What Java's standalone server has as its configuration: a version, and no server. */
  toString(): string {
    return printVersion(this.version);
  }
}
