/**
 * Two ensembles at once. While a reconfiguration is under way the one that is
 * committed and the one that was last seen both decide: what only one of them
 * has agreed to could be lost with the other.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { QuorumVerifier } from "./quorum-verifier.js";

export class DualQuorum {
  /** The committed verifier, then the last seen one where it is newer. */
  private readonly verifiers: readonly QuorumVerifier[];

  /** `lastSeen` counts only while its version is above that of `committed`. */
  constructor(committed: QuorumVerifier, lastSeen?: QuorumVerifier) {
    this.verifiers =
      lastSeen !== undefined && lastSeen.version > committed.version
        ? [committed, lastSeen]
        : [committed];
  }

  /** Whether these servers are a quorum of every ensemble. */
  containsQuorum(sids: Iterable<Sid>): boolean {
    const set = new Set(sids);
    return this.verifiers.every((verifier) => verifier.containsQuorum(set));
  }

  /** Whether an ack of this server counts anywhere. */
  isVoter(sid: Sid): boolean {
    return this.verifiers.some((verifier) => verifier.voters.has(sid));
  }
}
