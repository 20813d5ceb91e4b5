/**
 * What a simulated ensemble is made of: the peers, what they replicate and how
 * their messages become bytes. The real ones are in quorum-kit.ts; tests of the
 * simulator itself use small fakes.
 */
import type { Notification, OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Effect, PeerOptions, QuorumVerifier, ReplicatedState } from "@jute-ts/quorum";
import type { AuditOptions, ClientService, Measurements } from "@jute-ts/server/clients";
import type { PeerMachine } from "../checkers/checker.js";
import type { Random } from "./random.js";
import type { ClientRules, EnsembleShape, MemberSettings, WorldSettings } from "./settings.js";

/** What a client side goes by, and who is told of what it does. */
export interface ClientSideParts {
  readonly rules: ClientRules;
  readonly measurements: Measurements;
  readonly onAudited: AuditOptions["onEvent"];
}

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
  newClientService?(
    options: PeerOptions,
    state: ReplicatedState,
    random: Random,
    settings: WorldSettings,
    parts: ClientSideParts,
  ): ClientService;
  encodePacket(packet: OutgoingPacket): Uint8Array;
  encodeNotification(notification: Notification): Uint8Array;
}
