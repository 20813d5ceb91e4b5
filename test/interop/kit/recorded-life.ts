/**
 * The life of an ensemble of Apache's servers and ours in which everything happens that
 * goes over the network: elections, syncs by DIFF, SNAP and TRUNC, requests of all kinds.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Session } from "./apache-client.js";
import { ask } from "./four-letter-words.js";
import type { MixedEnsemble } from "./mixed-ensemble.js";
import { until } from "./waiting.js";
import { runWorkload } from "./workload.js";

/** The servers that `live` expects, by server id from 1 on. */
export const LIVING = [
  "apache",
  "apache",
  "own",
  { maker: "apache", role: "observer" },
  { maker: "own", role: "observer" },
] as const;

/** The ports of all servers, by what is spoken there. */
export function portsOf({ members }: MixedEnsemble): {
  client: number[];
  quorum: number[];
  election: number[];
} {
  const addresses = members.flatMap((member) => member.addresses);
  return {
    client: members.flatMap(({ client }) => (client === undefined ? [] : [client.port])),
    quorum: addresses.map(({ quorumPort }) => quorumPort),
    election: addresses.map(({ electionPort }) => electionPort),
  };
}

/** Goes through all of it. `writes`: how many of the made-up ones. */
export async function live(ensemble: MixedEnsemble, writes: number): Promise<void> {
  await ensemble.start(1, 2);
  await ensemble.ready();
  const sessions = await Promise.all([1, 2].map((sid) => ensemble.connect(sid)));
  await runWorkload(sessions, { writes, seed: 7, root: "/life" });
  const [session] = sessions;
  if (session === undefined) throw new Error("no session");
  await session.sync();
  await session.nodes("/life");
  await Promise.all(sessions.map((each) => each.close()));
  // Servers without data get a SNAP.
  await ensemble.start(3, 4, 5);
  await ensemble.ready();
  await ask(ensemble.apache(1).clientAddress, "mntr");
  // A server that missed a little gets a DIFF, and a session whose server stops moves to another.
  const moving = await ensemble.connect(1, 4);
  const other = await ensemble.connect(2);
  for (const sid of [1, 4]) {
    await ensemble.server(sid).stop();
    for (let nth = 0; nth < 5; nth++) await other.create(`/missed-by-${sid}-${nth}`);
    await untilServed(moving);
    await ensemble.start(sid);
    await ensemble.ready();
    await ensemble.converged();
  }
  await makeTrunc(ensemble);
  await ensemble.killClient();
}

/** Waits until a session has found another server. */
async function untilServed(session: Session): Promise<void> {
  await until(
    async () => (await session.exists("/").catch(() => undefined)) !== undefined,
    30_000,
    () => "the session to move to another server",
  );
}

/** A leader logs a write of which no other server hears, and has to forget it. */
async function makeTrunc(ensemble: MixedEnsemble): Promise<void> {
  await Promise.all([1, 3, 4, 5].map((sid) => ensemble.server(sid).stop()));
  await ensemble.killClient();
  await ensemble.server(2).stop();
  await ensemble.start(1, 2);
  const leader = await ensemble.ready();
  const follower = leader === 1n ? 2 : 1;
  const session = await ensemble.connect(leader);
  await session.create("/everyone-has");
  await ensemble.converged();
  await ensemble.apache(follower).pause();
  const lost = session.create("/only-there").catch((error: unknown) => error);
  await delay(500);
  await Promise.all([1, 2].map((sid) => ensemble.server(sid).kill()));
  await ensemble.killClient();
  await lost;
  // Whoever takes part from here on has no more than everyone has.
  await rm(join(ensemble.server(3).dataDir, "version-2"), { recursive: true, force: true });
  await ensemble.start(follower, 3);
  await ensemble.ready();
  await ensemble.start(leader);
  await ensemble.ready();
}
