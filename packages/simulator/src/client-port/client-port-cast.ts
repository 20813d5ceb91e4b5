/** Runs whose clients speak ZooKeeper's protocol to the client ports of the servers. */
import { txnCheckers } from "../checkers/all-checkers.js";
import type { Checker } from "../checkers/checker.js";
import type { WorldSettings } from "../world/settings.js";
import { planFaults } from "../faults/plan-faults.js";
import type { Cast } from "../runs/run-seed.js";
import { ClientsNeedLeader } from "./checkers/clients-need-leader.js";
import { DocumentedReplies } from "./checkers/documented-replies.js";
import { KeptSessions } from "./checkers/kept-sessions.js";
import { LinearizableWrites } from "./checkers/linearizable-writes.js";
import { OrderedReplies } from "./checkers/ordered-replies.js";
import { TimelyWatches } from "./checkers/timely-watches.js";
import { GhostZnodeChanges } from "./checkers/znode-changes.js";
import { awaitClients } from "./client-rest.js";
import { clientPortKit, MAX_TICKS, MIN_TICKS } from "./client-port-kit.js";
import { planClientFaults } from "./client-faults.js";
import { FramedClient } from "./framed-client.js";
import { drawFrameWorkload } from "./frame-workload.js";

export const clientPortCast: Cast = {
  kit: clientPortKit,
  adapt: (settings) => smaller(settings),
  newCheckers: (settings) => clientPortCheckers(settings),
  newClients: () => [],
  newFrameClients(random, settings) {
    const count = random.integer(2, MAX_CLIENTS);
    return Array.from({ length: count }, (_, index) => {
      const workload = drawFrameWorkload(random, settings, index);
      return { client: new FramedClient(nameOf(index), workload), address: workload.address };
    });
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
    new OrderedReplies(),
    new DocumentedReplies(requests),
    new TimelyWatches(requests, changes),
    new LinearizableWrites(),
    new KeptSessions(requests, bounds),
    new ClientsNeedLeader(),
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
    safetyMs: Math.min(safetyMs, MAX_SAFETY_TICKS * peer.tickTimeMs),
  };
}

const MAX_VOTERS = 3;
const MAX_SAFETY_TICKS = 40;
const MAX_CLIENTS = 5;
const NAMES: readonly string[] = Array.from({ length: MAX_CLIENTS }, (_, index) => nameOf(index));

function nameOf(index: number): string {
  return `client-${index + 1}`;
}
