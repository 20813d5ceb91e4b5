/** What a peer must be told. All times are milliseconds. */
import type { QuorumVerifier } from "./membership/quorum-verifier.js";
import type { Sid } from "@jute-ts/zookeeper";

export interface PeerOptions {
  readonly sid: Sid;
  readonly ensemble: QuorumVerifier;
  readonly tickTimeMs: number;
  /** Ticks for connecting and synchronizing. */
  readonly initLimit: number;
  /** Ticks after which a silent server is lost. */
  readonly syncLimit: number;
  /** Ticks for the connection to a leader; initLimit when undefined. */
  readonly connectToLearnerMasterLimit?: number;
  /** Between repeated votes: first and longest interval. 200 and 60,000. */
  readonly minNotificationIntervalMs?: number;
  readonly maxNotificationIntervalMs?: number;
  /** How long a winner waits for a better vote. 200. */
  readonly finalizeWaitMs?: number;
  /**
   * The longest data of a packet of a learner, and the longest txn that a leader
   * makes, in bytes. 2 x 1,048,575, as Java's default. What others have committed
   * is taken and applied however long it is.
   */
  readonly maxPacketBytes?: number;
  /** Committed txns kept in memory for learners that come back. 500. */
  readonly commitLogCount?: number;
  /**
   * Bytes of packets that may wait for a slow learner before its connection is closed,
   * and of one server's requests that may wait for their commit. 64 MiB, or eight of
   * the longest packets where that is more.
   */
  readonly maxQueuedBytes?: number;
  /** Requests of one server's clients that may wait for an answer; more are refused, by the server itself and by its leader. 10,000. */
  readonly maxWaitingRequests?: number;
  /**
   * Whether a leader sends learners live traffic between NEWLEADER and UPTODATE already,
   * as Java's leaders do, to the harm of Java's followers (ZOOKEEPER-4394). False: it waits.
   */
  readonly liveBeforeUpToDate?: boolean;
  /** Whether a session that the leader does not know may be one that only another server knows (`localSessionsEnabled`). False. */
  readonly localSessions?: boolean;
  /** How often a leader looks for znodes that are overdue, in milliseconds. 60,000. */
  readonly overdueIntervalMs?: number;
  /** How many of them a leader removes in a minute. 10,000. */
  readonly maxOverduePerMinute?: number;
  readonly storage?: StorageOptions;
  /** A number in [0, 1), for jitter. Deterministic where runs must be repeatable. */
  readonly random: () => number;
}

export interface StorageOptions {
  /** A snapshot after snapCount/2 to snapCount txns. 100,000. */
  readonly snapCount?: number;
  /** Step by which log files grow, in bytes. 64 MiB. */
  readonly preAllocSizeBytes?: number;
  /** Most txns of one fsync. 1,000. */
  readonly maxBatchTxns?: number;
  /** Most bytes of one write to the log. 1 MiB, more only for a single txn that is longer. */
  readonly maxBatchBytes?: number;
  /** Bytes of one read at start-up. 1 MiB. */
  readonly readBytes?: number;
  /** Snapshots kept, at least 3; with the logs that they need. Undefined: nothing is ever removed. */
  readonly retainSnapshots?: number | undefined;
  /** How often older ones are removed, in milliseconds: first at the start. Undefined: whenever a snapshot was written. */
  readonly purgeIntervalMs?: number | undefined;
  /** Whether snapshots end with the tree's digest, and a loaded one is held to its own. True. */
  readonly digestInSnapshots?: boolean;
  /** Whether snapshots end with the last zxid, as since 3.9. True. */
  readonly lastZxidInSnapshots?: boolean;
  /** Whether an empty directory may become a new server that votes. True. */
  readonly autocreate?: boolean;
  /** Whether logs without any snapshot may be loaded, as an upgrade from 3.4 needs. False. */
  readonly trustEmptySnapshot?: boolean;
}

/** PeerOptions with every default filled in. */
export interface ResolvedPeerOptions extends Required<PeerOptions> {
  /** How long connecting and synchronizing may take. */
  readonly initTimeoutMs: number;
  /** After which time a silent server is lost. */
  readonly syncTimeoutMs: number;
  /** How long a learner tries to connect to the leader. */
  readonly reachLeaderTimeoutMs: number;
}

/** Fills in the defaults, which are ZooKeeper's. */
export function resolvePeerOptions(options: PeerOptions): ResolvedPeerOptions {
  const { tickTimeMs, initLimit, syncLimit } = options;
  const maxPacketBytes = options.maxPacketBytes ?? 2 * 0xfffff;
  const connectLimit = options.connectToLearnerMasterLimit ?? 0;
  return {
    ...options,
    // 0 means the same as nothing, as in zoo.cfg.
    connectToLearnerMasterLimit: connectLimit,
    minNotificationIntervalMs: options.minNotificationIntervalMs ?? 200,
    maxNotificationIntervalMs: options.maxNotificationIntervalMs ?? 60_000,
    finalizeWaitMs: options.finalizeWaitMs ?? 200,
    maxPacketBytes,
    commitLogCount: options.commitLogCount ?? 500,
    maxQueuedBytes: options.maxQueuedBytes ?? Math.max(64 * 1024 * 1024, 8 * maxPacketBytes),
    maxWaitingRequests: options.maxWaitingRequests ?? 10_000,
    liveBeforeUpToDate: options.liveBeforeUpToDate ?? false,
    localSessions: options.localSessions ?? false,
    overdueIntervalMs: options.overdueIntervalMs ?? 60_000,
    maxOverduePerMinute: options.maxOverduePerMinute ?? 10_000,
    storage: options.storage ?? {},
    initTimeoutMs: initLimit * tickTimeMs,
    syncTimeoutMs: syncLimit * tickTimeMs,
    reachLeaderTimeoutMs: (connectLimit === 0 ? initLimit : connectLimit) * tickTimeMs,
  };
}
