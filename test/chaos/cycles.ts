/**
 * Cycles of one ensemble: load, an attack under it, everyone back, and the checks.
 * A cycle ends when everything is found to be as it must be, or the run does.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../fuzz/random.js";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import { type Attack, carryOut, chooseAttack } from "./attack.js";
import { Checks } from "./checks.js";
import { DirectSessions } from "./direct-sessions.js";
import { Load } from "./load.js";
import { ServerTrees } from "./server-trees.js";
import type { Tally } from "./tally.js";

export interface CyclesOptions {
  readonly cycles: number;
  /** By `performance.now()`. */
  readonly endMs: number;
  readonly random: Random;
  readonly pauses: boolean;
  readonly tally: Tally;
  readonly onCycle: (cycle: CycleReport) => void;
}

export interface CycleReport {
  readonly attack: Attack;
  readonly acknowledged: number;
  readonly ms: number;
}

/** Starts the ensemble and attacks it again and again. Throws for what must not be. */
export async function runCycles(ensemble: MixedEnsemble, options: CyclesOptions): Promise<void> {
  const { tally } = options;
  let leaderKilledMs: number | undefined;
  const sessions = new DirectSessions(ensemble);
  const load = new Load(ensemble, sessions, {
    // Reading everything from Apache's servers takes longer than writing it.
    ...(ensemble.sids.some((sid) => ensemble.isApache(sid)) ? GENTLE : HEAVY),
    onAcknowledged: (startedMs) => {
      if (leaderKilledMs === undefined || startedMs < leaderKilledMs) return;
      tally.failedOver(performance.now() - leaderKilledMs);
      leaderKilledMs = undefined;
    },
  });
  const trees = new ServerTrees(ensemble, sessions);
  const checks = new Checks(ensemble, trees);
  const everything: string[] = [];
  await ensemble.start(...ensemble.sids);
  for (let cycle = 0; cycle < options.cycles && performance.now() < options.endMs; cycle++) {
    const beganMs = performance.now();
    const leader = await ensemble.ready(SETTLE_MS);
    const root = `/cycle${cycle}`;
    await load.begin(root);
    await delay(50 + options.random.below(200));
    const attack = chooseAttack(ensemble, leader, options.random, options.pauses);
    const killsLeader =
      attack.kind === "kill" && attack.victims.some(({ role }) => role === "leader");
    leaderKilledMs = killsLeader ? performance.now() : undefined;
    tally.attacked(attack);
    await carryOut(ensemble, attack);
    await ensemble.ready(SETTLE_MS);
    await delay(100);
    const written = await load.end();
    leaderKilledMs = undefined;
    await checks.check(root, written.acknowledged);
    everything.push(...written.acknowledged);
    tally.found(written);
    const acknowledged = written.acknowledged.length;
    options.onCycle({ attack, acknowledged, ms: performance.now() - beganMs });
  }
  await checks.check("/", everything);
  tally.treeDigests += trees.treeDigests;
  tally.txnDigests += trees.txnDigests;
}

const HEAVY = { writers: 9, pauseMs: 2 };
const GENTLE = { writers: 6, pauseMs: 10 };
const SETTLE_MS = 60_000;
