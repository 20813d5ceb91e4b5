/** Mutants of broadcast and of the replicated state: what is committed, acknowledged and applied. */
import { AckTracker } from "@jute-ts/quorum/internals/broadcast/ack-tracker.js";
import { LeaderBroadcast } from "@jute-ts/quorum/internals/broadcast/leader.js";
import { LearnerBroadcast } from "@jute-ts/quorum/internals/broadcast/learner.js";
import { SessionTracker } from "@jute-ts/quorum/internals/broadcast/session-tracker.js";
import type { RequestId } from "@jute-ts/quorum/internals/effects.js";
import type { LearnerLink } from "@jute-ts/quorum/internals/learner-link.js";
import { QuorumPeer } from "@jute-ts/quorum/internals/peer.js";
import type { LoggedTxn } from "@jute-ts/quorum/internals/replicated-state.js";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import { OpenSnapshots } from "@jute-ts/data-tree/internals/snapshot-image.js";
import { OutstandingChanges } from "@jute-ts/data-tree/internals/outstanding-changes.js";
import type { Mutant } from "../runs/mutant.js";
import { patch } from "./patch.js";

export const broadcastMutants: readonly Mutant[] = [
  {
    name: "syncs-merged-into-one",
    bug: "Of a learner's syncs that wait for the same commit, one is answered.",
    apply: () =>
      patch(
        LeaderBroadcast,
        "addSync",
        (
          self: LeaderBroadcast,
          original: (after: Zxid, waiting: RequestId | LearnerLink) => void,
          after,
          waiting,
        ) => {
          const syncs: readonly { readonly after: Zxid; readonly waiting: unknown }[] =
            self["syncs"];
          const isKnown = syncs.some((sync) => sync.after === after && sync.waiting === waiting);
          if (typeof waiting === "number" || !isKnown) original(after, waiting);
        },
      ),
  },
  {
    name: "commit-by-minority",
    bug: "A proposal is committed as soon as one server has it on disk.",
    apply: () =>
      patch(
        AckTracker,
        "isCommitted",
        (self: AckTracker, _original: (zxid: Zxid) => boolean, zxid) => {
          const ackedBySid: ReadonlyMap<Sid, Zxid> = self["acked"];
          return [...ackedBySid.values()].some((acked) => acked >= zxid);
        },
      ),
  },
  {
    name: "acks-not-withdrawn",
    bug: "What a follower acknowledged on an older connection counts, although it was told to cut it since.",
    apply: () => patch(AckTracker, "withdraw", () => undefined),
  },
  {
    name: "leader-acks-before-log",
    bug: "A leader counts itself for a proposal that its disk does not have.",
    apply: () =>
      patch(
        LeaderBroadcast,
        "propose",
        (self: LeaderBroadcast, original: (...args: unknown[]) => void, ...args) => {
          original(...args);
          self.onDurable(self.lastProposed);
        },
      ),
  },
  {
    name: "follower-acks-before-log",
    bug: "A follower acknowledges a proposal that its disk does not have.",
    apply: () =>
      patch(
        LearnerBroadcast,
        "log",
        (self: LearnerBroadcast, original: (txn: LoggedTxn) => void, txn) => {
          original(txn);
          self.onDurable(txn.zxid);
        },
      ),
  },
  {
    name: "never-steps-down",
    bug: "A leader that hears from nobody goes on serving.",
    apply: () => patch(LeaderBroadcast, "hearsQuorum", () => true),
  },
  {
    name: "sync-answered-early",
    bug: "A sync is answered while txns that were proposed before it wait for their commit.",
    apply: () =>
      patch(
        LeaderBroadcast,
        "syncAfterOutstanding",
        (self: LeaderBroadcast, _original: (waiting: RequestId | LearnerLink) => void, waiting) => {
          self["answerSync"](waiting);
        },
      ),
  },
  {
    name: "answers-lost",
    bug: "A follower forgets which client waits for a txn.",
    apply: () => patch(LearnerBroadcast, "onSync", () => undefined),
  },
  {
    name: "session-never-expires",
    bug: "A session whose client is gone is kept forever, and its ephemerals with it.",
    apply: () => patch(SessionTracker, "takeExpired", () => []),
  },
  {
    name: "ZOOKEEPER-2845",
    bug: "Txns that are logged and not applied are missing in memory when the role changes.",
    apply: () => patch(QuorumPeer, "catchUpWithLog", () => undefined),
  },
  {
    name: "ZOOKEEPER-4712",
    bug: "The next role begins while txns of the last one are on their way to the disk.",
    apply: () =>
      patch(QuorumPeer, "leaveRole", (self: QuorumPeer, original: (why: string) => void, why) => {
        original(why);
        self["onDrained"]();
      }),
  },
  {
    name: "ZOOKEEPER-1624",
    bug: "A multi that fails leaves its changes among the pending ones.",
    apply: () => patch(OutstandingChanges, "rollBack", () => undefined),
  },
  {
    name: "ZOOKEEPER-3144",
    bug: "A snapshot mixes what the tree was when it began and what it became since (3127, 3145).",
    apply: () => patch(OpenSnapshots, "beforeChange", () => undefined),
  },
];
