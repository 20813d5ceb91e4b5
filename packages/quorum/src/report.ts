/**
 * What a peer tells about itself while it works: one report for each thing that
 * a person reading a log, or a metric, wants to know.
 */
import type { PacketKind } from "./wire/packet.js";
import type { Role } from "./peer-status.js";
import type { ProtocolViolation } from "./protocol-violation.js";
import type { SyncPlan } from "./synchronization/sync-plan.js";
import type { Epoch, Sid, Zxid } from "@jute-ts/zookeeper";

export type Report =
  /** The data directory was read. `txns`: how many log records were replayed. */
  | {
      readonly kind: "recovered";
      readonly lastZxid: Zxid;
      readonly snapshotZxid: Zxid | undefined;
      readonly txns: number;
      readonly acceptedEpoch: Epoch;
      readonly currentEpoch: Epoch;
      /** A tail of the log that a crash left unfinished, and that was cut off. */
      readonly tornBytes: number;
    }
  /** There is no data, and an empty directory may not become a new server (autocreate off): no vote until a leader has brought this server up to date. */
  | { readonly kind: "withoutVote" }
  | {
      readonly kind: "roleChanged";
      readonly role: Role;
      readonly leader: Sid | undefined;
      readonly why: string;
    }
  /** The vote changed or a round began. */
  | {
      readonly kind: "voted";
      readonly leader: Sid;
      readonly zxid: Zxid;
      readonly peerEpoch: bigint;
      readonly round: bigint;
    }
  | {
      readonly kind: "elected";
      readonly leader: Sid;
      readonly round: bigint;
      readonly durationMs: number;
    }
  /** A leader's epoch was accepted here. */
  | { readonly kind: "epochAccepted"; readonly epoch: Epoch }
  /**
   * A newer configuration than ours, by which others decide, is known: to a server,
   * or (undefined) to our own data. We do not stand for election where that counts.
   * Once for each server and election.
   */
  | {
      readonly kind: "newerConfiguration";
      readonly from: Sid | undefined;
      readonly version: bigint;
      readonly ownVersion: bigint;
    }
  /** Leading: a server has promised a later epoch, and takes part without being counted until the next election. Once for each server. */
  | {
      readonly kind: "laterEpoch";
      readonly learner: Sid;
      readonly acceptedEpoch: Epoch;
      readonly epoch: Epoch;
    }
  /** Learning: we have promised a later epoch than the leader's, and follow without being counted. */
  | {
      readonly kind: "notCounted";
      readonly leader: Sid;
      readonly epoch: Epoch;
      readonly acceptedEpoch: Epoch;
    }
  /** Leading: how a learner will be brought up to date. */
  | {
      readonly kind: "syncChosen";
      readonly learner: Sid | undefined;
      readonly plan: SyncPlan;
      readonly learnerZxid: Zxid;
    }
  /** Learning: how we are brought up to date. */
  | { readonly kind: "syncBegun"; readonly packet: PacketKind; readonly zxid: Zxid }
  /** Leading: a learner joined or was lost. */
  | { readonly kind: "learnerSynced"; readonly learner: Sid | undefined }
  | { readonly kind: "learnerLost"; readonly learner: Sid | undefined; readonly why: string }
  /** The epoch is established (leading) or we are up to date in it (learning): clients may be served. */
  | { readonly kind: "serving"; readonly epoch: Epoch; readonly zxid: Zxid }
  | { readonly kind: "violation"; readonly violation: ProtocolViolation }
  /** A packet that no rule asks for and that does no harm. */
  | { readonly kind: "ignored"; readonly what: string }
  | { readonly kind: "snapshotWritten"; readonly zxid: Zxid; readonly bytes: number }
  | { readonly kind: "logCut"; readonly zxid: Zxid }
  /** The digest that a leader sent differs from ours at the same zxid. */
  | {
      readonly kind: "digestMismatch";
      readonly zxid: Zxid;
      readonly expected: bigint;
      readonly actual: bigint;
    }
  | { readonly kind: "removedFiles"; readonly names: readonly string[] };
