/**
 * BoundedResources: whatever comes in, a peer does not grow without bound and does not spin:
 * what waits in it, what one event makes it do, and how often its timer fires
 * without time passing, all have limits far above what a run can need. And of what
 * was prepared, nothing is remembered once it is applied.
 */
import type { Upkeep } from "@jute-ts/data-tree";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

interface Spin {
  nowMs: number;
  count: number;
}

export class BoundedResources implements Checker {
  readonly name = "bounded-resources";
  readonly watches = ["step"] as const;
  readonly #spins = new Map<Sid, Spin>();

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    const { sid, event, before, after, effects } = observation;
    limit(sid, "effects of one event", effects.length, MAX_EFFECTS);
    limit(sid, "outstanding proposals", after.outstanding, MAX_OUTSTANDING);
    // One that has reconnected may be there twice for a moment, and strangers are few.
    limit(sid, "learners", after.learners.length, 2 * world.ensemble.members.size + MAX_STRANGERS);
    if (event.kind === "deadline") this.#countTimer(sid, event.nowMs);
    // What has leaked stays, and is asked for when something is applied or let go next.
    const isNews =
      after.lastProcessedZxid !== before.lastProcessedZxid || after.role !== before.role;
    const tree = isNews ? world.peers.get(sid)?.tree : undefined;
    if (tree === undefined) return;
    judgeUpkeep(sid, tree.upkeep, after.lastLoggedZxid > after.lastProcessedZxid);
  }

  #countTimer(sid: Sid, nowMs: number): void {
    const spin = this.#spins.get(sid);
    if (spin?.nowMs !== nowMs) {
      this.#spins.set(sid, { nowMs, count: 1 });
      return;
    }
    spin.count++;
    limit(sid, `timers at ${nowMs} ms`, spin.count, MAX_TIMERS_AT_ONCE);
  }
}

function judgeUpkeep(sid: Sid, { outstanding, acls }: Upkeep, hasOutstanding: boolean): void {
  const { changes, paths, ephemerals, sessions } = outstanding;
  if (!hasOutstanding) {
    limit(sid, "outstanding changes when all is applied", changes, 0);
    limit(sid, "outstanding sessions when all is applied", sessions, 0);
  }
  limit(sid, `paths of ${changes} outstanding changes`, paths, changes);
  limit(sid, `ephemerals in ${changes} outstanding changes`, ephemerals, changes);
  limit(sid, `keys of ${acls.lists} access control lists`, acls.keys, acls.lists);
  limit(sid, `ids of ${acls.lists} access control lists`, acls.ids, acls.lists);
}

function limit(sid: Sid, what: string, count: number, most: number): void {
  if (count > most)
    throw new InvariantViolation(
      "BoundedResources",
      `${sid} has ${count} ${what}, more than ${most}`,
    );
}

const MAX_EFFECTS = 100_000;
const MAX_OUTSTANDING = 20_000;
const MAX_STRANGERS = 128;
const MAX_TIMERS_AT_ONCE = 100;
