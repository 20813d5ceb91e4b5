/** A server made of constants, in a state in which a server of Apache ZooKeeper 3.8.0 was asked. */
import type { PeerStatus } from "@jute-ts/quorum";
import { majorityOf, observer, participant } from "@jute-ts/quorum/membership";
import { OpCode } from "@jute-ts/zookeeper";
import { FourLetterWords } from "../src/admin/four-letter-words.js";
import { PeerMetrics } from "../src/admin/peer-metrics.js";
import type {
  ClientsView,
  ConnectionView,
  ServerMode,
  ServerView,
} from "../src/admin/server-view.js";
import { newTraceMask } from "../src/admin/trace-mask.js";

export const HAND_MADE_STATUS: PeerStatus = {
  sid: 1n,
  role: "following",
  phase: "broadcast",
  serving: true,
  leader: 2n,
  acceptedEpoch: 1,
  currentEpoch: 1,
  epoch: 1,
  lastLoggedZxid: 0x10000000cn,
  lastDurableZxid: 0x10000000cn,
  lastProcessedZxid: 0x10000000cn,
  lastCommittedZxid: 0x10000000cn,
  outstanding: 0,
  pendingSyncs: 0,
  learners: [],
};

const COMMON = { interestOps: 1, outstandingRequests: 0, secure: false, expiresMs: 25_000 };
const CONNECTIONS: readonly ConnectionView[] = [
  {
    ...COMMON,
    remoteAddress: "127.0.0.1",
    remotePort: 39264,
    packetsReceived: 6,
    packetsSent: 6,
    establishedWallMs: 1795915682803,
    session: {
      sessionId: 0x10000072d580001n,
      timeoutMs: 5000,
      lastOpCode: OpCode.ping,
      lastCxid: 2,
      lastZxid: 0x10000000cn,
      lastResponseMs: 506993,
      latency: { lastMs: 0, minMs: 0, maxMs: 20, totalMs: 33, count: 6 },
    },
  },
  {
    ...COMMON,
    remoteAddress: "::1",
    remotePort: 39308,
    interestOps: 0,
    packetsReceived: 1,
    packetsSent: 0,
    establishedWallMs: 1795915682503,
    session: undefined,
  },
];

const SESSIONS = [
  { sessionId: 0x30000072dbe0000n, timeoutMs: 9000 },
  { sessionId: 0x10000072d580000n, timeoutMs: 9000 },
  { sessionId: 0x10000072d580001n, timeoutMs: 5000 },
];

const EXPIRIES: ReadonlyMap<bigint, number> = new Map([
  [0x30000072dbe0000n, 12_400],
  [0x10000072d580000n, 14_000],
  [0x10000072d580001n, 12_100],
]);

function handMadeClients(decidesExpiry: boolean): ClientsView {
  return {
    connections: () => CONNECTIONS,
    connectionCount: CONNECTIONS.length,
    outstandingRequests: 0,
    sessions: () => ({ decidesExpiry, global: SESSIONS, local: undefined }),
    dataWatches: () => [
      { sessionId: 0x10000072d580001n, path: "/a" },
      { sessionId: 0x10000072d580000n, path: "/a" },
      { sessionId: 0x10000072d580000n, path: "/nope" },
    ],
    watchCount: 4,
    isReadOnly: false,
    connectionDropProbability: 0,
    resetConnectionStatistics: () => undefined,
  };
}

const PORTS = { quorumPort: 24101, electionPort: 24201 };
const CLIENT = { host: "127.0.0.1", port: 24001 };
const ENSEMBLE = majorityOf([
  { ...participant(1, "127.0.0.1", PORTS), client: CLIENT },
  participant(2, "127.0.0.1", { quorumPort: 24102, electionPort: 24202 }),
  observer(3, "127.0.0.1", { quorumPort: 24103, electionPort: 24203 }),
]);

export function handMadeView(
  mode: ServerMode | undefined,
  peer: PeerStatus = HAND_MADE_STATUS,
): ServerView {
  return {
    version: "3.8.0-test, built on 2026-01-01 00:00 UTC",
    mode,
    standalone: mode === "standalone",
    uptimeMs: 1234.5,
    peer: mode === "standalone" ? undefined : peer,
    leaderUptimeMs: mode === "leader" ? 1234.5 : undefined,
    learners: () => [],
    resetObserverStatistics: () => undefined,
    sessionExpiries: () => EXPIRIES,
    handshakes: 0,
    clients: handMadeClients(mode === "leader" || mode === "standalone"),
    tree: {
      nodeCount: 10,
      approximateDataSize: 252,
      ephemeralCount: 3,
      ephemerals: () => [
        [0x10000072d580001n, ["/a/f"]],
        [0x10000072d580000n, ["/a/e2", "/a/e"]],
      ],
      digests: () => [{ zxid: 0x100000080n, digest: 1234n }],
    },
    files: {
      snapshotBytes: 100,
      logBytes: 200,
      lastSnapshot: { zxid: 0x100000000n, wallMs: 1795915648_000 },
    },
    settings: {
      clientPort: 24001,
      secureClientPort: -1,
      dataDir: "/data/version-2",
      dataLogDir: "/log/version-2",
      tickTimeMs: 500,
      maxClientConnections: 60,
      minSessionTimeoutMs: 1000,
      maxSessionTimeoutMs: 10000,
      clientPortListenBacklog: -1,
      sid: 1n,
      quorum:
        mode === "standalone"
          ? undefined
          : { initLimitTicks: 20, syncLimitTicks: 10, ensemble: ENSEMBLE },
    },
    lastProcessedZxid: peer.lastProcessedZxid,
  };
}

/** Words of a server that is so, which answers all of them unless told otherwise. */
export function handMadeWords(
  mode: ServerMode | undefined,
  {
    allowed = ["*"],
    readOnlyMode = false,
  }: { allowed?: readonly string[]; readOnlyMode?: boolean } = {},
): { readonly words: FourLetterWords; readonly metrics: PeerMetrics } {
  const metrics = new PeerMetrics(1n);
  metrics.observe(HAND_MADE_STATUS, 77n);
  const words = new FourLetterWords({
    allowed: new Set(allowed),
    readOnlyMode,
    view: () => handMadeView(mode),
    metrics: () => metrics,
    traceMask: newTraceMask(),
  });
  return { words, metrics };
}
