/** Mutants of what servers make of others that break the rules. */
import { LearnerBroadcast } from "@jute-ts/quorum/internals/broadcast/learner.js";
import { LeaderDiscovery } from "@jute-ts/quorum/internals/discovery/leader.js";
import type { CloseReason, ConnectionId } from "@jute-ts/quorum";
import type { LearnerLink } from "@jute-ts/quorum/internals/learner-link.js";
import { ended, LearnerLinks } from "@jute-ts/quorum/internals/learner-links.js";
import { PeerContext } from "@jute-ts/quorum/internals/peer-context.js";
import { ProtocolViolation } from "@jute-ts/quorum/internals/protocol-violation.js";
import type { LoggedTxn } from "@jute-ts/quorum/internals/replicated-state.js";
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import type { Mutant } from "../runs/mutant.js";
import { patch } from "./patch.js";

/** Replaces what a leader does with the connection of a learner that has broken a rule. `close`: what it does otherwise. */
function patchRefusal(
  refuse: (
    reason: Extract<CloseReason, { kind: "violation" }>,
    context: PeerContext,
    close: () => void,
  ) => void,
): () => void {
  return patch(
    LearnerLinks,
    "close",
    (
      self: LearnerLinks,
      original: (link: LearnerLink, reason: CloseReason) => void,
      link,
      reason,
    ) => {
      const close = (): void => {
        original(link, reason);
      };
      if (reason.kind === "violation") refuse(reason, self["context"], close);
      else close();
    },
  );
}

export const ruleMutants: readonly Mutant[] = [
  {
    name: "broken-rule-taken-for-end",
    bug: "A connection on which a rule was broken is closed as any other, and nobody is told of the rule.",
    apply: () =>
      patch(
        PeerContext,
        "close",
        (
          _self: PeerContext,
          original: (connection: ConnectionId, reason: CloseReason) => void,
          connection,
          reason,
        ) => {
          const isBroken = reason.kind === "violation";
          original(connection, isBroken ? ended(reason.violation.message) : reason);
        },
      ),
  },
  {
    name: "broken-rule-forgiven",
    bug: "A leader reports that a learner has broken a rule, and goes on with its connection.",
    apply: () =>
      patchRefusal((reason, context) => {
        context.report(reason);
      }),
  },
  {
    name: "broken-rule-ends-leadership",
    bug: "A leader steps down when one of its learners breaks a rule.",
    apply: () =>
      patchRefusal((reason, context, close) => {
        close();
        context.leave(reason.violation.message);
      }),
  },
  {
    name: "gap-not-refused",
    bug: "A follower logs whatever its leader proposes, whether it follows what it has or not.",
    apply: () =>
      patch(
        LearnerBroadcast,
        "onProposal",
        (self: LearnerBroadcast, original: (txn: LoggedTxn, kind: string) => void, txn, kind) => {
          try {
            original(txn, kind);
          } catch (error) {
            if (!(error instanceof ProtocolViolation)) throw error;
            self["lastQueued"] = txn.zxid;
            self["log"](txn);
          }
        },
      ),
  },
  {
    name: "commit-of-any",
    bug: "A COMMIT commits the next proposal, whichever it names.",
    apply: () =>
      patch(
        LearnerBroadcast,
        "onCommit",
        (self: LearnerBroadcast, original: (zxid: Zxid, kind: string) => void, zxid, kind) => {
          const pending: readonly LoggedTxn[] = self["pending"];
          original(pending[0]?.zxid ?? zxid, kind);
        },
      ),
  },
  {
    name: "strangers-welcome",
    bug: "A leader takes anyone for the learner that it says it is, the leader itself and servers that are no members included.",
    apply: () =>
      patch(
        LeaderDiscovery,
        "identify",
        (
          _self: LeaderDiscovery,
          original: (
            link: LearnerLink,
            packet: { readonly identity: { readonly sid: Sid } },
          ) => Sid,
          link,
          packet,
        ) => {
          try {
            return original(link, packet);
          } catch (error) {
            if (!(error instanceof ProtocolViolation) || error.rule !== "identity") throw error;
            return packet.identity.sid;
          }
        },
      ),
  },
];
