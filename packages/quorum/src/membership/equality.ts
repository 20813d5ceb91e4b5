/** When two verifiers mean the same ensemble, by the rule that servers use among themselves. */
import { canonicalHost } from "./host-name.js";
import { HierarchicalVerifier } from "./hierarchical.js";
import type { Member, MemberAddress, QuorumVerifier } from "./quorum-verifier.js";

/**
 * Whether both are of one kind and have one version, or else the same members,
 * groups and weights. Equal versions are believed without a look at the members:
 * only one reconfiguration has that zxid.
 */
export function sameEnsemble(a: QuorumVerifier, b: QuorumVerifier): boolean {
  if (a instanceof HierarchicalVerifier !== b instanceof HierarchicalVerifier) return false;
  return a.version === b.version || sameContents(a, b);
}

/**
 * Whether the same servers decide by both, in the same way: observers, addresses
 * and versions do not matter. Weights of 1 in one group each are not the same as none.
 */
export function sameQuorums(a: QuorumVerifier, b: QuorumVerifier): boolean {
  if (a instanceof HierarchicalVerifier !== b instanceof HierarchicalVerifier) return false;
  if (a.voters.size !== b.voters.size || ![...a.voters].every((sid) => b.voters.has(sid))) {
    return false;
  }
  if (a instanceof HierarchicalVerifier && b instanceof HierarchicalVerifier) {
    return sameGroups(a, b) && sameWeights(a, b);
  }
  return true;
}

function sameContents(a: QuorumVerifier, b: QuorumVerifier): boolean {
  if (a.members.size !== b.members.size) return false;
  for (const member of a.members.values()) {
    const other = b.members.get(member.sid);
    if (other === undefined || !sameMember(member, other)) return false;
  }
  if (a instanceof HierarchicalVerifier && b instanceof HierarchicalVerifier) {
    return sameGroups(a, b) && sameWeights(a, b);
  }
  return true;
}

function sameMember(a: Member, b: Member): boolean {
  return (
    a.role === b.role &&
    sameSet(a.addresses.map(addressKey), b.addresses.map(addressKey)) &&
    clientKey(a) === clientKey(b)
  );
}

function sameGroups(a: HierarchicalVerifier, b: HierarchicalVerifier): boolean {
  const keys = ({ groups }: HierarchicalVerifier): string[] =>
    [...groups].flatMap(([group, sids]) => sids.map((sid) => `${group} ${sid}`));
  return sameSet(keys(a), keys(b));
}

function sameWeights(a: HierarchicalVerifier, b: HierarchicalVerifier): boolean {
  const keys = ({ weights }: HierarchicalVerifier): string[] =>
    [...weights].map(([sid, weight]) => `${sid} ${weight}`);
  return sameSet(keys(a), keys(b));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a);
  return set.size === new Set(b).size && b.every((item) => set.has(item));
}

function addressKey({ host, quorumPort, electionPort }: MemberAddress): string {
  return `${canonicalHost(host)} ${quorumPort} ${electionPort}`;
}

function clientKey({ client }: Member): string {
  return client === undefined ? "" : `${canonicalHost(client.host)} ${client.port}`;
}
