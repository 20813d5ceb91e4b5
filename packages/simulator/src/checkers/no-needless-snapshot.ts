/**
 * NoNeedlessSnapshot: a leader sends no snapshot to a learner whose last txn is among
 * the recent ones that the leader has: those that it has applied since the newest
 * snapshot from which it may have loaded its state, as many as it is told to remember.
 * A restart takes none of them away, since they are in its log.
 */
import type { Report } from "@jute-ts/quorum";
import { counterOf, formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { GhostHistory } from "../model/ghost-history.js";
import { type Checker, InvariantViolation, type Observation } from "./checker.js";

export class NoNeedlessSnapshot implements Checker {
  readonly name = "no-needless-snapshot";
  readonly watches = ["reported"] as const;
  readonly #history: GhostHistory;
  readonly #firstZxid: Zxid;
  /** How many txns every server remembers at least. */
  readonly #remembered: number;
  /** The newest snapshot that each server may have loaded: what is before that in its log, it does not look at. */
  readonly #loaded = new Map<Sid, Zxid>();

  constructor(history: GhostHistory, firstZxid: Zxid, remembered: number) {
    this.#history = history;
    this.#firstZxid = firstZxid;
    this.#remembered = remembered;
  }

  observe(observation: Observation): void {
    if (observation.kind !== "step") return;
    const { sid, effects, after } = observation;
    for (const effect of effects)
      if (effect.kind === "report") this.#onReport(sid, effect.report, after.lastProcessedZxid);
  }

  #onReport(sid: Sid, report: Report, lastZxid: Zxid): void {
    if (report.kind === "recovered") {
      this.#loaded.set(sid, report.snapshotZxid ?? this.#firstZxid);
    } else if (
      report.kind === "snapshotWritten" ||
      (report.kind === "syncBegun" && report.packet === "SNAP")
    ) {
      const before = this.#loaded.get(sid) ?? this.#firstZxid;
      if (report.zxid > before) this.#loaded.set(sid, report.zxid);
    } else if (report.kind === "syncChosen" && report.plan.reason === "too-far-behind") {
      this.#judge(sid, report.learnerZxid, lastZxid);
    }
  }

  #judge(sid: Sid, learnerZxid: Zxid, lastZxid: Zxid): void {
    const loaded = this.#loaded.get(sid) ?? this.#firstZxid;
    // Where an epoch begins there is no txn.
    if (counterOf(learnerZxid) === 0 || learnerZxid <= loaded) return;
    let zxid = this.#history.lastTxn(lastZxid);
    for (let missing = 0; missing < this.#remembered && zxid > loaded; missing += 1) {
      if (zxid === learnerZxid)
        throw new InvariantViolation(
          "NoNeedlessSnapshot",
          `${sid} sends a snapshot to a learner that has ${formatZxid(learnerZxid)}, after which it has applied ${missing} txns only, and loaded ${formatZxid(loaded)}`,
        );
      zxid = this.#history.predecessor(zxid);
    }
  }
}
