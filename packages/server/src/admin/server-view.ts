/**
 * What operators ask about a server: the state that four-letter words, the admin
 * server, metrics and the page read. Nothing here is kept: every function looks
 * when it is called, and what it returns is the caller's own unless it says
 * "borrowed". All times are milliseconds; `WallMs` is since 1970, `Ms` alone is the
 * clock that never jumps (`performance.now()`), or a duration.
 *
 * This module is types only and knows nothing of Node, so the client service can
 * implement `ClientsView` and write to `Measurements` (measurements.ts).
 */
import type { PeerStatus } from "@jute-ts/quorum";
import type { QuorumVerifier } from "@jute-ts/quorum/membership";
import type { Sid, Zxid } from "@jute-ts/zookeeper";

/** As ZooKeeper's tools name what a server is. */
export type ServerMode = "leader" | "follower" | "observer" | "standalone" | "read-only";

/** What the client service knows: connections, sessions, watches. Implemented by the client service. */
export interface ClientsView {
  /**
   * The open connections of client ports in the order in which they came, also those
   * without a session yet, and the one that asks a four-letter word.
   */
  connections(): Iterable<ConnectionView>;
  /** How many of them there are. */
  readonly connectionCount: number;
  /** Requests that were read and are not answered yet, of all connections. */
  readonly outstandingRequests: number;
  /** The sessions that this server knows of. */
  sessions(): SessionsView;
  /** The watches on data: those of getData and exists, and persistent ones of both modes. In no order. */
  dataWatches(): Iterable<WatchView>;
  /** How many watches there are, on data and on children. */
  readonly watchCount: number;
  /** Whether clients are served that only read, because there is no leader. */
  readonly isReadOnly: boolean;
  /** How likely the connection throttle refuses a connect request at random, from 0 to 1. */
  readonly connectionDropProbability: number;
  /** `crst`: counts of packets and latencies of every connection begin again. */
  resetConnectionStatistics(): void;
}

export interface ConnectionView {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Whether it is inside TLS. */
  readonly secure: boolean;
  /** What it waits for: 1 while it is read, 4 while bytes wait to be sent, 5 both, 0 neither. */
  readonly interestOps: number;
  /** Requests of this connection that are not answered. */
  readonly outstandingRequests: number;
  /** Frames that came and went since `crst`, the connect handshake included. A four-letter word counts as 1 received. */
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** When it came. */
  readonly establishedWallMs: number;
  /** When it is closed unless something is heard from it: the timeout of its session, or that of connections without one. */
  readonly expiresMs: number;
  /** Undefined until the connect request is answered. */
  readonly session: ConnectionSessionView | undefined;
}

export interface ConnectionSessionView {
  readonly sessionId: bigint;
  /** The negotiated one. */
  readonly timeoutMs: number;
  /** The op code of the last request that was answered; -10 for the connect itself. Undefined since `crst`. */
  readonly lastOpCode: number | undefined;
  /** Of the last request, pings and other reserved xids aside; 0 before. */
  readonly lastCxid: number;
  /** Of the last reply. */
  readonly lastZxid: Zxid;
  /** When the last reply was made, on the clock that never jumps. */
  readonly lastResponseMs: number;
  /** From reading a request to its reply, since `crst`. All 0 before the first. */
  readonly latency: LatencyView;
}

export interface LatencyView {
  readonly lastMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Of all replies together, so that a mean can be made. */
  readonly totalMs: number;
  readonly count: number;
}

export interface SessionsView {
  /** Whether this server decides when global sessions expire: a leader or a standalone server. */
  readonly decidesExpiry: boolean;
  /** Sessions of the whole ensemble. In no order. */
  readonly global: readonly SessionView[];
  /** Sessions that only this server knows; undefined where local sessions are not enabled. */
  readonly local: readonly SessionView[] | undefined;
}

export interface SessionView {
  readonly sessionId: bigint;
  readonly timeoutMs: number;
}

export interface WatchView {
  readonly sessionId: bigint;
  readonly path: string;
}

/** What the replicated tree knows. */
export interface TreeView {
  readonly nodeCount: number;
  /** Bytes of all paths and data. */
  readonly approximateDataSize: number;
  readonly ephemeralCount: number;
  /** Sessions with the paths of their ephemerals. In no order. */
  ephemerals(): Iterable<readonly [sessionId: bigint, paths: readonly string[]]>;
  /** Of the last zxids that are multiples of 128, oldest first: the tree's digest after them. */
  digests(): Iterable<DigestView>;
}

export interface DigestView {
  readonly zxid: Zxid;
  readonly digest: bigint;
}

/** What `conf` shows. */
export interface SettingsView {
  /** -1: no such port. */
  readonly clientPort: number;
  readonly secureClientPort: number;
  /** With `version-2`. */
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly tickTimeMs: number;
  readonly maxClientConnections: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly clientPortListenBacklog: number;
  readonly sid: Sid;
  /** Undefined for a standalone server. */
  readonly quorum: QuorumSettingsView | undefined;
}

export interface QuorumSettingsView {
  readonly initLimitTicks: number;
  readonly syncLimitTicks: number;
  readonly ensemble: QuorumVerifier;
}

/** A learner as its leader sees it. */
export interface LearnerView {
  readonly sid: Sid | undefined;
  readonly role: "follower" | "observer";
  readonly votes: boolean;
  readonly synced: boolean;
  /** `host:port`. */
  readonly remoteAddress: string;
  readonly establishedWallMs: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** Of those that came, the requests for changes. */
  readonly requests: number;
  /** Bytes that wait to be sent. */
  readonly queuedBytes: number;
  readonly lastAckedZxid: Zxid;
}

/** What lies on the disk. */
export interface FilesView {
  /** Bytes of all snapshots, and of all logs. */
  readonly snapshotBytes: number;
  readonly logBytes: number;
  /** The newest snapshot; undefined: there is none. */
  readonly lastSnapshot: { readonly zxid: Zxid; readonly wallMs: number } | undefined;
}

/** Everything that is asked. */
export interface ServerView {
  /** As `zookeeper.version` of `envi`: begins with a release that tools can read. */
  readonly version: string;
  /** Undefined while clients are not served. */
  readonly mode: ServerMode | undefined;
  readonly standalone: boolean;
  /** Since this process serves. */
  readonly uptimeMs: number;
  /** Undefined for a standalone server. */
  readonly peer: PeerStatus | undefined;
  /** Of this server while it leads. */
  learners(): readonly LearnerView[];
  /** The counts of packets and requests of each observer begin again. */
  resetObserverStatistics(): void;
  /** Since this server leads; undefined while it does not. */
  readonly leaderUptimeMs: number | undefined;
  /** When sessions expire unless their clients are heard from, where this server decides that; otherwise none. */
  sessionExpiries(): ReadonlyMap<bigint, number>;
  /** Borrowed. */
  readonly clients: ClientsView;
  /** TLS handshakes of clients that are under way. */
  readonly handshakes: number;
  readonly tree: TreeView;
  readonly files: FilesView;
  readonly settings: SettingsView;
  readonly lastProcessedZxid: Zxid;
}

/** Answers four-letter words. The client port asks it with the first bytes of a connection, and closes after the answer. */
export interface FourLetterAnswers {
  /**
   * The whole answer, to be sent before the connection is closed; empty where nothing is
   * said. Undefined: these bytes are no word, so they belong to a client.
   *
   * `bytes` is what came first, at least four bytes; borrowed. `stmk` takes the eight
   * after its name, what follows any other word is ignored.
   */
  answer(bytes: Uint8Array): string | undefined;
}
