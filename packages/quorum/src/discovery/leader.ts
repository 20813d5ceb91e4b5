/**
 * The epoch handshake, leader's half: FOLLOWERINFO and OBSERVERINFO come in,
 * LEADERINFO goes out once the epoch is on disk, ACKEPOCH comes back. It ends
 * when a quorum has accepted the epoch and nobody of it has more than the leader.
 */
import type { LearnerLink } from "../learner-link.js";
import { ended, type LearnerLinks } from "../learner-links.js";
import type { PacketOf } from "../wire/packet.js";
import { PROTOCOL_VERSION } from "../wire/codec.js";
import type { PeerContext } from "../peer-context.js";
import { ProtocolViolation } from "../protocol-violation.js";
import { type Epoch, MAX_EPOCH, NO_DATABASE, type Sid } from "@jute-ts/zookeeper";
import { EpochAcceptance, EpochProposal } from "./epoch-agreement.js";

/** What discovery tells the leader's other phases. */
export interface DiscoveryListener {
  /** A quorum has accepted the epoch. */
  onEpochAgreed(epoch: Epoch): void;
  /** This learner may be synchronized now. */
  onReadyToSync(link: LearnerLink): void;
}

export class LeaderDiscovery {
  private readonly context: PeerContext;
  private readonly links: LearnerLinks;
  private readonly listener: DiscoveryListener;
  private readonly proposal: EpochProposal;
  private readonly acceptance: EpochAcceptance;
  /** Whose later epochs were reported: whoever repeats itself fills no log. */
  private readonly reported = new Set<Sid>();
  private stage: "proposing" | "storing" | "offering" | "agreed" = "proposing";
  /** Fixed as soon as a quorum has arrived. */
  private agreedEpoch: Epoch | undefined;
  private deadlineMs: number;

  constructor(context: PeerContext, links: LearnerLinks, listener: DiscoveryListener) {
    const { options, storage, history } = context;
    this.context = context;
    this.links = links;
    this.listener = listener;
    this.proposal = new EpochProposal(
      options.ensemble,
      options.sid,
      storage.acceptedEpoch,
      context.latestEpochSeen,
    );
    this.acceptance = new EpochAcceptance(options.ensemble, options.sid, {
      currentEpoch: storage.currentEpoch,
      lastZxid: history.lastZxid,
    });
    this.deadlineMs = context.nowMs + options.initTimeoutMs;
  }

  /** The epoch, once a quorum has arrived and it is on disk. */
  get epoch(): Epoch | undefined {
    return this.stage === "offering" || this.stage === "agreed" ? this.agreedEpoch : undefined;
  }

  get nextDeadline(): number | undefined {
    return this.stage === "agreed" ? undefined : this.deadlineMs;
  }

  /** A leader of an ensemble of one has its quorum already. */
  begin(): void {
    this.decideEpoch();
  }

  onDeadline(): void {
    if (this.stage === "agreed" || this.context.nowMs < this.deadlineMs) return;
    this.context.leave(
      this.stage === "offering"
        ? "no quorum accepted the epoch in time"
        : "no quorum of followers came in time",
    );
  }

  /** A learner says who it is. */
  onLearnerInfo(link: LearnerLink, packet: PacketOf<"FOLLOWERINFO" | "OBSERVERINFO">): void {
    const { acceptedEpoch } = packet;
    const sid = this.identify(link, packet);
    const role = packet.kind === "FOLLOWERINFO" ? "follower" : "observer";
    const isVoter = role === "follower" && this.context.options.ensemble.voters.has(sid);
    const votes = isVoter && !this.isBehind(acceptedEpoch);
    link.learner = { sid, role, votes, acceptedEpoch };
    link.stage = "awaitingEpoch";
    this.links.limitUnregistered(sid);
    if (!this.proposal.isBelievable(acceptedEpoch)) {
      const text = `accepted epoch ${acceptedEpoch} is too far ahead`;
      throw new ProtocolViolation("epoch", text, packet.kind);
    }
    if (this.isBehind(acceptedEpoch)) this.noteLaterEpoch(sid, acceptedEpoch);
    if (this.epoch !== undefined) {
      this.offer(link, this.epoch);
    } else if (this.stage === "proposing") {
      this.proposal.arrive(sid, votes, acceptedEpoch);
      this.decideEpoch();
    }
  }

  /** Whether our epoch is fixed and an earlier one. */
  private isBehind(acceptedEpoch: Epoch): boolean {
    return this.agreedEpoch !== undefined && acceptedEpoch > this.agreedEpoch;
  }

  /**
   * A server that has promised a later epoch must not be counted in this one: some
   * candidate got that promise and no further. Leaving for its sake would let
   * anyone who reaches the port end a leadership with one packet. So it is brought up
   * to date without being counted, and the next election has an epoch after both.
   */
  private noteLaterEpoch(sid: Sid, acceptedEpoch: Epoch): void {
    const epoch = this.agreedEpoch;
    if (epoch === undefined) return;
    if (acceptedEpoch - epoch <= MAX_NOTED_JUMP) this.context.noteEpoch(acceptedEpoch);
    if (this.reported.has(sid)) return;
    this.reported.add(sid);
    this.context.report({ kind: "laterEpoch", learner: sid, acceptedEpoch, epoch });
  }

  /** Who it is, if it may be a learner here at all. */
  private identify(link: LearnerLink, packet: PacketOf<"FOLLOWERINFO" | "OBSERVERINFO">): bigint {
    const { ensemble, sid: self } = this.context.options;
    const { sid, protocolVersion, configVersion } = packet.identity;
    if (sid === undefined || !ensemble.members.has(sid) || sid === self) {
      throw new ProtocolViolation("identity", `server ${sid} is not one of ours`, packet.kind);
    }
    if (link.provenSids?.includes(sid) === false) {
      const text = `its certificate is not that of server ${sid}`;
      throw new ProtocolViolation("identity", text, packet.kind);
    }
    if (protocolVersion < PROTOCOL_VERSION) {
      const text = `protocol version ${protocolVersion} is too old`;
      throw new ProtocolViolation("malformed", text, packet.kind);
    }
    if (!this.context.configurations.isAccepted(sid, configVersion)) {
      const text =
        `configuration ${configVersion.toString(16)} of server ${sid} ` +
        `is newer than ours, ${ensemble.version.toString(16)}`;
      throw new ProtocolViolation("identity", text, packet.kind);
    }
    return sid;
  }

  /** Fixes the epoch when a quorum has arrived. It is offered to nobody before it is on disk. */
  private decideEpoch(): void {
    if (!this.proposal.isDecided) return;
    const epoch = this.proposal.candidate;
    if (epoch > MAX_EPOCH) {
      this.context.giveUp(`epoch ${epoch} is beyond the last that ZooKeeper can count`);
      return;
    }
    this.agreedEpoch = epoch;
    this.stage = "storing";
    this.context.storage.writeAcceptedEpoch(epoch);
  }

  /** The epoch is on disk: everyone who waits is told. */
  onAcceptedEpochDurable(epoch: Epoch): void {
    if (this.stage !== "storing" || epoch !== this.agreedEpoch) return;
    this.stage = "offering";
    this.deadlineMs = this.context.nowMs + this.context.options.initTimeoutMs;
    this.context.report({ kind: "epochAccepted", epoch });
    for (const link of this.links.all()) {
      if (link.stage === "awaitingEpoch") this.offer(link, epoch);
    }
    this.concludeIfAccepted();
  }

  private offer(link: LearnerLink, epoch: Epoch): void {
    link.stage = "awaitingAckEpoch";
    const isCounted = link.learner === undefined || !this.isBehind(link.learner.acceptedEpoch);
    this.links.send(link, { kind: "LEADERINFO", epoch, ...(isCounted ? {} : { isCounted }) });
  }

  /** A learner has accepted the epoch, now or before. */
  onAckEpoch(link: LearnerLink, packet: PacketOf<"ACKEPOCH">): void {
    const { lastZxid, currentEpoch } = packet;
    link.lastZxid = lastZxid;
    link.stage = "awaitingHistory";
    if (this.stage === "agreed") {
      this.listener.onReadyToSync(link);
      return;
    }
    // Without an epoch it has accepted this one before: it is there, but does not count.
    if (currentEpoch === undefined) return;
    if (this.acceptance.isAhead({ currentEpoch, lastZxid })) {
      const text = `it has txns up to ${lastZxid} of epoch ${currentEpoch}, more than this leader`;
      this.links.close(link, ended(text));
      return;
    }
    if (link.learner?.votes === true && lastZxid !== NO_DATABASE) {
      this.acceptance.accept(link.learner.sid);
    }
    this.concludeIfAccepted();
  }

  private concludeIfAccepted(): void {
    const epoch = this.agreedEpoch;
    if (this.stage !== "offering" || epoch === undefined || !this.acceptance.isDecided) return;
    this.stage = "agreed";
    this.listener.onEpochAgreed(epoch);
    for (const link of this.links.all()) {
      if (link.stage === "awaitingHistory") this.listener.onReadyToSync(link);
    }
  }
}

/**
 * How far the next epoch may jump over ours for a claim that nobody else confirms:
 * far more candidates than ever fail in one leadership, and few of all epochs there are.
 */
const MAX_NOTED_JUMP = 1024;
