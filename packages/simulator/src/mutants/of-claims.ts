/** Mutants of what a leader makes of those who say that they are members, and they of it. */
import { LeaderDiscovery } from "@jute-ts/quorum/internals/discovery/leader.js";
import { LearnerDiscovery } from "@jute-ts/quorum/internals/discovery/learner.js";
import type { LearnerDescription, LearnerLink } from "@jute-ts/quorum/internals/learner-link.js";
import { ended, LearnerLinks } from "@jute-ts/quorum/internals/learner-links.js";
import type { PeerContext } from "@jute-ts/quorum/internals/peer-context.js";
import type { Epoch, Sid } from "@jute-ts/zookeeper";
import type { Mutant } from "../runs/mutant.js";
import { patch } from "./patch.js";

export const claimMutants: readonly Mutant[] = [
  {
    name: "later-epoch-ends-leadership",
    bug: "A leader steps down for whoever says that a member has accepted a later epoch.",
    apply: () =>
      patch(
        LeaderDiscovery,
        "noteLaterEpoch",
        (self: LeaderDiscovery, original: (sid: Sid, epoch: Epoch) => void, sid, epoch) => {
          original(sid, epoch);
          const context: PeerContext = self["context"];
          context.leave(`server ${sid} has accepted epoch ${epoch}`);
        },
      ),
  },
  {
    name: "newer-connection-wins",
    bug: "A connection that says it is a member closes the one that this member has.",
    apply: () =>
      patch(
        LearnerLinks,
        "limitUnregistered",
        (self: LearnerLinks, _original: (sid: Sid) => void, sid) => {
          const same = self.all().filter((link) => link.sid === sid);
          for (const link of same.slice(0, -1)) self.close(link, ended("connected again"));
        },
      ),
  },
  {
    name: "locked-out-by-promise",
    bug: "A server that has promised a later epoch refuses the leader's for as long as that leads (2354).",
    apply: () => patch(LearnerDiscovery, "mayFollowUncounted", () => false),
  },
  {
    name: "promise-broken",
    bug: "A leader counts what a server acknowledges that has promised a later epoch.",
    apply: () =>
      patch(
        LeaderDiscovery,
        "onLearnerInfo",
        (
          self: LeaderDiscovery,
          original: (link: LearnerLink, packet: unknown) => void,
          link,
          packet,
        ) => {
          original(link, packet);
          const context: PeerContext = self["context"];
          const { learner } = link;
          if (learner?.role !== "follower") return;
          const votes = context.options.ensemble.voters.has(learner.sid);
          link.learner = { ...learner, votes } satisfies LearnerDescription;
        },
      ),
  },
];
