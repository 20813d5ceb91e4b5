/**
 * LogContinuity: a log has no hole, and once a learner has synchronized, nothing that was
 * aborted. Each record follows the one before it, or the newest snapshot; and
 * when a learner answers NEWLEADER, all that its logs hold, snapshots or not, is
 * part of the history that it has taken over (ZOOKEEPER-2846), and so are its
 * snapshots, or a later start would bring back what was aborted (ZOOKEEPER-1549).
 * A server that has recovered has logs without a torn end, for the next log begins
 * after it, where nothing can be told from rot any more.
 */
import { readTxnLog } from "@jute-ts/persistence";
import { counterOf, epochOf, formatZxid, NO_TXN, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { sortedFiles } from "../model/disk-twin.js";
import type { LogChange } from "../model/ghost-disks.js";
import type { Ghosts } from "../model/ghosts.js";

export class LogContinuity implements Checker {
  readonly name = "log-continuity";
  readonly watches = ["file", "sent", "reported"] as const;
  readonly #ghosts: Ghosts;

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "file") {
      for (const change of this.#ghosts.disks.changes)
        if (change.kind === "appended") this.#judgeAppended(change, world);
    } else if (observation.kind === "step") {
      const { sid, after, effects } = observation;
      for (const effect of effects) {
        if (effect.kind === "report") {
          if (effect.report.kind === "recovered") judgeRecovered(sid, world);
        } else if (effect.kind === "send" && effect.packet.kind === "ACK") {
          if (counterOf(effect.packet.zxid) === 0)
            this.#judgeSynced(sid, after.lastLoggedZxid, world);
        }
      }
    }
  }

  #judgeAppended(
    { sid, previous, zxid }: Extract<LogChange, { kind: "appended" }>,
    world: WorldView,
  ) {
    const { history, disks } = this.#ghosts;
    const expected = history.predecessor(zxid);
    if (previous === expected) return;
    const snapshot = disks.snapshotZxid(sid, world) ?? NO_TXN;
    // A snapshot may be ahead of the log that is being written; what it holds is no hole.
    if (history.contains(snapshot, expected) && previous <= snapshot) return;
    throw new InvariantViolation(
      "LogContinuity",
      `${sid} logs ${formatZxid(zxid)} after ${formatZxid(previous)}, with a snapshot at ${formatZxid(snapshot)}: ${formatZxid(expected)} is missing or does not come last`,
    );
  }

  #judgeSynced(sid: Sid, last: Zxid, world: WorldView): void {
    const { history, disks } = this.#ghosts;
    const zxids = disks.loggedZxids(sid, world);
    for (const [index, zxid] of zxids.entries()) {
      const next = zxids[index + 1];
      // Within an epoch the last record speaks for those before it.
      if (next !== undefined && epochOf(next) === epochOf(zxid) && next > zxid) continue;
      if (history.contains(last, zxid)) continue;
      throw new InvariantViolation(
        "LogContinuity",
        `${sid} has synchronized up to ${formatZxid(last)}, but its logs still hold ${formatZxid(zxid)}, which is not in that history`,
      );
    }
    for (const zxid of disks.snapshotZxids(sid, world)) {
      if (history.contains(last, zxid)) continue;
      throw new InvariantViolation(
        "LogContinuity",
        `${sid} has synchronized up to ${formatZxid(last)}, but still has a snapshot at ${formatZxid(zxid)}, which is not in that history`,
      );
    }
  }
}

function judgeRecovered(sid: Sid, world: WorldView): void {
  const disk = world.peers.get(sid)?.disk;
  if (disk === undefined) return;
  for (const path of sortedFiles(disk, "current", "log")) {
    const { end } = readTxnLog(disk.contents(path, "current") ?? new Uint8Array(0));
    if (end.kind === "end" || end.kind === "padding") continue;
    throw new InvariantViolation(
      "LogContinuity",
      `${sid} has recovered, and leaves ${path.name} ${end.kind} at byte ${end.offset}: ${end.reason}`,
    );
  }
}
