/**
 * ClearedContainers: a container that has had children and has none is removed. A
 * leader looks for such znodes at an interval. One that has carried out everything
 * that it proposed, and has had such a container for longer than two intervals, does
 * not look.
 */
import type { Sid, Zxid } from "@jute-ts/zookeeper";
import type { ZnodeModel } from "../model/znode-model.js";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";
import type { CommittedRequests } from "./committed-requests.js";

type Step = Extract<Observation, { kind: "step" }>;

export interface ClearingLimits {
  readonly overdueIntervalMs: number;
  /** How late timers may fire. */
  readonly timerLatenessMs: number;
}

export class ClearedContainers implements Checker {
  readonly name = "cleared-containers";
  readonly watches = ["leading", "crash", "resume"] as const;
  readonly #requests: CommittedRequests;
  readonly #boundMs: number;
  /** By leader: since when it has had each empty container. */
  readonly #emptySinceMs = new Map<Sid, Map<string, number>>();

  /** `requests` must have been asked before this one. */
  constructor(requests: CommittedRequests, limits: ClearingLimits) {
    this.#requests = requests;
    this.#boundMs = 2 * limits.overdueIntervalMs + 4 * limits.timerLatenessMs + 1;
  }

  observe(observation: Observation): void {
    if (observation.kind === "step") this.#onStep(observation);
    else if (observation.kind === "crash" || observation.kind === "resume")
      this.#emptySinceMs.delete(observation.sid);
  }

  #onStep({ sid, event, effects, after }: Step): void {
    if (after.role !== "leading" || !after.serving || this.#requests.isLost) {
      this.#emptySinceMs.delete(sid);
      return;
    }
    const emptySinceMs = this.#emptySinceMs.get(sid);
    if (emptySinceMs === undefined) {
      this.#emptySinceMs.set(sid, this.#emptyAt(after.lastProcessedZxid, event.nowMs));
      return;
    }
    for (const effect of effects) {
      if (effect.kind !== "applied") continue;
      const change = this.#requests.tree.changeOf(effect.txn.zxid);
      for (const [path, znode] of change?.znodes ?? []) {
        if (znode === undefined || !isOverdue(znode)) emptySinceMs.delete(path);
        else if (!emptySinceMs.has(path)) emptySinceMs.set(path, event.nowMs);
      }
    }
    if (event.kind === "deadline" && after.outstanding === 0)
      this.#judge(sid, emptySinceMs, event.nowMs);
  }

  #emptyAt(zxid: Zxid, nowMs: number): Map<string, number> {
    const empty = new Map<string, number>();
    for (const [path, znode] of this.#requests.tree.znodesAt(zxid))
      if (isOverdue(znode)) empty.set(path, nowMs);
    return empty;
  }

  #judge(sid: Sid, emptySinceMs: ReadonlyMap<string, number>, nowMs: number): void {
    for (const [path, sinceMs] of emptySinceMs) {
      if (nowMs - sinceMs <= this.#boundMs) continue;
      throw new InvariantViolation(
        "ClearedContainers",
        `${sid} has not removed ${path}, a container without children, for ${(nowMs - sinceMs).toFixed(0)} ms`,
      );
    }
  }
}

function isOverdue({ owner, creates, children }: ZnodeModel): boolean {
  return owner.kind === "container" && creates > 0 && children === 0;
}
