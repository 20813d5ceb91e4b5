/** Mutants of election and discovery: who may lead, and in which epoch. */
import { LeaderDiscovery } from "@jute-ts/quorum/internals/discovery/leader.js";
import {
  EpochAcceptance,
  EpochProposal,
} from "@jute-ts/quorum/internals/discovery/epoch-agreement.js";
import { LearnerDiscovery } from "@jute-ts/quorum/internals/discovery/learner.js";
import { FastLeaderElection } from "@jute-ts/quorum/internals/election/fast-leader-election.js";
import { Tally } from "@jute-ts/quorum/internals/election/tally.js";
import type { CastVote } from "@jute-ts/quorum/internals/election/vote.js";
import type { Vote } from "@jute-ts/quorum/wire";
import type { PeerContext } from "@jute-ts/quorum/internals/peer-context.js";
import type { Epoch, Sid } from "@jute-ts/zookeeper";
import type { Mutant } from "../runs/mutant.js";
import { all, patch, patchGetter } from "./patch.js";

export const electionMutants: readonly Mutant[] = [
  {
    name: "vote-without-zxid",
    bug: "Votes are ordered by server id alone: a server that lacks committed txns may win.",
    apply: () =>
      patch(
        FastLeaderElection,
        "isBetter",
        (_self, _original: (a: Vote, b: Vote) => boolean, a, b) => a.leader > b.leader,
      ),
  },
  {
    name: "vote-without-epoch",
    bug: "Votes are ordered without the peer epoch: a long history that was never committed may win.",
    apply: () =>
      patch(
        FastLeaderElection,
        "isBetter",
        (_self, _original: (a: Vote, b: Vote) => boolean, a, b) =>
          counterOf(a) !== counterOf(b) ? counterOf(a) > counterOf(b) : a.leader > b.leader,
      ),
  },
  {
    name: "election-without-quorum",
    bug: "A candidate wins with its own vote alone.",
    apply: () => patch(FastLeaderElection, "proposalHasQuorum", () => true),
  },
  {
    name: "rounds-mixed",
    bug: "Votes of earlier rounds count in the next one, with whatever history they are for.",
    apply: () =>
      all(
        patch(Tally, "clear", () => undefined),
        patch(
          Tally,
          "supportersOf",
          (self: Tally, _original: (vote: CastVote) => readonly Sid[], vote) =>
            [...self["votes"]]
              .filter(([, { leader }]) => leader === vote.leader)
              .map(([sid]) => sid),
        ),
      ),
  },
  {
    name: "settled-without-leader",
    bug: "Who looks follows whomever a quorum names, though that server has never said that it leads.",
    apply: () => patch(Tally, "saysThatItLeads", () => true),
  },
  {
    name: "ZOOKEEPER-1732",
    bug: "Servers go on announcing the epoch that their leader had before its leadership, so nobody can join later (1805, 1818).",
    apply: () => patch(FastLeaderElection, "acceptEpoch", () => undefined),
  },
  {
    name: "epoch-without-quorum",
    bug: "A leader decides on its epoch before a quorum has come.",
    apply: () => patchGetter(EpochProposal, "isDecided", () => true),
  },
  {
    name: "acceptance-without-quorum",
    bug: "A leader takes its epoch as accepted before a quorum has accepted it.",
    apply: () => patchGetter(EpochAcceptance, "isDecided", () => true),
  },
  {
    name: "epoch-of-followers-ignored",
    bug: "The new epoch is one past the leader's own, whatever its followers have accepted.",
    apply: () =>
      patch(
        EpochProposal,
        "arrive",
        (
          _self,
          original: (sid: bigint, votes: boolean, epoch: Epoch) => void,
          sid: bigint,
          votes: boolean,
          _epoch: Epoch,
        ) => {
          original(sid, votes, 0);
        },
      ),
  },
  {
    name: "recent-follower-not-refused",
    bug: "A follower that has more than the leader is synchronized, and loses it.",
    apply: () => patch(EpochAcceptance, "isAhead", () => false),
  },
  {
    name: "epoch-offered-before-stored",
    bug: "LEADERINFO leaves before the leader's acceptedEpoch is on disk.",
    apply: () =>
      patch(LeaderDiscovery, "decideEpoch", (self: LeaderDiscovery, original) => {
        const before: string = self["stage"];
        original();
        const after: string = self["stage"];
        if (before !== "proposing" || after !== "storing") return;
        const proposal: EpochProposal = self["proposal"];
        self.onAcceptedEpochDurable(proposal.candidate);
      }),
  },
  {
    name: "epoch-promised-before-stored",
    bug: "ACKEPOCH leaves before the learner's acceptedEpoch is on disk.",
    apply: () =>
      patch(
        LearnerDiscovery,
        "onLeaderInfo",
        (self: LearnerDiscovery, original: (packet: { readonly epoch: Epoch }) => void, packet) => {
          original(packet);
          self.onAcceptedEpochDurable(packet.epoch);
        },
      ),
  },
  {
    name: "epoch-promised-twice",
    bug: "A server that has accepted the epoch before counts again, for another leader of the same epoch.",
    apply: () =>
      patch(
        LearnerDiscovery,
        "accept",
        (self: LearnerDiscovery, original: (currentEpoch: Epoch | undefined) => void) => {
          const context: PeerContext = self["context"];
          original(context.storage.currentEpoch);
        },
      ),
  },
  {
    name: "votes-for-more-endured",
    bug: "Who is voted for with more than it has stays in the round, and those votes stay too.",
    apply: () => patch(FastLeaderElection, "callForRoundAfter", () => undefined),
  },
  {
    name: "made-leader-of-more",
    bug: "Who is told that it leads with more than it has believes it.",
    apply: () => patch(FastLeaderElection, "overstates", () => false),
  },
];

/** How many txns the last epoch had, as a long history shows it. */
function counterOf({ zxid }: Vote): bigint {
  return zxid & 0xffff_ffffn;
}
