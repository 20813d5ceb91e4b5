/** Mutants of synchronization: what a learner gets, and what it says that it has. */
import {
  LeaderSynchronization,
  type SyncListener,
} from "@jute-ts/quorum/internals/synchronization/leader.js";
import { LearnerSynchronization } from "@jute-ts/quorum/internals/synchronization/learner.js";
import type { SyncPlan } from "@jute-ts/quorum/internals/synchronization/sync-plan.js";
import type { LoggedTxn } from "@jute-ts/quorum/internals/replicated-state.js";
import type { PeerContext } from "@jute-ts/quorum/internals/peer-context.js";
import type { Epoch, Zxid } from "@jute-ts/zookeeper";
import type { Mutant } from "../runs/mutant.js";
import { all, patch } from "./patch.js";

export const synchronizationMutants: readonly Mutant[] = [
  {
    name: "ZOOKEEPER-4643",
    bug: "The learner stores the new epoch before the txns that it got: after a crash in between it outranks servers that have more.",
    apply: () => {
      const stored = new WeakSet();
      return all(
        patch(LearnerSynchronization, "logCommitted", (self: LearnerSynchronization, original) => {
          const { storage }: PeerContext = self["context"];
          const epoch: Epoch = self["epoch"];
          if (stored.has(self) || storage.currentEpoch === epoch) {
            original();
            return;
          }
          self["stage"] = "storingEpoch";
          storage.writeCurrentEpoch(epoch);
        }),
        patch(
          LearnerSynchronization,
          "onCurrentEpochDurable",
          (self: LearnerSynchronization, original: (epoch: Epoch) => void, epoch) => {
            if (stored.has(self) || epoch !== self["epoch"]) {
              original(epoch);
              return;
            }
            stored.add(self);
            self["logCommitted"]();
          },
        ),
      );
    },
  },
  {
    name: "ZOOKEEPER-4646",
    bug: "NEWLEADER is answered while the txns before it are on their way to the disk (4785).",
    apply: () =>
      patch(LearnerSynchronization, "storeEpochIfDurable", (self: LearnerSynchronization) => {
        self["stage"] = "storingEpoch";
        const { storage }: PeerContext = self["context"];
        const epoch: Epoch = self["epoch"];
        if (storage.currentEpoch === epoch) self["ackNewLeader"]();
        else storage.writeCurrentEpoch(epoch);
      }),
  },
  {
    name: "ZOOKEEPER-3911",
    bug: "NEWLEADER is answered before the new epoch is on disk.",
    apply: () =>
      patch(
        LearnerSynchronization,
        "storeEpochIfDurable",
        (self: LearnerSynchronization, original) => {
          original();
          if (self["stage"] === "storingEpoch") self["ackNewLeader"]();
        },
      ),
  },
  {
    name: "ZOOKEEPER-4394",
    bug: "A COMMIT between NEWLEADER and UPTODATE is lost.",
    apply: () =>
      patch(
        LearnerSynchronization,
        "onCommit",
        (
          self: LearnerSynchronization,
          original: (zxid: Zxid, kind: string) => void,
          zxid,
          kind,
        ) => {
          if (self["stage"] === "collecting") original(zxid, kind);
        },
      ),
  },
  {
    name: "ZOOKEEPER-1551",
    bug: "Txns that arrive between NEWLEADER and UPTODATE are lost.",
    apply: () =>
      patch(
        LearnerSynchronization,
        "onProposal",
        (
          self: LearnerSynchronization,
          original: (txn: LoggedTxn, kind: string) => boolean,
          txn: LoggedTxn,
          kind: string,
        ) => {
          if (self["stage"] === "collecting") return original(txn, kind);
          self["lastQueued"] = txn.zxid;
          return false;
        },
      ),
  },
  {
    name: "snapshot-not-installed",
    bug: "A snapshot from the leader is answered for and never written (3642, power loss).",
    apply: () =>
      patch(LearnerSynchronization, "installSnapshotIfAny", (self: LearnerSynchronization) => {
        self["logCommitted"]();
      }),
  },
  {
    name: "uncommitted-kept",
    bug: "A learner with txns that were never committed gets DIFF and keeps them.",
    apply: () =>
      patch(LeaderSynchronization, "plan", (_self, original: (link: unknown) => SyncPlan, link) => {
        const plan = original(link);
        return plan.kind === "TRUNC" ? { ...plan, kind: "DIFF" as const } : plan;
      }),
  },
  {
    name: "ZOOKEEPER-2418",
    bug: "DIFF leaves out the oldest of the txns that the learner lacks.",
    apply: () =>
      patch(LeaderSynchronization, "plan", (_self, original: (link: unknown) => SyncPlan, link) => {
        const plan = original(link);
        return plan.kind === "DIFF" ? { ...plan, txns: plan.txns.slice(1) } : plan;
      }),
  },
  {
    name: "established-alone",
    bug: "A leader serves before a quorum has its history.",
    apply: () =>
      patch(
        LeaderSynchronization,
        "onCurrentEpochDurable",
        (self: LeaderSynchronization, original: (epoch: Epoch) => void, epoch) => {
          original(epoch);
          if (self["established"]) return;
          self["established"] = true;
          const listener: SyncListener = self["listener"];
          listener.onEpochEstablished(epoch);
        },
      ),
  },
];
