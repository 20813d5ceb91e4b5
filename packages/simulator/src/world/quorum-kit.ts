/** The real parts of an ensemble: peers of this package that replicate ZooKeeper's data tree. */
import { encodeNotification, encodePacket } from "@jute-ts/quorum/wire";
import { HierarchicalVerifier, QuorumPeer } from "@jute-ts/quorum";
import { majorityOf, observer, participant } from "@jute-ts/quorum/membership";
import { DataTree } from "@jute-ts/data-tree";
import type { Sid } from "@jute-ts/zookeeper";
import type { PeerKit } from "./peer-kit.js";

export const quorumKit: PeerKit = {
  newEnsemble({ voters, observers, groups, weights, version }) {
    const members = [
      ...voters.map((sid) => participant(sid, `peer-${sid}`, PORTS)),
      ...observers.map((sid) => observer(sid, `peer-${sid}`, PORTS)),
    ];
    if (groups === undefined) return majorityOf(members, version);
    const numbered = new Map(groups.map((sids, at) => [BigInt(at + 1), sids]));
    const shares = { groups: numbered, weights: weights ?? new Map<Sid, number>() };
    return new HierarchicalVerifier(members, shares, version);
  },
  newState: ({ snapshotPieceBytes, extendedTypes }, member) =>
    new DataTree({ snapshotPieceBytes, extendedTypes, digests: member?.digests }),
  newPeer: (options, state, observe) => new QuorumPeer(options, state, observe),
  encodePacket,
  encodeNotification,
};

const PORTS = { quorumPort: 2888, electionPort: 3888 };
