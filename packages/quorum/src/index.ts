/**
 * The ensemble protocol without I/O: `QuorumPeer` and what goes in and comes out.
 */
export { QuorumPeer } from "./peer.js";
export { whyNotProposed } from "./broadcast/forwardable.js";
export type { Clock, QuorumEvent, UntimedEvent } from "./events.js";
export type {
  Answer,
  CloseReason,
  ConnectionId,
  Effect,
  RequestId,
  StopReason,
} from "./effects.js";
export type {
  Directory,
  FileFailure,
  FileLane,
  FileOperation,
  FileOperationId,
  FilePath,
  FileResult,
} from "./file-operations.js";
export { type OpenFile, OpenFiles } from "./open-files.js";
export type { PeerOptions, StorageOptions } from "./peer-options.js";
export type { LearnerConnection, LearnerStatus, PeerStatus, Phase, Role } from "./peer-status.js";
export type { Report } from "./report.js";
export { ProtocolViolation, type ViolationRule } from "./protocol-violation.js";
export type {
  ChangeRequest,
  ReplicatedState,
  StateLoader,
  SnapshotSource,
  LoggedTxn,
  TxnResult,
  ZnodeChange,
} from "./replicated-state.js";
export type { Member, MemberAddress, QuorumVerifier } from "./membership/quorum-verifier.js";
export {
  planSync,
  type SyncPlan,
  type SyncReason,
  type SyncSource,
} from "./synchronization/sync-plan.js";
export { MajorityVerifier } from "./membership/majority.js";
export { HierarchicalVerifier } from "./membership/hierarchical.js";
