/** What goes wrong between clients and servers: connections that break, stall, or are read slowly. */
import type { Sid } from "@jute-ts/zookeeper";
import type { CustomFault, PlannedFault } from "../faults/faults.js";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";

/** Draws the faults of the connections of these clients. `firstId`: the number of the first of them. */
export function planClientFaults(
  random: Random,
  settings: WorldSettings,
  clients: readonly string[],
  firstId: number,
): readonly PlannedFault[] {
  const { tickTimeMs } = settings.peer;
  const meanIntervalMs = tickTimeMs * random.pick([2, 5, 20]);
  const { voters, observers } = settings.ensemble;
  const sids = [...voters, ...observers];
  const plan: PlannedFault[] = [];
  for (let atMs = random.exponential(meanIntervalMs); atMs < settings.safetyMs;) {
    const fault = drawFault(random, clients, sids, tickTimeMs);
    plan.push({ id: firstId + plan.length, atMs, fault });
    atMs += random.exponential(meanIntervalMs);
  }
  return plan;
}

/** Each as coverage counts it. */
export const CLIENT_FAULTS = [
  "broken client connection",
  "stalled client",
  "unreachable server",
  "slow client",
] as const;

function drawFault(
  random: Random,
  clients: readonly string[],
  sids: readonly Sid[],
  tickTimeMs: number,
): CustomFault {
  const client = random.pick(clients);
  const sid = random.pick(sids);
  const forMs = random.exponential(tickTimeMs * random.pick([1, 5, 20]));
  const everyMs = tickTimeMs * random.pick([0.001, 0.02]);
  switch (random.pick(CLIENT_FAULTS)) {
    case "broken client connection":
      return broken(client);
    case "stalled client":
      return blocked(
        "stalled client",
        sids.map((each) => [client, each] as const),
        forMs,
      );
    case "unreachable server":
      return blocked(
        "unreachable server",
        clients.map((each) => [each, sid] as const),
        forMs,
      );
    case "slow client":
      return slow(client, everyMs, forMs);
  }
}

function broken(client: string): CustomFault {
  return {
    kind: "custom",
    name: "broken client connection",
    forMs: 0,
    begin: ({ clientNetwork }) => {
      clientNetwork.break(client);
      return () => undefined;
    },
  };
}

function blocked(
  name: string,
  pairs: readonly (readonly [client: string, sid: Sid])[],
  forMs: number,
): CustomFault {
  return {
    kind: "custom",
    name,
    forMs,
    begin: ({ clientNetwork }) => {
      for (const [client, sid] of pairs) clientNetwork.block(client, sid);
      return () => {
        for (const [client, sid] of pairs) clientNetwork.unblock(client, sid);
      };
    },
  };
}

function slow(client: string, everyMs: number, forMs: number): CustomFault {
  return {
    kind: "custom",
    name: "slow client",
    forMs,
    begin: ({ clientNetwork }) => {
      clientNetwork.readSlowly(client, everyMs);
      return () => {
        clientNetwork.readSlowly(client, 0);
      };
    },
  };
}
