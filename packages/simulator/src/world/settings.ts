/**
 * What a simulated world is like: its ensemble, its peers' options, and the
 * speed and manners of its networks, disks and clocks. Each seed draws its own;
 * extreme values are drawn often, because bugs live at the edges.
 */
import type { PeerOptions, StorageOptions } from "@jute-ts/quorum";
import { makeZxid, MAX_COUNTER, MAX_EPOCH, NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { DiskSpeed } from "./disk.js";
import type { ElectionNetworkOptions } from "./election-network.js";
import type { QuorumNetworkOptions } from "./quorum-network.js";
import type { LoginSettings } from "./login-settings.js";
import type { Random } from "./random.js";

export interface EnsembleShape {
  readonly voters: readonly Sid[];
  readonly observers: readonly Sid[];
  /** Groups of voters for a hierarchical quorum; undefined: a majority decides. */
  readonly groups: readonly (readonly Sid[])[] | undefined;
  /** What voters in groups weigh, where that is not 1. */
  readonly weights: ReadonlyMap<Sid, number> | undefined;
  /** The version of the configuration; 0 when undefined. */
  readonly version?: bigint;
}

export type QuotaUse = "none" | "counted" | "enforced";

/** What servers allow their clients, beyond what each process draws for itself. */
export interface ClientLimits {
  /** How many requests may be in process at a server before it takes no more; Infinity is no limit. */
  readonly throttledRequests: number;
  /** How many clients may connect to a server at once, and in which time there may be one more; undefined is no limit. */
  readonly connections: ConnectionTokens | undefined;
  /** How much is written for a client before it is sent and more of its requests are answered. */
  readonly unsentBytes: number;
  /** Above which length a request is large, and what all large ones may have together; -1 and 0: none is large. */
  readonly largeRequests: { readonly thresholdBytes: number; readonly maxBytes: number };
  /** How many connections one address may have to a server; 0 is no limit. */
  readonly perAddress: number;
  /** How many connections a server may have in all; 0 is no limit. */
  readonly total: number;
}

/** How a server holds back those who connect. */
export interface ConnectionTokens {
  readonly tokens: number;
  readonly fillTimeMs: number;
  /** How many tokens it costs to begin a session that only the server knows, one of the ensemble, and to go on with one. Absent: one each. */
  readonly weights?: Readonly<Record<"local" | "global" | "renewed", number>>;
  /** How refusals by chance become more while tokens lack, and fewer again. Absent: there are none. */
  readonly blue?: {
    readonly freezeTimeMs: number;
    readonly dropIncrease: number;
    readonly dropDecrease: number;
    readonly decreaseRatio: number;
  };
}

/** What servers with client ports are meant for. Equal on all of them. */
export interface ClientPortSettings {
  /** Whether sessions begin as ones that only their server knows. */
  readonly localSessions: boolean;
  /** Whether members may serve readers while they have no leader. */
  readonly readOnlyServers: boolean;
  /** How clients may prove who they are, beyond address and digest. Undefined: in no other way. */
  readonly logins?: LoginSettings | undefined;
}

/** What one life of one member makes of it: what need not be equal everywhere. */
export interface ClientRules {
  /** Whether a session that only this server knows becomes one of the ensemble when it creates an ephemeral. */
  readonly upgradesLocalSessions: boolean;
  /** Whether what a client may not do by the tree as it is here goes no further. */
  readonly checksEagerly: boolean;
  /** How long a server looks for a leader before it serves readers, in milliseconds; Infinity: it never does. */
  readonly readOnlyAfterMs: number;
  /** Which lists of children a server keeps as it sends them. */
  readonly childLists: { readonly leastNames: number; readonly maxBytes: number };
  /** What may wait for a client that does not read, in bytes, where that is less than each process draws for itself. */
  readonly maxCongestedBytes: number;
  /** How much one client may watch, in data and in children each, in characters of paths and 100 for each. */
  readonly maxWatchSize: number;
  /** How many requests may wait for answers before less is read, where that is less than each process draws for itself. */
  readonly maxOutstandingRequests: number;
}

export interface WorldSettings {
  readonly ensemble: EnsembleShape;
  /** What all peers are told, but for what each member's own settings say. */
  readonly peer: Omit<PeerOptions, "sid" | "ensemble" | "random">;
  /** For how long things go wrong and clients ask, in milliseconds. Then everything is repaired. */
  readonly safetyMs: number;
  /** Whether members, and the lives of each, differ in what need not be equal: as in a rolling upgrade. */
  readonly isMixed: boolean;
  /** What every disk holds before the run: a snapshot of an empty tree at this zxid, and its epoch. 0: nothing. */
  readonly firstZxid: Zxid;
  /** Whether disks may be replaced by empty ones. Then an empty disk does not vote before it has caught up. */
  readonly mayWipe: boolean;
  /** Whether a process that goes on after a pause looks at its timers before what has gathered. */
  readonly timersFirst: boolean;
  /** Whether znodes may have a time to live; equal on all servers. */
  readonly extendedTypes: boolean;
  /** Whether access control lists may name users of SASL and of certificates; equal on all servers. */
  readonly knowsLogins: boolean;
  /** How long a container may wait for its first child, in milliseconds; 0 is without limit. */
  readonly neverUsedMs: number;
  /** Whether clients set quotas, and whether leaders enforce the hard ones. */
  readonly quotas: QuotaUse;
  /** Where servers have client ports. Equal on all servers. */
  readonly clientLimits: ClientLimits;
  readonly clientPorts: ClientPortSettings;
  /** How much may be under way between a server and a client, in bytes, before the rest has to wait. */
  readonly clientWindowBytes: number;
  /** How large the pieces are in which a snapshot is sent and written, in bytes. */
  readonly snapshotPieceBytes: number;
  readonly quorum: QuorumNetworkOptions;
  readonly election: ElectionNetworkOptions;
  readonly disk: DiskSpeed;
  /** How late timers fire at most, in milliseconds. */
  readonly timerLatenessMs: number;
  /** How much faster or slower than true a peer's clock runs at most: 0.01 is 1 %. */
  readonly clockDrift: number;
  /** How long requests and answers travel between a client and a peer, in milliseconds, on average. */
  readonly clientLatencyMs: number;
}

/** A world in which nothing is drawn: the usual values, a quick network, quick disks. */
export function calmSettings(voters: number, observers = 0): WorldSettings {
  return {
    ensemble: shapeOf(voters, observers),
    peer: {
      tickTimeMs: 100,
      initLimit: 10,
      syncLimit: 5,
      maxNotificationIntervalMs: 2000,
      // What learners must cope with from leaders of Apache.
      liveBeforeUpToDate: true,
      storage: { preAllocSizeBytes: 4096, snapCount: 1000, readBytes: 4096 },
    },
    safetyMs: 10_000,
    isMixed: false,
    firstZxid: NO_TXN,
    mayWipe: false,
    timersFirst: false,
    extendedTypes: false,
    knowsLogins: false,
    neverUsedMs: 0,
    clientWindowBytes: 64 * 1024,
    quotas: "none",
    clientLimits: NO_LIMITS,
    clientPorts: USUAL_PORTS,
    snapshotPieceBytes: 64 * 1024,
    quorum: {
      pipe: {
        minLatencyMs: 0.2,
        meanExtraLatencyMs: 0.1,
        splitProbability: 0,
        windowBytes: 64 * 1024,
      },
      dialTimeoutMs: 3000,
      identifiesLearners: false,
    },
    election: { minLatencyMs: 0.2, meanExtraLatencyMs: 0.1 },
    disk: { operationMs: 0.05, syncMs: 1 },
    timerLatenessMs: 0,
    clockDrift: 0,
    clientLatencyMs: 0.2,
  };
}

/** A world of this seed's own. */
export function drawSettings(random: Random): WorldSettings {
  const voters = random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 6, 7]);
  const observers = random.pick([0, 0, 0, 1, 1, 2]);
  const ensemble = drawGroups(random, shapeOf(voters, observers));
  const tickTimeMs = random.pick([200, 500, 2000]);
  const initLimit = random.integer(4, 12);
  const latencyMs = tickTimeMs * random.pick([0.0005, 0.005, 0.05]);
  const meanExtraLatencyMs = latencyMs * random.pick([0.2, 1, 3]);
  // However small the window is, a state of the size that clients make gets through in time.
  const roundTripMs = 2 * (latencyMs / 10 + meanExtraLatencyMs);
  const neededBytes = (LARGEST_STATE_BYTES * roundTripMs * 4) / (initLimit * tickTimeMs);
  const mayWipe = random.chance(0.25);
  const drawn: WorldSettings = {
    ensemble,
    peer: {
      tickTimeMs,
      initLimit,
      syncLimit: random.integer(2, 8),
      maxNotificationIntervalMs: tickTimeMs * random.pick([2, 10, 50]),
      minNotificationIntervalMs: Math.min(200, tickTimeMs),
      finalizeWaitMs: random.pick([10, 50, 200]),
      commitLogCount: random.pick([2, 5, 20, 500]),
      maxQueuedBytes: random.pick([4 * 1024, 2 * LARGEST_STATE_BYTES, 4 * 1024 * 1024]),
      maxWaitingRequests: random.pick([1, 3, 20, 10_000]),
      overdueIntervalMs: tickTimeMs * random.pick([0.5, 2, 10]),
      storage: {
        snapCount: random.pick([4, 15, 50, 200, 100_000]),
        preAllocSizeBytes: random.pick([1024, 4096, 16 * 1024]),
        maxBatchTxns: random.pick([1, 2, 10, 1000]),
        maxBatchBytes: random.pick([512, 4096, 1024 * 1024]),
        readBytes: random.pick([512, 4096, 64 * 1024]),
        retainSnapshots: random.pick([3, 5, undefined]),
        digestInSnapshots: random.chance(0.8),
        lastZxidInSnapshots: random.chance(0.8),
        autocreate: !mayWipe,
      },
    },
    safetyMs: tickTimeMs * random.pick([20, 20, 40, 40, 100]),
    isMixed: random.chance(0.4),
    firstZxid: drawFirstZxid(random, mayWipe),
    mayWipe,
    timersFirst: random.chance(0.5),
    extendedTypes: random.chance(0.7),
    knowsLogins: false,
    neverUsedMs: 0,
    clientWindowBytes: 64 * 1024,
    quotas: "none",
    clientLimits: NO_LIMITS,
    clientPorts: USUAL_PORTS,
    snapshotPieceBytes: random.pick([512, 4096, 64 * 1024]),
    quorum: {
      pipe: {
        minLatencyMs: latencyMs / 10,
        meanExtraLatencyMs,
        splitProbability: random.pick([0, 0.05, 0.5]),
        windowBytes: Math.ceil(neededBytes) + random.pick([512, 8 * 1024, 64 * 1024]),
      },
      dialTimeoutMs: tickTimeMs * random.pick([1, 10, 100]),
      identifiesLearners: random.chance(0.3),
    },
    election: {
      minLatencyMs: latencyMs / 10,
      meanExtraLatencyMs: latencyMs * random.pick([0.2, 1, 10]),
    },
    disk: {
      operationMs: tickTimeMs * random.pick([0.00005, 0.001]),
      syncMs: tickTimeMs * random.pick([0.0005, 0.005, 0.03]),
    },
    timerLatenessMs: tickTimeMs * random.pick([0, 0.01, 0.1]),
    clockDrift: random.pick([0, 0, 0.001, 0.02]),
    clientLatencyMs: tickTimeMs * random.pick([0.0005, 0.01, 0.1]),
  };
  // Half of the leaders do as Apache's do, which learners must cope with.
  const liveBeforeUpToDate = random.chance(0.5);
  const quotas = random.pick<QuotaUse>(["none", "none", "none", "counted", "enforced"]);
  const clientLimits = drawClientLimits(random, tickTimeMs);
  const knowsLogins = random.chance(0.5);
  const neverUsedMs = tickTimeMs * random.pick([0, 0, 4]);
  const localSessions = random.chance(0.2);
  const clientWindowBytes = random.pick([400, 4000, 64 * 1024]);
  const clientPorts = { localSessions, readOnlyServers: random.chance(0.25) };
  const ofClients = { clientLimits, clientPorts, clientWindowBytes };
  const storage = { ...drawn.peer.storage, ...drawPurges(random, tickTimeMs) };
  const peer = { ...drawn.peer, liveBeforeUpToDate, storage };
  // Members of many ensembles have been reconfigured before.
  const version = random.chance(0.3) ? BigInt(random.integer(1, 2 ** 40)) : 0n;
  const reconfigured = { ...ensemble, version };
  return { ...drawn, ensemble: reconfigured, ...ofClients, quotas, knowsLogins, neverUsedMs, peer };
}

/** Few servers remove what is too old by the clock. */
function drawPurges(random: Random, tickTimeMs: number): StorageOptions {
  if (!random.chance(0.1)) return {};
  return {
    retainSnapshots: random.pick([1, 3, 4]),
    purgeIntervalMs: tickTimeMs * random.pick([1, 6]),
  };
}

/** The rules of one life of one member. `random`: the same for all, where members do not differ. */
export function drawClientRules(
  random: Random,
  { clientPorts, peer: { tickTimeMs } }: WorldSettings,
): ClientRules {
  const { localSessions, readOnlyServers } = clientPorts;
  const upgradesLocalSessions = localSessions && random.chance(0.6);
  const checksEagerly = random.chance(0.3);
  const servesReaders = readOnlyServers && random.chance(0.8);
  const readOnlyAfterMs = servesReaders ? tickTimeMs * random.pick([0.05, 0.5, 2]) : Infinity;
  const leastNames = random.pick([1, 1, 3, 32]);
  const childLists = { leastNames, maxBytes: random.pick([60, 120, 4000]) };
  const maxCongestedBytes = random.pick([60, 400, Infinity, Infinity]);
  const maxWatchSize = random.pick([Infinity, Infinity, Infinity, 2 ** 27, 900, 450]);
  const maxOutstandingRequests = random.pick([Infinity, Infinity, Infinity, 3]);
  const ofMemory = { childLists, maxCongestedBytes, maxWatchSize, maxOutstandingRequests };
  return { upgradesLocalSessions, checksEagerly, readOnlyAfterMs, ...ofMemory };
}

function drawClientLimits(random: Random, tickTimeMs: number): ClientLimits {
  const tokens = random.pick([0, 0, 0, 1, 3]);
  const fillTimeMs = tickTimeMs * random.pick([0.1, 1]);
  return {
    throttledRequests: random.pick([1, 4, Infinity, Infinity]),
    connections: tokens === 0 ? undefined : { tokens, fillTimeMs },
    unsentBytes: random.pick([100, 1000, 4 * 1024 * 1024]),
    largeRequests: random.pick([
      // Enough for whatever clients ask at the same time, as long as nothing of it is kept.
      { thresholdBytes: 128, maxBytes: 16 * 1024 },
      // Now and then too little for it.
      { thresholdBytes: 64, maxBytes: 800 },
      // Too little for anything, if it counted.
      { thresholdBytes: random.pick([-1, 0]), maxBytes: 16 },
    ]),
    // As many as the clients of a world have to have, if they are all at one server.
    perAddress: random.pick([0, 0, MOST_CLIENTS, MOST_CLIENTS + 2]),
    total: random.pick([0, 0, MOST_CLIENTS, MOST_CLIENTS + 3]),
  };
}

/** What a member's process is told that need not be equal everywhere. */
export interface MemberSettings {
  readonly peer: Partial<WorldSettings["peer"]>;
  /** Whether its txns carry the digest of the tree. */
  readonly digests: boolean;
}

/** The settings of one life of one member. */
export function drawMember(random: Random, { isMixed, peer }: WorldSettings): MemberSettings {
  if (!isMixed) return { peer: {}, digests: true };
  return {
    peer: {
      commitLogCount: random.pick([1, 2, 5, 20, 500]),
      maxWaitingRequests: random.pick([1, 3, 20, 10_000]),
      liveBeforeUpToDate: random.chance(0.5),
      storage: {
        ...peer.storage,
        snapCount: random.pick([4, 15, 50, 200, 100_000]),
        maxBatchTxns: random.pick([1, 2, 10, 1000]),
        readBytes: random.pick([512, 4096, 64 * 1024]),
        digestInSnapshots: random.chance(0.5),
        lastZxidInSnapshots: random.chance(0.5),
      },
    },
    digests: random.chance(0.6),
  };
}

/** Some ensembles have groups, of any sizes, with weights from 0 to 3. */
function drawGroups(random: Random, shape: EnsembleShape): EnsembleShape {
  if (shape.voters.length < 3 || !random.chance(0.3)) return shape;
  const count = random.integer(1, 4);
  const drawn = Array.from({ length: count }, (): Sid[] => []);
  for (const sid of shape.voters) random.pick(drawn).push(sid);
  const groups = drawn.filter((sids) => sids.length > 0);
  const weights = new Map<Sid, number>();
  if (random.chance(0.6))
    for (const sid of shape.voters) weights.set(sid, random.pick([0, 1, 1, 2, 3]));
  // Somebody must be able to lead.
  const [first] = shape.voters;
  const isWeightless = shape.voters.every((sid) => (weights.get(sid) ?? 1) === 0);
  if (isWeightless && first !== undefined) weights.set(first, 1);
  return { ...shape, groups, weights };
}

/** Mostly nothing; else an epoch that has begun, one in its middle, a counter or an epoch that is nearly used up. */
function drawFirstZxid(random: Random, mayWipe: boolean): Zxid {
  const zxid = random.pick([
    ...[NO_TXN, NO_TXN, NO_TXN],
    ...[makeZxid(1, 0), makeZxid(7, 42), makeZxid(2, MAX_COUNTER), LATE_EPOCH],
  ]);
  // Servers do not believe in epochs that are very far from their own, and an empty disk has none.
  return mayWipe && zxid === LATE_EPOCH ? NO_TXN : zxid;
}

const NO_LIMITS: ClientLimits = {
  throttledRequests: Infinity,
  connections: undefined,
  unsentBytes: 4 * 1024 * 1024,
  largeRequests: { thresholdBytes: -1, maxBytes: 0 },
  perAddress: 0,
  total: 0,
};

/** By which servers go that do nothing by themselves that they need not. */
export const USUAL_RULES: ClientRules = {
  upgradesLocalSessions: false,
  checksEagerly: false,
  readOnlyAfterMs: Infinity,
  childLists: { leastNames: 32, maxBytes: 4 * 1024 * 1024 },
  maxCongestedBytes: Infinity,
  maxWatchSize: Infinity,
  maxOutstandingRequests: Infinity,
};

const USUAL_PORTS: ClientPortSettings = { localSessions: false, readOnlyServers: false };

/** How many clients of client ports a world has at the most, but for those that say nothing. */
export const MOST_CLIENTS = 5;

const LATE_EPOCH: Zxid = makeZxid(MAX_EPOCH - 5000, 0x8000_0000);

/** Clients are expected to keep what they store below this. */
const LARGEST_STATE_BYTES: number = 64 * 1024;

/** Sids as people give them: 1 to n, the observers last. */
function shapeOf(voters: number, observers: number): EnsembleShape {
  const sids = Array.from({ length: voters + observers }, (_, at) => BigInt(at + 1));
  return {
    voters: sids.slice(0, voters),
    observers: sids.slice(voters),
    groups: undefined,
    weights: undefined,
  };
}
