/**
 * What the simulator shows to those that judge it. A checker sees everything that
 * happens, in order, and may look at every peer and disk as they are at that
 * moment; it changes nothing. It knows what must hold, and nothing of how faults
 * or clients are made.
 *
 * Observations are lent for the call: a checker that remembers copies what it
 * needs. Effects, events, packets and txns never change, and may be kept; so may
 * `PeerStatus`. The bytes of a `received` or `notified` event may not.
 */
import type {
  ConnectionId,
  Directory,
  Effect,
  FileOperation,
  FilePath,
  FileResult,
  LearnerConnection,
  PeerStatus,
  QuorumEvent,
  ReplicatedState,
  StorageOptions,
} from "@jute-ts/quorum";
import type { OutgoingPacket } from "@jute-ts/quorum/wire";
import type { Sid } from "@jute-ts/zookeeper";
import type { DataTree } from "@jute-ts/data-tree";
import type {
  AuditEvent,
  ClientCloseReason,
  ClientsView,
  ClientUpkeep,
} from "@jute-ts/server/clients";
import type { ClientAnswer, ClientRequest, OperationId } from "../clients/client.js";
import type { FrameHappening } from "../client-port/frame-event.js";
import type { SocketId } from "../world/client-network.js";
import type { EnsembleModel } from "../model/ensemble-model.js";
import type { ClientRules, EnsembleShape } from "../world/settings.js";
import type { SeenClients } from "../world/client-door.js";
import type { Misstatement } from "../world/misstatement.js";
import type { CountedFigures } from "../world/counted-figures.js";

/** Judges a run. One object judges one run, so it may hold whatever it has learned so far. */
export interface Checker {
  /** As violations, the table of mutants and the command line name it: "prefix-consistency". */
  readonly name: string;
  /** What it wants to be shown. What it does not watch, it never hears of. */
  readonly watches: readonly Watch[];
  /** Called after each thing that it watches has happened. Throws `InvariantViolation`. */
  observe(observation: Observation, world: WorldView): void;
  /** Called once, when the ensemble has healed and is at rest: all live members are in the last epoch and equal. */
  atEnd?(world: WorldView): void;
}

/**
 * A kind of observation; or a part of a step, to be shown the steps that have it:
 * the peer's status changed, packets or votes were sent, txns were applied,
 * something was reported, a vote has come; or what the peer is before or after the
 * step: a leader, a follower or observer, or looking for a leader.
 */
export type Watch =
  | Observation["kind"]
  | ("changed" | "sent" | "applied" | "reported" | "notified")
  | ("leading" | "learning" | "looking");

/** Something that must never happen has happened. Any other error that leaves a run is a bug of the peer or of the simulator, and is reported as such. */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
  /** The invariant, by the name that the specifications give it: "PrefixConsistency". */
  readonly invariant: string;

  /** `text` says what was seen, where, and what it contradicts. */
  constructor(invariant: string, text: string) {
    super(text);
    this.invariant = invariant;
  }
}

export type Observation =
  /**
   * A peer handled an event. `effects` are those that were carried out: a crash
   * may fall between two effects of a step, and what comes after never happened.
   * Shown after the effects were handed to network, disk and clients, which act on
   * them later. `after` is `before` itself when the step changed nothing in it.
   */
  | {
      readonly kind: "step";
      readonly sid: Sid;
      readonly event: QuorumEvent;
      readonly effects: readonly Effect[];
      readonly before: PeerStatus;
      readonly after: PeerStatus;
    }
  /** The process ended without a word. Its memory is gone; its disk is already what the crash left. */
  | { readonly kind: "crash"; readonly sid: Sid }
  /** A process was started on the disk as it is now. Its `start` event is the next step of this peer. */
  | { readonly kind: "restart"; readonly sid: Sid }
  /** The process takes part in nothing until it is resumed; what reaches it waits. */
  | { readonly kind: "pause"; readonly sid: Sid }
  | { readonly kind: "resume"; readonly sid: Sid }
  /** The disk carried out an operation. The peer hears of it later, or never. */
  | {
      readonly kind: "file";
      readonly sid: Sid;
      readonly operation: FileOperation;
      readonly result: FileResult;
    }
  /** All bytes of a packet have reached the receiver, whose next step handles the last of them. `connection` is the receiver's end. */
  | {
      readonly kind: "delivered";
      readonly from: Sid;
      readonly to: Sid;
      readonly connection: ConnectionId;
      readonly packet: OutgoingPacket;
    }
  /**
   * The same of something that its sender must not say. Where it breaks a rule, nothing that
   * follows on the connection is shown as delivered.
   */
  | {
      readonly kind: "misstated";
      readonly from: Sid;
      readonly to: Sid;
      readonly connection: ConnectionId;
      readonly misstatement: Misstatement;
    }
  /** A client asked. The request has not yet reached the peer. */
  | {
      readonly kind: "invoke";
      readonly operation: OperationId;
      readonly client: string;
      readonly sid: Sid;
      readonly request: ClientRequest;
    }
  /** The answer has reached the client. An operation without one, at the end of a run, is still under way. */
  | {
      readonly kind: "return";
      readonly operation: OperationId;
      readonly client: string;
      readonly sid: Sid;
      readonly request: ClientRequest;
      readonly answer: ClientAnswer;
    }
  /** A client of the client port did something, or learned something. `sid`: whom it is connected with. */
  | { readonly kind: "frame"; readonly sid: Sid; readonly happening: FrameHappening }
  /** Something has become of a connection at a server's client port. */
  | {
      readonly kind: "connection";
      readonly sid: Sid;
      readonly connection: SocketId;
      readonly address: string;
      readonly change: ConnectionChange;
      /** Of one that the server closes. */
      readonly closing?: Closing | undefined;
    }
  /** A server's client side has sent and closed all that it had to. */
  | ({ readonly kind: "settled"; readonly sid: Sid } & ClientLoad)
  /** A server's client side is at rest, and its figures can be compared with what was seen of it. */
  | ({ readonly kind: "counted"; readonly sid: Sid } & ClientFigures)
  /** A server has written into its audit log. */
  | { readonly kind: "audited"; readonly sid: Sid; readonly event: AuditEvent }
  /** The disk of a process that is down is about to be replaced: by an empty one, an older one, or what is left of it. */
  | { readonly kind: "newDisk"; readonly sid: Sid }
  /** Bytes that no server of the ensemble has sent will reach this one: it may have reason to complain. */
  | { readonly kind: "interference"; readonly sid: Sid }
  /** No more faults from here on; everything that was broken is being repaired. */
  | { readonly kind: "healing" }
  /** All is repaired, and every client of the client port is served: none has reason to go. */
  | { readonly kind: "calm" };

/**
 * What becomes of a connection: the server takes it, or closes it at once because there are
 * too many; it takes in bytes; it sends something for the first time; it closes it, or
 * learns that the client has. When a server's process ends, so do all its connections.
 */
export type ConnectionChange = "admitted" | "refused" | "heard" | "answered" | "closed" | "ended";

/** How a server closes a connection. */
export interface Closing {
  /** As it says itself. */
  readonly reason: ClientCloseReason;
  /** What was sent since something that was sent before had to wait for the client to read, in bytes. */
  readonly congestedBytes: number;
  /** Whether the quorum has answered something that was asked on it with not knowing what becomes of it. */
  readonly isUnknown: boolean;
}

/** Connections that were let in, by what their server has made of them. */
export interface BegunSessions {
  /** The ensemble was asked to begin a session, or whether there is one. */
  readonly global: number;
  readonly renewed: number;
  /** The server has answered by itself. */
  readonly here: number;
}

/** What a server has to do for clients. */
export interface ClientLoad {
  /** How many connections it still has on which it has ever sent something. */
  readonly answered: number;
  /** How many requests of connections that it still has it has asked of the quorum without an answer. */
  readonly inProcess: number;
  /** How much was written for one connection, at the most, when another answer was added to it: in bytes, without events. */
  readonly unsentBytes: number;
  /** The most that was sent on one connection since that is congested, in bytes. */
  readonly congestedBytes: number;
  /** The lengths of requests that it has certainly taken and not answered. */
  readonly unansweredLengths: readonly number[];
  /** On how many connections sessions have begun or come over since the last time, or were to. */
  readonly begun: BegunSessions;
}

/** What a server tells its operators of its clients, and what was seen of them from outside. */
export interface ClientFigures {
  readonly seen: SeenClients;
  /** Borrowed, like what it gives. */
  readonly shown: ClientsView;
  readonly measured: CountedFigures;
  /** What it remembers beside its connections, and of how many connections, gone or not, the quorum owes it answers. */
  readonly upkeep: ClientUpkeep;
  readonly owed: number;
}

export interface WorldView {
  /** Simulated time since the run began. */
  readonly nowMs: number;
  readonly phase: "safety" | "healing";
  /** Who is in the ensemble and what a quorum is, counted by the simulator itself. */
  readonly ensemble: EnsembleModel;
  /** All members, by sid in rising order, whether they are up or down. */
  readonly peers: ReadonlyMap<Sid, PeerView>;
  /** Whose end of a connection this id names, and who is at the other end. Known until the run ends. */
  connection(id: ConnectionId): ConnectionView;
  /** An empty state of the kind that peers replicate, to compare theirs with. */
  newState(): ReplicatedState;
}

export interface PeerView {
  readonly sid: Sid;
  readonly up: boolean;
  readonly paused: boolean;
  /** Undefined while the process is down. */
  readonly peer: PeerMachine | undefined;
  /** As it was after the last step; undefined while the process is down. */
  readonly status: PeerStatus | undefined;
  /** What the peer replicates; undefined while the process is down. */
  readonly state: ReplicatedState | undefined;
  /** The same, where it is ZooKeeper's data tree. */
  readonly tree: DataTree | undefined;
  readonly disk: DiskView;
  /** What it was told about its disk; undefined while the process is down. */
  readonly storage?: StorageOptions | undefined;
  /** The ensemble as its configuration has it; undefined while the process is down. */
  readonly configured?: EnsembleShape | undefined;
  /** How many requests of its clients it was told to let wait; undefined while the process is down. */
  readonly maxWaitingRequests?: number | undefined;
  /** By what its client port goes; undefined while the process is down, and where clients are not served. */
  readonly clientRules?: ClientRules | undefined;
}

/** What the simulator needs to know of a peer: `QuorumPeer` is one, a test's fake another. */
export interface PeerMachine {
  step(event: QuorumEvent): readonly Effect[];
  nextDeadline(): number | undefined;
  status(): PeerStatus;
  /** The connections of its learners while it leads. Left out by those that show none. */
  learnerConnections?(): readonly LearnerConnection[];
  /** When each session expires, on the peer's clock, while it leads. Left out by those that show none. */
  sessionExpiries?(): ReadonlyMap<bigint, number>;
}

export interface ConnectionView {
  readonly owner: Sid;
  readonly remote: Sid;
  /** The id of the same connection at the remote; undefined until it was accepted there. */
  readonly remoteConnection: ConnectionId | undefined;
  /** Whether the owner opened it, as a learner does, or accepted it. */
  readonly side: "opened" | "accepted";
}

/**
 * Which state of a disk: `current` is what a process reads now, `durable` what
 * is there after a crash that loses everything it may lose.
 */
export type DiskImage = "current" | "durable";

export interface DiskView {
  /** The names in a directory, sorted. Empty when there is no such directory. */
  names(directory: Directory, image: DiskImage): readonly string[];
  /** A copy of a file's bytes, or undefined when there is no such file. */
  contents(file: FilePath, image: DiskImage): Uint8Array | undefined;
  /** Whether both images of a file certainly hold the same bytes under its name. */
  isDurable(file: FilePath): boolean;
}
