/** What a cycle does to an ensemble, as its seed says. */
import { setTimeout as delay } from "node:timers/promises";
import type { Sid } from "@jute-ts/zookeeper";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import type { Random } from "../fuzz/random.js";

export interface Attack {
  readonly kind: "kill" | "pause";
  readonly victims: readonly Victim[];
  /** How long the victims are away. */
  readonly awayMs: number;
}

export interface Victim {
  readonly sid: Sid;
  readonly role: "leader" | "follower";
  readonly maker: "own" | "apache";
}

/** The leader half of the time, else any; now and then a second one, which leaves no quorum of three. */
export function chooseAttack(
  ensemble: MixedEnsemble,
  leader: Sid,
  random: Random,
  pauses: boolean,
): Attack {
  const { sids } = ensemble;
  // All is drawn in every case, so that what follows does not depend on who leads.
  const wantsLeader = random.below(2) === 0;
  const start = random.below(sids.length);
  const count = Math.min(sids.length, random.below(7) === 0 ? 2 : 1);
  const kind = random.below(3) === 0 && pauses ? "pause" : "kill";
  // Those that are paused for longer than syncLimit are left behind by the others.
  const awayMs = 100 + random.below(kind === "pause" ? 4000 : 900);
  const first = wantsLeader ? sids.indexOf(leader) : start;
  const victims = Array.from({ length: count }, (_, step): Victim => {
    const sid = sids[(first + step) % sids.length] ?? leader;
    return {
      sid,
      role: sid === leader ? "leader" : "follower",
      maker: ensemble.isApache(sid) ? "apache" : "own",
    };
  });
  return { kind, victims, awayMs };
}

/** Takes the victims away, and brings them back. Resolves when their processes run. */
export async function carryOut(ensemble: MixedEnsemble, attack: Attack): Promise<void> {
  const { kind, victims, awayMs } = attack;
  const servers = victims.map(({ sid }) => ensemble.process(sid));
  if (kind === "kill") await Promise.all(servers.map((server) => server.kill()));
  else await Promise.all(servers.map((server) => server.pause()));
  await delay(awayMs);
  if (kind === "kill") await ensemble.start(...victims.map(({ sid }) => sid));
  else for (const server of servers) server.resume();
}

/** In short, for the line of a cycle. */
export function describeAttack({ kind, victims }: Attack): string {
  const names = victims.map(
    ({ sid, role, maker }) => `${maker === "own" ? "our" : "Apache's"} ${role} ${sid}`,
  );
  return `${names.join(" and ")} ${kind === "kill" ? "killed" : "paused"}`;
}
