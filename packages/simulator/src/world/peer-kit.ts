/**
 * What a simulated ensemble is made of: the peers, what they replicate and how
 * their messages become bytes. The real ones are in quorum-kit.ts; tests of the
 * simulator itself use small fakes.
 */
import type { Notification, OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Effect, PeerOptions, QuorumVerifier, ReplicatedState } from "@jute-ts/quorum";
import type { ClientService } from "@jute-ts/server/clients";
import type { PeerMachine } from "../checkers/checker.js";
import type { Random } from "./random.js";
import type { EnsembleShape, MemberSettings, WorldSettings } from "./settings.js";

export interface PeerKit {
  newEnsemble(shape: EnsembleShape): QuorumVerifier;
  /** What a new process of a peer replicates, before it has read its disk. */
  newState(settings: WorldSettings, member?: MemberSettings): ReplicatedState;
  /** `observe`: called with each effect at the moment when it arises. */
  newPeer(
    options: PeerOptions,
    state: ReplicatedState,
    observe?: (effect: Effect) => void,
  ): PeerMachine;
  /** What serves clients beside a new process of a peer. Left out: nobody, and clients ask the peer. */
  newClientService?(options: PeerOptions, state: ReplicatedState, random: Random): ClientService;
  encodePacket(packet: OutgoingPacket): Uint8Array;
  encodeNotification(notification: Notification): Uint8Array;
}
