/** Mutants of counting, limits of time, and what a leader does by itself. */
import { DataTree } from "@jute-ts/data-tree/internals/data-tree.js";
import { OutstandingChanges } from "@jute-ts/data-tree/internals/outstanding-changes.js";
import { Quotas } from "@jute-ts/data-tree/internals/quotas.js";
import { DigestSum } from "@jute-ts/data-tree/internals/tree-digest.js";
import { AckWatch } from "@jute-ts/quorum/internals/broadcast/ack-watch.js";
import { Backlog } from "@jute-ts/quorum/internals/broadcast/backlog.js";
import { LeaderBroadcast } from "@jute-ts/quorum/internals/broadcast/leader.js";
import { SessionTracker } from "@jute-ts/quorum/internals/broadcast/session-tracker.js";
import type { SessionTouch } from "@jute-ts/quorum/internals/wire/packet.js";
import { FastLeaderElection } from "@jute-ts/quorum/internals/election/fast-leader-election.js";
import { History } from "@jute-ts/quorum/internals/history.js";
import { Learner } from "@jute-ts/quorum/internals/learner.js";
import { Leader } from "@jute-ts/quorum/internals/leader.js";
import { LearnerLink } from "@jute-ts/quorum/internals/learner-link.js";
import { LearnerLinks } from "@jute-ts/quorum/internals/learner-links.js";
import { MajorityVerifier } from "@jute-ts/quorum/internals/membership/majority.js";
import { QuorumPeer } from "@jute-ts/quorum/internals/peer.js";
import type { LearnerConnection } from "@jute-ts/quorum/internals/peer-status.js";
import type { ChangeRequest } from "@jute-ts/quorum/internals/replicated-state.js";
import { OpCode, type Sid } from "@jute-ts/zookeeper";
import type { Mutant } from "../runs/mutant.js";
import { patch, patchGetter } from "./patch.js";

export const limitMutants: readonly Mutant[] = [
  {
    name: "half-is-a-quorum",
    bug: "Half of the voters are taken for a quorum, of which there may be two where their number is even.",
    apply: () =>
      patch(
        MajorityVerifier,
        "containsQuorum",
        (self: MajorityVerifier, _original: (sids: Iterable<Sid>) => boolean, sids) =>
          2 * [...new Set(sids)].filter((sid) => self.voters.has(sid)).length >= self.voters.size,
      ),
  },
  {
    name: "ack-watch-silent",
    bug: "A follower that answers pings and acknowledges nothing is kept for good.",
    apply: () => patch(AckWatch, "isOverdue", () => false),
  },
  {
    name: "silence-endured",
    bug: "A learner in sync waits for a silent leader as long as one that still joins.",
    apply: () =>
      patch(Learner, "onHeard", (self: Learner) => {
        const { nowMs, options } = self["context"];
        self["deadlineMs"] = nowMs + options.initTimeoutMs;
      }),
  },
  {
    name: "joining-in-haste",
    bug: "A learner that still joins waits for a silent leader no longer than one in sync.",
    apply: () =>
      patch(Learner, "onHeard", (self: Learner) => {
        const { nowMs, options } = self["context"];
        self["deadlineMs"] = nowMs + options.syncTimeoutMs;
      }),
  },
  {
    name: "link-up-ignored",
    bug: "Who looks for a leader tells a voter to whom a link comes up nothing until its vote's next turn.",
    apply: () => patch(FastLeaderElection, "onLinkUp", () => undefined),
  },
  {
    name: "silent-connection-kept",
    bug: "A leader has no timer for connections on which nothing comes.",
    apply: () => patchGetter(LearnerLinks, "nextDeadlineMs", () => Infinity),
  },
  {
    name: "loss-untold",
    bug: "A leader does not report the learners that it loses.",
    apply: () => patch(LearnerLinks, "reportLost", () => undefined),
  },
  {
    name: "requests-miscounted",
    bug: "Whatever comes from a learner is shown as a request for a change.",
    apply: () =>
      patch(Leader, "learnerConnections", (_self, original: () => readonly LearnerConnection[]) =>
        original().map((each) => ({ ...each, requests: each.packetsReceived })),
      ),
  },
  {
    name: "port-not-heard",
    bug: "A server is not told that its port is taken, and is elected though nobody can connect to it.",
    apply: () => patch(QuorumPeer, "onCannotListen", () => undefined),
  },
  {
    name: "synced-at-once",
    bug: "A learner counts as synchronized before it is: its time is syncLimit while it joins, and it keeps a leader in its position.",
    apply: () => patchGetter(LearnerLink, "isSynced", () => true),
  },
  {
    name: "touched-early",
    bug: "A session's time is counted from a millisecond before its client was heard from.",
    apply: () =>
      patch(
        SessionTracker,
        "touch",
        (
          _self: SessionTracker,
          original: (touch: SessionTouch, nowMs: number) => boolean,
          touch,
          nowMs,
        ) => original(touch, nowMs - 1),
      ),
  },
  {
    name: "close-ignored",
    bug: "A client that closes its session is not listened to.",
    apply: () =>
      patch(
        LeaderBroadcast,
        "admit",
        (
          _self: LeaderBroadcast,
          original: (change: ChangeRequest, ...more: unknown[]) => void,
          change,
          ...more
        ) => {
          if (change.opCode !== OpCode.closeSession || change.cxid === 0) original(change, ...more);
        },
      ),
  },
  {
    name: "containers-kept",
    bug: "Containers without children are never removed.",
    apply: () => patch(DataTree, "overdue", () => []),
  },
  {
    name: "owners-remembered",
    bug: "A leader remembers for good whose ephemerals it has prepared.",
    apply: () => patch(OutstandingChanges, "forgetOwner", () => undefined),
  },
  {
    name: "digest-compared-once",
    bug: "Whatever the digest of a tree is, it is taken for another one than the leader expects.",
    apply: () => patch(DigestSum, "is", () => false),
  },
  {
    name: "quota-keeps-what-is-gone",
    bug: "What is deleted goes on counting in the quota above it.",
    apply: () => patch(Quotas, "deleted", () => undefined),
  },
  {
    name: "requests-without-end",
    bug: "A leader takes whatever clients ask for, however much of it waits.",
    apply: () => patch(Backlog, "isFull", () => false),
  },
  {
    name: "configuration-not-shown",
    bug: "Clients are shown no configuration.",
    apply: () => patch(QuorumPeer, "showConfiguration", () => undefined),
  },
  {
    name: "ends-not-shown",
    bug: "Operators are shown no ends of sessions.",
    apply: () => patch(QuorumPeer, "sessionExpiries", () => new Map()),
  },
  {
    name: "difference-untold",
    bug: "Nobody is told of a tree that came to differ from its leader's.",
    apply: () => patch(History, "compareDigests", () => undefined),
  },
];
