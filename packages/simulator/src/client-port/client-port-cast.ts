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
import { drawFrameWorkload } from "./frame-workload.js";
import { drawSilentWorkload, SilentClient } from "./silent-client.js";

interface AddressedClient {
  readonly client: FrameClient;
  readonly address: string;
}

export const clientPortCast: Cast = {
  kit: clientPortKit,
  adapt: (settings, random) => withLogins(smaller(settings), random),
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
    const clients = workloads.map((workload, index): AddressedClient => {
      const address = addressOf(index);
      return { client: new FramedClient(nameOf(index), { ...workload, address }), address };
    });
    const silent = Array.from({ length: random.pick([0, 1, 2]) }, (_, index): AddressedClient => {
      const address = addressOf(index);
      const workload = drawSilentWorkload(random, settings, address);
      return { client: new SilentClient(`silent-${index + 1}`, workload), address };
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
    new DocumentedReplies(requests),
    new TimelyWatches(requests, changes),
    new LinearizableWrites(),
    new EagerRefusals(requests, settings.knowsLogins),
    new ForwardedRequests(requests),
    new KeptSessions(requests, bounds, settings.clientPorts.localSessions),
    new ClientsNeedLeader(),
    new ClientLimits(settings.clientLimits, settings.clockDrift),
    new TrueFigures(settings.clientPorts),
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

const LOGIN_SHARE = 0.3;
const MAX_VOTERS = 3;
const MAX_SAFETY_TICKS = 40;
const NAMES: readonly string[] = Array.from({ length: MOST_CLIENTS }, (_, index) => nameOf(index));

function nameOf(index: number): string {
  return `client-${index + 1}`;
}
