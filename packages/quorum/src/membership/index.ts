/**
 * The public surface of `@jute-ts/quorum/membership`: who belongs to an ensemble, which
 * of them are a quorum, and the texts in which ZooKeeper writes that down.
 */
export {
  ConfigurationTextError,
  parseConfigurationText,
  printConfigurationText,
} from "./configuration-text.js";
export {
  type EnsembleLine,
  type EnsembleProblem,
  type EnsembleResult,
  isEnsembleKey,
  parseId,
  parseVersion,
  readEnsemble,
} from "./ensemble-lines.js";
export { majorityOf, type MemberPorts, observer, participant } from "./ensemble.js";
export { sameEnsemble } from "./equality.js";
export { type GroupsAndWeights, HierarchicalVerifier } from "./hierarchical.js";
export { canonicalHost, isHostName, isIPv6 } from "./host-name.js";
export { MajorityVerifier } from "./majority.js";
export {
  type MemberText,
  type MemberTextOptions,
  parseMember,
  shown,
  splitAt,
} from "./member-text.js";
export { compareSids, membersBySid, printMember, printVersion, votersAmong } from "./members.js";
export type { Member, MemberAddress, QuorumVerifier } from "./quorum-verifier.js";
export { StandaloneVerifier } from "./standalone.js";
