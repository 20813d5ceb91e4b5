/** Runs whose clients speak ZooKeeper's protocol to the client ports of the servers. */
import { txnCheckers } from "../checkers/all-checkers.js";
import type { Checker } from "../checkers/checker.js";
import { drawLogins } from "../world/login-settings.js";
import type { Random } from "../world/random.js";
import { MOST_CLIENTS, type WorldSettings } from "../world/settings.js";
import { planFaults } from "../faults/plan-faults.js";
import type { Cast } from "../runs/run-seed.js";
import { AuthenticatedClients } from "./checkers/authenticated-clients.js";
import { AuditedChanges } from "./checkers/audited-changes.js";
import { BoundedMemory } from "./checkers/bounded-memory.js";
import { ClientLimits } from "./checkers/client-limits.js";
import { ConnectionLimits } from "./checkers/connection-limits.js";
import { ClientsNeedLeader } from "./checkers/clients-need-leader.js";
import { DocumentedHandshakes } from "./checkers/documented-handshakes.js";
import { DocumentedReplies } from "./checkers/documented-replies.js";
import { EagerRefusals } from "./checkers/eager-refusals.js";
import { ForwardedRequests } from "./checkers/forwarded-requests.js";
import { KeptSessions } from "./checkers/kept-sessions.js";
import { LinearizableWrites } from "./checkers/linearizable-writes.js";
import { LocalSessions } from "./checkers/local-sessions.js";
import { OrderedReplies } from "./checkers/ordered-replies.js";
import { ReadOnlyServers } from "./checkers/read-only-servers.js";
import { SilentConnections } from "./checkers/silent-connections.js";
import { TimelyWatches } from "./checkers/timely-watches.js";
import { TrueFigures } from "./checkers/true-figures.js";
import { TrueReasons } from "./checkers/true-reasons.js";
import { GhostZnodeChanges } from "./checkers/znode-changes.js";
import { awaitClients } from "./client-rest.js";
import {
  clientPortKit,
  LEAST_CONGESTED_BYTES,
  MAX_TICKS,
  MIN_TICKS,
  SESSIONLESS_TICKS,
} from "./client-port-kit.js";
import { planClientFaults } from "./client-faults.js";
import { FramedClient } from "./framed-client.js";
import type { FrameClient } from "./frame-port.js";
import { drawFrameWorkload, type FrameWorkload } from "./frame-workload.js";
import { drawSilentWorkload, SilentClient } from "./silent-client.js";

interface AddressedClient {
  readonly client: FrameClient;
  readonly address: string;
}

export const clientPortCast: Cast = {
  kit: clientPortKit,
  adapt: (settings, random) => withThrottle(withLogins(smaller(settings), random), random),
  newCheckers: (settings) => clientPortCheckers(settings),
  newClients: () => [],
  newFrameClients(random, settings) {
    const count = random.integer(2, MOST_CLIENTS);
    const workloads = Array.from({ length: count }, (_, index) =>
      drawFrameWorkload(random, settings, index),
    );
    // Some come from the same few machines, or through the same gateways.
    const machines = random.pick([2, MOST_CLIENTS, MOST_CLIENTS, MOST_CLIENTS]);
    const addressOf = (index: number): string => `10.0.0.${(index % machines) + 1}`;
    const silentOnes = Array.from({ length: random.pick([0, 1, 2]) }, (_, index) =>
      drawSilentWorkload(random, settings, addressOf(index)),
    );
    // What came to be drawn later comes last: the worlds without it are as they were.
    const { readOnlyServers } = settings.clientPorts;
    const watcher = random.chance(WATCHER_SHARE) ? random.integer(0, count - 1) : undefined;
    const own = random.chance(OWN_ADDRESS_SHARE) ? random.pick(OWN_ADDRESSES) : undefined;
    const clients = workloads.map((workload, index): AddressedClient => {
      const address = (index === 0 ? own : undefined) ?? addressOf(index);
      const isOld = !workload.mayOnlyRead && random.chance(OLD_SHARE);
      const usual = { ...workload, address, isOld };
      const drawn = index === watcher ? watching(usual) : usual;
      return { client: new FramedClient(nameOf(index), drawn), address };
    });
    const silent = silentOnes.map((workload, index): AddressedClient => {
      const mayOnlyRead = readOnlyServers && random.chance(0.5);
      const drawn = { ...workload, mayOnlyRead };
      return {
        client: new SilentClient(`silent-${index + 1}`, drawn),
        address: workload.address,
      };
    });
    return [...clients, ...silent];
  },
  planFaults(random, settings, safetyMs) {
    const plan = planFaults(random, settings, safetyMs);
    return [...plan, ...planClientFaults(random, settings, NAMES, plan.length + 1)];
  },
  afterRecovery: (world) => {
    awaitClients(world);
  },
};

/** All that judges such a run, in the order in which they are asked. */
export function clientPortCheckers(settings: WorldSettings): Checker[] {
  const { checkers, requests, committed } = txnCheckers(settings);
  const changes = new GhostZnodeChanges(committed, requests);
  const { tickTimeMs } = settings.peer;
  const bounds = { minTimeoutMs: MIN_TICKS * tickTimeMs, maxTimeoutMs: MAX_TICKS * tickTimeMs };
  return [
    ...checkers,
    changes,
    new OrderedReplies(committed),
    new AuthenticatedClients(),
    new DocumentedHandshakes(),
    new DocumentedReplies(requests),
    new TimelyWatches(requests, changes),
    new LinearizableWrites(),
    new EagerRefusals(requests, settings.knowsLogins),
    new ForwardedRequests(requests),
    new KeptSessions(requests, bounds, settings.clientPorts.localSessions),
    new ClientsNeedLeader(),
    new ClientLimits(settings.clientLimits, settings.clockDrift),
    new TrueFigures(settings.clientPorts, settings.clientLimits),
    new BoundedMemory(),
    new AuditedChanges(requests),
    new ConnectionLimits(settings.clientLimits),
    new TrueReasons(settings.clientLimits, {
      ...bounds,
      sessionlessMs: SESSIONLESS_TICKS * tickTimeMs,
      leastCongestedBytes: LEAST_CONGESTED_BYTES,
      clockDrift: settings.clockDrift,
    }),
    new SilentConnections(requests, {
      ...bounds,
      sessionlessMs: SESSIONLESS_TICKS * tickTimeMs,
      clockDrift: settings.clockDrift,
    }),
    ...(settings.clientPorts.readOnlyServers
      ? [new ReadOnlyServers(committed, requests, settings)]
      : []),
    ...(settings.clientPorts.localSessions
      ? [new LocalSessions(committed, requests, { ...bounds, clockDrift: settings.clockDrift })]
      : []),
  ];
}

/** Clients are what these worlds are about: three servers are enough for them, and more would be asked less. */
function smaller(settings: WorldSettings): WorldSettings {
  const { ensemble, safetyMs, peer } = settings;
  const voters = ensemble.voters.slice(0, MAX_VOTERS);
  const observers = ensemble.observers.slice(0, 1);
  const isWhole = voters.length === ensemble.voters.length;
  return {
    ...settings,
    ensemble: isWhole
      ? { ...ensemble, observers }
      : { voters, observers, groups: undefined, weights: undefined },
    peer: { ...peer, localSessions: settings.clientPorts.localSessions },
    safetyMs: Math.min(safetyMs, MAX_SAFETY_TICKS * peer.tickTimeMs),
  };
}

/** In some worlds, clients prove who they are in more than one way. */
function withLogins(settings: WorldSettings, random: Random): WorldSettings {
  if (!random.chance(LOGIN_SHARE)) return settings;
  const { clientPorts } = settings;
  const knowsLogins = settings.knowsLogins || random.chance(0.8);
  return { ...settings, knowsLogins, clientPorts: { ...clientPorts, logins: drawLogins(random) } };
}

/** Of a client that watches everything. */
function watching(workload: FrameWorkload): FrameWorkload {
  const { mix } = workload;
  const { watch, read } = mix;
  return { ...workload, watchesAll: true, mix: { ...mix, watch: watch + 4, read: read + 6 } };
}

/** In some worlds those who connect are weighed, or refused by chance. */
function withThrottle(settings: WorldSettings, random: Random): WorldSettings {
  const { clientLimits, peer } = settings;
  const { connections } = clientLimits;
  if (connections === undefined) return settings;
  const isWeighed = random.chance(0.5);
  // Enough for the heaviest, as often as for one that costs one.
  const share = isWeighed ? MOST_WEIGHT : 1;
  const weights = isWeighed ? { weights: random.pick(WEIGHTS) } : {};
  const blue = {
    freezeTimeMs: peer.tickTimeMs * random.pick([0.02, 0.5]),
    dropIncrease: random.pick([0.05, 0.3]),
    dropDecrease: random.pick([0.1, 0.4]),
    decreaseRatio: random.pick([0, 0.5]),
  };
  const tokens = {
    tokens: connections.tokens * share,
    fillTimeMs: connections.fillTimeMs / share,
    ...weights,
    ...(random.chance(0.3) ? { blue } : {}),
  };
  return { ...settings, clientLimits: { ...clientLimits, connections: tokens } };
}

const MOST_WEIGHT = 3;
const WEIGHTS = [
  { local: 1, renewed: 2, global: 3 },
  { local: 3, renewed: 1, global: 2 },
  { local: 2, renewed: 3, global: 1 },
] as const;

const LOGIN_SHARE = 0.3;
/** In how many worlds somebody watches everything, and how many clients are from before 3.4. */
const WATCHER_SHARE = 0.4;
const OLD_SHARE = 0.08;
/** In how many worlds a client comes from its server's own machine, or nearly. */
const OWN_ADDRESS_SHARE = 0.15;
const OWN_ADDRESSES: readonly string[] = [
  ...["127.0.0.1", "127.9.8.7", "12.7.0.1", "227.0.0.1"],
  ...["0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:12", "1:0:0:0:0:0:0:1"],
];
const MAX_VOTERS = 3;
const MAX_SAFETY_TICKS = 40;
const NAMES: readonly string[] = Array.from({ length: MOST_CLIENTS }, (_, index) => nameOf(index));

function nameOf(index: number): string {
  return `client-${index + 1}`;
}
