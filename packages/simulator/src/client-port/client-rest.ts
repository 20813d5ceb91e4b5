/**
 * The end of a run with clients of the client port: nothing goes wrong any more, so
 * within a bounded time every client is served; then nobody loses anything while
 * they only keep their sessions, for longer than a session lasts; and a last look
 * shows that nothing was missed.
 */
import { InvariantViolation } from "../checkers/checker.js";
import { awaitRest, healingBoundMs } from "../faults/healing.js";
import type { World } from "../world/world.js";
import { MAX_TICKS } from "./client-port-kit.js";
import { FramedClient } from "./framed-client.js";

/** Throws `InvariantViolation` when clients are not served in time. */
export function awaitClients(world: World): void {
  const clients = world.frameClients.filter((client) => client instanceof FramedClient);
  const longestMs = MAX_TICKS * world.settings.peer.tickTimeMs;
  const { nowMs } = world;
  world.boundLatency();
  // What was sent before may still be late enough to end a connection, or a leadership.
  world.runUntil(nowMs + SETTLING_TICKS * world.settings.peer.tickTimeMs);
  // A connection may be dead without its client knowing.
  awaitAnswers(world, clients, "while nothing went wrong", nowMs);
  world.beginCalm();
  world.runUntil(world.nowMs + longestMs);
  for (const client of clients) client.isRobbed();
  world.runUntil(world.nowMs + longestMs + world.settings.safetyMs / 10);
  // One after the other: some ensembles take one request at a time.
  for (const client of clients) {
    client.lookAgain();
    awaitAnswers(world, [client], "by the last look");
  }
  awaitRest(
    world,
    world.nowMs + healingBoundMs(world.settings),
    "the ensemble did not come to rest",
  );
}

/** Latencies are 0.15 ticks on average at most: less than one message in 10^11 is later than this. */
const SETTLING_TICKS = 4;

function awaitAnswers(
  world: World,
  clients: readonly FramedClient[],
  when: string,
  sinceMs = 0,
): void {
  const isServed = ({ isAtRest, heardMs }: FramedClient): boolean => isAtRest && heardMs >= sinceMs;
  const boundMs = healingBoundMs(world.settings) + 4 * MAX_TICKS * world.settings.peer.tickTimeMs;
  const areServed = world.runUntilHolds(world.nowMs + boundMs, () => clients.every(isServed));
  if (areServed) return;
  const left = clients.filter((client) => !isServed(client)).map(({ name }) => name);
  throw new InvariantViolation(
    "ServedClients",
    `${left.join(", ")} is not served within ${boundMs.toFixed(0)} ms ${when}`,
  );
}
