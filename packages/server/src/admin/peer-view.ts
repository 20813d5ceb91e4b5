/** What operators ask about a server, taken from a peer, its tree, its files and its settings. */
import { readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { PeerStatus } from "@jute-ts/quorum";
import type { PeerMetrics } from "./peer-metrics.js";
import type {
  ClientsView,
  FilesView,
  LearnerView,
  ServerMode,
  ServerView,
  SettingsView,
  TreeView,
} from "./server-view.js";

export interface PeerViewParts {
  readonly version: string;
  readonly standalone: boolean;
  readonly status: () => PeerStatus;
  readonly metrics: () => PeerMetrics;
  readonly learners: () => readonly LearnerView[];
  readonly resetObserverStatistics: () => void;
  readonly sessionExpiries: () => ReadonlyMap<bigint, number>;
  readonly clients: ClientsView;
  readonly handshakes: number;
  readonly tree: TreeView;
  readonly settings: SettingsView;
}

export function peerView(parts: PeerViewParts): ServerView {
  const { version, standalone, clients, tree, settings } = parts;
  const peer = parts.status();
  const uptimeMs = parts.metrics().servingForMs;
  return {
    version,
    mode: clients.isReadOnly ? "read-only" : modeOf(peer, standalone),
    standalone,
    uptimeMs,
    peer: standalone ? undefined : peer,
    leaderUptimeMs: peer.role === "leading" ? uptimeMs : undefined,
    learners: parts.learners,
    resetObserverStatistics: parts.resetObserverStatistics,
    sessionExpiries: parts.sessionExpiries,
    clients,
    handshakes: parts.handshakes,
    tree,
    files: filesView(settings),
    settings,
    lastProcessedZxid: peer.lastProcessedZxid,
  };
}

function modeOf({ serving, role }: PeerStatus, standalone: boolean): ServerMode | undefined {
  if (!serving) return undefined;
  if (standalone) return "standalone";
  switch (role) {
    case "leading":
      return "leader";
    case "following":
      return "follower";
    case "observing":
      return "observer";
    default:
      return undefined;
  }
}

/** Looks at the directories only when it is asked. */
function filesView({ dataDir, dataLogDir }: SettingsView): FilesView {
  return {
    get snapshotBytes() {
      return sizeOf(dataDir);
    },
    get logBytes() {
      return sizeOf(dataLogDir);
    },
    get lastSnapshot() {
      return newestSnapshot(dataDir);
    },
  };
}

function newestSnapshot(directory: string): FilesView["lastSnapshot"] {
  const newest = namesIn(directory)
    .flatMap((name) => {
      const zxid = /^snapshot\.([0-9a-f]{1,16})(?:\.gz|\.snappy)?$/u.exec(name)?.[1];
      return zxid === undefined ? [] : [{ name, zxid: BigInt(`0x${zxid}`) }];
    })
    .reduce<{ name: string; zxid: bigint } | undefined>(
      (best, each) => (best === undefined || each.zxid > best.zxid ? each : best),
      undefined,
    );
  const file = newest && statsIfKnown(join(directory, newest.name));
  return newest && file && { zxid: newest.zxid, wallMs: file.mtimeMs };
}

function sizeOf(directory: string): number {
  return namesIn(directory).reduce((sum, name) => {
    const file = statsIfKnown(join(directory, name));
    return sum + (file?.isFile() === true ? file.size : 0);
  }, 0);
}

/** Nothing where the file is gone, or its name is a link that leads nowhere or around. */
function statsIfKnown(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** None where there is no directory yet. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
