/**
 * CutLogs: a learner that is told to cut its log after a txn that it has does so, and does not give up to ask for
 * a whole snapshot instead, which always helps and may take long. Where no snapshot leads to that txn, or its
 * disk was replaced or has rotted, it may have to.
 */
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import type { Ghosts } from "../model/ghosts.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export class CutLogs implements Checker {
  readonly name = "cut-logs";
  readonly watches = ["reported", "newDisk"] as const;
  readonly #disks: Ghosts["disks"];
  /** After which txn servers are to cut their logs, of those that can. */
  readonly #cuts = new Map<Sid, Zxid>();
  /** Whose disks nobody can be sure of. */
  readonly #doubtful = new Set<Sid>();

  constructor({ disks }: Pick<Ghosts, "disks">) {
    this.#disks = disks;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "newDisk") this.#doubtful.add(observation.sid);
    if (observation.kind !== "step") return;
    const { sid, effects } = observation;
    for (const effect of effects) {
      if (effect.kind !== "report") continue;
      const { report } = effect;
      if (report.kind === "syncBegun") {
        this.#cuts.delete(sid);
        if (report.packet === "TRUNC" && this.#canCut(sid, report.zxid, world))
          this.#cuts.set(sid, report.zxid);
      } else if (report.kind === "roleChanged") {
        const zxid = this.#cuts.get(sid);
        this.#cuts.delete(sid);
        if (zxid !== undefined && report.why.includes(GIVES_UP))
          throw new InvariantViolation(
            "CutLogs",
            `${sid} has ${formatZxid(zxid)}, after which it was to cut its log, and gives up: ${report.why}`,
          );
      }
    }
  }

  #canCut(sid: Sid, zxid: Zxid, world: WorldView): boolean {
    if (this.#doubtful.has(sid)) return false;
    const snapshots = this.#disks.snapshotZxids(sid, world);
    if (!snapshots.some((each) => each <= zxid)) return false;
    return snapshots.includes(zxid) || this.#disks.loggedZxids(sid, world).includes(zxid);
  }
}

/** As servers say it. */
const GIVES_UP = "the log cannot be cut";
