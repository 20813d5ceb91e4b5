/** The real parts of an ensemble: peers of this package that replicate ZooKeeper's data tree. */
import { encodeNotification, encodePacket } from "@jute-ts/quorum/wire";
import { HierarchicalVerifier, QuorumPeer } from "@jute-ts/quorum";
import { majorityOf, observer, participant } from "@jute-ts/quorum/membership";
import { DataTree } from "@jute-ts/data-tree";
import type { Sid } from "@jute-ts/zookeeper";
import { ANY_SASL_USER, X509_SUPER_USER } from "../model/listed-users.js";
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
  newState: (settings, member) => {
    const { snapshotPieceBytes, extendedTypes, knowsLogins, neverUsedMs, quotas, peer } = settings;
    return new DataTree({
      snapshotPieceBytes,
      extendedTypes,
      localSessions: peer.localSessions,
      maxNeverUsedMs: neverUsedMs,
      access: {
        ...(knowsLogins ? { schemes: ALL_SCHEMES } : {}),
        anySaslUser: ANY_SASL_USER,
        x509SuperUser: X509_SUPER_USER,
      },
      digests: member?.digests,
      enforcesQuotas: quotas === "enforced",
    });
  },
  newPeer: (options, state, observe) => new QuorumPeer(options, state, observe),
  encodePacket,
  encodeNotification,
};

const ALL_SCHEMES = new Set(["digest", "ip", "sasl", "x509"] as const);

const PORTS = { quorumPort: 2888, electionPort: 3888 };
