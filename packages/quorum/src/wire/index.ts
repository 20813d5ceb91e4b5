/**
 * The public surface of `@jute-ts/quorum/wire`: the bytes of the ports on which servers
 * talk to each other, 2888 for packets and 3888 for elections.
 */
export {
  encodePacket,
  interpretPacket,
  PROTOCOL_VERSION,
  type Sender,
  SNAPSHOT_SIGNATURE,
} from "./codec.js";
export type {
  LearnerIdentity,
  OutgoingPacket,
  Packet,
  PacketKind,
  PacketOf,
  SessionTouch,
} from "./packet.js";
export { PacketStream, type PacketStreamOptions, type StreamItem } from "./packet-stream.js";
export {
  decodeElectionHello,
  type ElectionHello,
  ElectionHelloError,
  encodeElectionHello,
} from "./election-hello.js";
export type { Notification, ServerState, Vote } from "./notification.js";
export {
  decodeNotification,
  encodeNotification,
  MAX_NOTIFICATION_BYTES,
  NOTIFICATION_VERSION,
} from "./notification-codec.js";
