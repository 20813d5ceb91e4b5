/** The real parts of an ensemble: peers of this package that replicate ZooKeeper's data tree. */
import { encodeNotification } from "../core/election/notification-codec.js";
import { majorityOf, observer, participant } from "../core/membership/ensemble.js";
import { HierarchicalVerifier } from "../core/membership/hierarchical.js";
import { encodePacket } from "../core/packets/codec.js";
import { QuorumPeer } from "../core/peer.js";
import { DataTree } from "../data-tree/index.js";
import type { PeerKit } from "./kit.js";

export const quorumKit: PeerKit = {
  newEnsemble({ voters, observers, groups }) {
    const members = [
      ...voters.map((sid) => participant(sid, `peer-${sid}`, PORTS)),
      ...observers.map((sid) => observer(sid, `peer-${sid}`, PORTS)),
    ];
    if (groups === undefined) return majorityOf(members);
    const numbered = new Map(groups.map((sids, at) => [BigInt(at + 1), sids]));
    return new HierarchicalVerifier(members, { groups: numbered, weights: new Map() });
  },
  newTree: ({ snapshotPieceBytes }) => new DataTree({ snapshotPieceBytes }),
  newPeer: (options, tree) => new QuorumPeer(options, tree),
  encodePacket,
  encodeNotification,
};

const PORTS = { quorumPort: 2888, electionPort: 3888 };
