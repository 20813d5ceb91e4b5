/**
 * The ensemble protocol without I/O: `QuorumPeer` and what goes in and comes out.
 */
export { QuorumPeer } from "./peer.js";
export type { Clock, QuorumEvent } from "./events.js";
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
export type { PeerOptions, StorageOptions } from "./peer-options.js";
export type { LearnerStatus, PeerStatus, Phase, Role } from "./peer-status.js";
export type { Report } from "./report.js";
export { ProtocolViolation, type ViolationRule } from "./protocol-violation.js";
export type {
  ChangeRequest,
  ReplicatedState,
  SnapshotSink,
  SnapshotSource,
  Txn,
  TxnResult,
} from "./replicated-state.js";
export { decodeNotification, encodeNotification } from "./election/notification-codec.js";
export { encodePacket } from "./packets/codec.js";
export type {
  LearnerIdentity,
  OutgoingPacket,
  Packet,
  PacketKind,
  PacketOf,
  SessionTouch,
} from "./packets/packet.js";
export {
  PacketStream,
  type PacketStreamOptions,
  type StreamItem,
} from "./packets/packet-stream.js";
export type { Notification, ServerState, Vote } from "./election/notification.js";
export type { Member, MemberAddress, QuorumVerifier } from "./membership/quorum-verifier.js";
export {
  planSync,
  type SyncPlan,
  type SyncReason,
  type SyncSource,
} from "./synchronization/sync-plan.js";
export {
  counterOf,
  type Epoch,
  epochOf,
  epochStart,
  formatZxid,
  makeZxid,
  MAX_COUNTER,
  MAX_EPOCH,
  type Sid,
  type Zxid,
} from "./zxid.js";
export { MajorityVerifier } from "./membership/majority.js";
export { HierarchicalVerifier } from "./membership/hierarchical.js";
