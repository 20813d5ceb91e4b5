/**
 * What a server has heard of configurations that are newer than its own. This
 * version of the protocol takes no part in reconfigurations: a server keeps the
 * ensemble that it was given. One that is behind must not lead, for it would count
 * quorums of an ensemble that is no more; the others go on with it as a follower.
 *
 * Servers of Apache give their first configuration a version of its own, too. So
 * what counts is not the version alone: a newer one by which the same servers
 * decide, in the same way, is as good as ours.
 */
import type { Report } from "../report.js";
import type { Sid } from "@jute-ts/zookeeper";
import { parseConfigurationText, versionOfText } from "../membership/configuration-text.js";
import { sameQuorums } from "../membership/equality.js";
import type { QuorumVerifier } from "../membership/quorum-verifier.js";

/** What a server said of its configuration last. */
interface Heard {
  readonly text: string;
  readonly version: bigint;
  /** Whether it is newer, and others decide by it. */
  readonly isAhead: boolean;
}

export class KnownConfigurations {
  private readonly own: QuorumVerifier;
  private readonly emit: (report: Report) => void;
  private readonly heard = new Map<Sid, Heard>();
  /** Who was reported since the last election began. */
  private readonly reported = new Set<Sid | undefined>();

  constructor(own: QuorumVerifier, emit: (report: Report) => void) {
    this.own = own;
    this.emit = emit;
  }

  /** An election begins: what is still so is worth another report. */
  beginElection(): void {
    this.reported.clear();
  }

  /** A member says what its configuration is. What says nothing of the kind changes nothing. */
  hear(from: Sid, text: string | undefined): void {
    if (text === undefined || text === "") return;
    let heard = this.heard.get(from);
    if (heard?.text !== text) {
      const version = versionOfText(text);
      heard = { text, version, isAhead: this.isAhead(text, version) };
      this.heard.set(from, heard);
    }
    if (heard.isAhead) this.report(from, heard.version);
  }

  /** Whether the configuration that was committed last, as the state has it, is newer than ours, and others decide by it. */
  isOutdatedBy(committed: string): boolean {
    const version = versionOfText(committed);
    if (!this.isAhead(committed, version)) return false;
    this.report(undefined, version);
    return true;
  }

  /** Whether the last that this server said is a newer configuration by which others decide. */
  hasNewer(sid: Sid): boolean {
    return this.heard.get(sid)?.isAhead === true;
  }

  /** Whether any voter has such a configuration. */
  get anyNewer(): boolean {
    return [...this.own.voters].some((sid) => this.hasNewer(sid));
  }

  /** Whether a server with this version of a configuration may be led by us: it is ours, an older one, or known to be as good as ours. */
  isAccepted(sid: Sid, version: bigint): boolean {
    if (version <= this.own.version) return true;
    const heard = this.heard.get(sid);
    return heard?.version === version && !heard.isAhead;
  }

  private isAhead(text: string, version: bigint): boolean {
    if (version <= this.own.version) return false;
    try {
      return !sameQuorums(parseConfigurationText(text), this.own);
    } catch {
      // Newer, and not to be understood: then it is not the same either.
      return true;
    }
  }

  private report(from: Sid | undefined, version: bigint): void {
    if (this.reported.has(from)) return;
    this.reported.add(from);
    const ownVersion = this.own.version;
    this.emit({ kind: "newerConfiguration", from, version, ownVersion });
  }
}
