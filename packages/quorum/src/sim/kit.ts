/**
 * What a simulated ensemble is made of: the peers, what they replicate and how
 * their messages become bytes. The real ones are in quorum-kit.ts; tests of the
 * simulator itself use small fakes.
 */
import type { Notification } from "../core/election/notification.js";
import type { QuorumVerifier } from "../core/membership/quorum-verifier.js";
import type { OutgoingPacket } from "../core/packets/packet.js";
import type { PeerOptions } from "../core/peer-options.js";
import type { DataTree } from "../data-tree/index.js";
import type { PeerMachine } from "./checker.js";
import type { EnsembleShape, WorldSettings } from "./settings.js";

export interface PeerKit {
  newEnsemble(shape: EnsembleShape): QuorumVerifier;
  newTree(settings: WorldSettings): DataTree;
  newPeer(options: PeerOptions, tree: DataTree): PeerMachine;
  encodePacket(packet: OutgoingPacket): Uint8Array;
  encodeNotification(notification: Notification): Uint8Array;
}
