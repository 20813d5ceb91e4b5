/**
 * The second half of a run: nothing goes wrong any more, and within a bounded
 * time the ensemble must work again: one leader in broadcast, every member in
 * sync with it and equal to it, and a new write committed everywhere.
 */
import { OpCode } from "@jute-ts/zookeeper";
import { InvariantViolation } from "../checkers/checker.js";
import type { ClientAnswer } from "../clients/client.js";
import type { PeerProcess } from "../world/peer-process.js";
import type { WorldSettings } from "../world/settings.js";
import type { World } from "../world/world.js";

/** Who writes when everything is healed. */
export const HEALING_CLIENT = "healing";

/** How long an ensemble may take to work again after everything was repaired, in milliseconds. */
export function healingBoundMs(settings: WorldSettings): number {
  // A few attempts; disks and clients need the rest.
  const restMs = 1000 * settings.disk.syncMs + 100 * settings.clientLatencyMs + 10_000;
  return 6 * attemptMs(settings) + restMs;
}

/** One attempt at forming or joining an ensemble, with its longest waits, in milliseconds. */
export function attemptMs(settings: WorldSettings): number {
  const { tickTimeMs, initLimit, syncLimit, maxNotificationIntervalMs, finalizeWaitMs } =
    settings.peer;
  return (
    tickTimeMs * (3 * initLimit + syncLimit) +
    2 * (maxNotificationIntervalMs ?? 60_000) +
    5 * (finalizeWaitMs ?? 200) +
    settings.quorum.dialTimeoutMs
  );
}

/** Waits until the ensemble works again. Throws `InvariantViolation` when it does not in time. */
export function awaitRecovery(world: World): void {
  const untilMs = world.nowMs + healingBoundMs(world.settings);
  awaitRest(world, untilMs, "the ensemble did not come to rest");
  awaitWrite(world, untilMs);
  awaitRest(world, untilMs, "the ensemble did not come to rest after a write");
}

/** What still keeps all members, or those that are running, from being at rest; undefined when nothing does. */
export function unrest(world: World, whom: "all" | "running" = "all"): string | undefined {
  const leaders = world.processes.filter((process) => process.status?.role === "leading");
  const [leader] = leaders;
  if (leader === undefined) return "nobody leads";
  if (leaders.length > 1) return `several lead: ${leaders.map(({ sid }) => sid).join(", ")}`;
  if (world.gateway.unanswered > 0) return `${world.gateway.unanswered} requests are unanswered`;
  for (const process of world.processes) {
    if (!process.up && whom === "running") continue;
    const difference = differenceOf(process, leader);
    if (difference !== undefined) return `peer ${process.sid} ${difference}`;
  }
  return undefined;
}

function differenceOf(process: PeerProcess, leader: PeerProcess): string | undefined {
  const { status, state } = process;
  const [leading, leadingState] = [leader.status, leader.state];
  if (status === undefined || state === undefined) return "is down";
  if (leading === undefined || leadingState === undefined) return "has no leader";
  if (!status.serving) return `does not serve (${status.role}, ${status.phase ?? "no phase"})`;
  if (status.phase !== "broadcast") return `is in ${status.phase ?? "no phase"}`;
  if (status.leader !== leader.sid) return `follows ${status.leader ?? "nobody"}`;
  if (status.epoch !== leading.epoch) return `is in epoch ${status.epoch ?? "none"}`;
  if (status.outstanding > 0) return `has ${status.outstanding} outstanding proposals`;
  if (status.lastProcessedZxid !== leading.lastProcessedZxid) return "has not applied everything";
  if (state.digest() !== leadingState.digest()) return "differs from the leader at the same zxid";
  return undefined;
}

/** Waits until all members are equal and have nothing to do. Throws `InvariantViolation` when that is not so in time. */
export function awaitRest(world: World, untilMs: number, text: string): void {
  for (;;) {
    const obstacle = unrest(world);
    if (obstacle === undefined) return;
    if (world.nowMs >= untilMs) {
      const waitedMs = healingBoundMs(world.settings).toFixed(0);
      throw new InvariantViolation("Liveness", `${text} within ${waitedMs} ms: ${obstacle}`);
    }
    world.runUntil(Math.min(untilMs, world.nowMs + LOOK_EVERY_MS));
  }
}

/** A session is the simplest write: it needs nothing to be there. */
function awaitWrite(world: World, untilMs: number): void {
  const port = world.gateway.portOf(HEALING_CLIENT);
  const body = new Uint8Array([0, 0, 0x75, 0x30]);
  for (let cxid = 0; world.nowMs < untilMs; cxid += 1) {
    const process = world.processes[cxid % world.processes.length];
    if (process === undefined) break;
    const sessionId = HEALING_SESSION + BigInt(cxid);
    let answer: ClientAnswer | undefined;
    const change = { sessionId, cxid: 0, opCode: OpCode.createSession, body, authInfo: [] };
    port.submit(process.sid, change, (given) => {
      answer = given;
    });
    world.runUntilHolds(untilMs, () => answer !== undefined);
    if (answer?.kind === "applied") {
      if (answer.result.err === 0) return;
      throw new InvariantViolation("Liveness", `a new session failed: error ${answer.result.err}`);
    }
    world.runUntil(Math.min(untilMs, world.nowMs + LOOK_EVERY_MS));
  }
  throw new InvariantViolation("Liveness", "no write was committed after healing");
}

const LOOK_EVERY_MS = 50;

/** Below the ids that servers give: their first byte is a server id. */
const HEALING_SESSION = 0x7ea1_0000n;
