/**
 * EpochsOnDisk: after any crash the files of epochs hold epochs, the epoch of the last logged
 * txn and the current epoch are at most the accepted epoch, and that is never lower than it was.
 * They are written as Apache's servers write them, in decimal digits and with nothing after those.
 * A server that has recovered also has a current epoch that is at least the
 * epoch of its last txn. On the disk it may be lower: a learner logs the history
 * of its leader before the epoch (ZOOKEEPER-4643), and a crash may come between.
 */
import { epochOf, formatZxid, type Epoch, type Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { durableEpoch, epochIn } from "../model/epoch-files.js";
import type { Ghosts } from "../model/ghosts.js";

export class EpochsOnDisk implements Checker {
  readonly name = "epochs-on-disk";
  readonly watches = ["crash", "newDisk", "changed", "reported", "file"] as const;
  readonly #ghosts: Ghosts;
  /** The highest accepted epoch that each server has ever had on its disk or in its status. */
  readonly #accepted = new Map<Sid, Epoch>();

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind === "crash") {
      this.#judgeDisk(observation.sid, world);
    } else if (observation.kind === "file") {
      judgeWritten(observation);
    } else if (observation.kind === "newDisk") {
      this.#accepted.delete(observation.sid);
    } else if (observation.kind === "step") {
      const { sid, before, after, effects } = observation;
      if (after.acceptedEpoch !== before.acceptedEpoch)
        this.#judgeAccepted(sid, after.acceptedEpoch);
      for (const effect of effects)
        if (effect.kind === "report" && effect.report.kind === "recovered")
          this.#judgeRecovered(sid, effect.report);
    }
  }

  #judgeDisk(sid: Sid, world: WorldView): void {
    for (const name of ["acceptedEpoch", "currentEpoch"] as const) {
      if (durableEpoch(name, sid, world) !== "damaged") continue;
      const text = `a crash left ${sid} with a file ${name} that holds no epoch`;
      throw new InvariantViolation("EpochsOnDisk", text);
    }
    const accepted = epochIn(durableEpoch("acceptedEpoch", sid, world));
    if (accepted === undefined) return;
    this.#judgeAccepted(sid, accepted);
    const current = epochIn(durableEpoch("currentEpoch", sid, world)) ?? 0;
    const last = this.#ghosts.disks.durableZxid(sid, world);
    if (current > accepted || epochOf(last) > accepted) {
      throw new InvariantViolation(
        "EpochsOnDisk",
        `a crash left ${sid} with accepted epoch ${accepted}, current epoch ${current} and ${formatZxid(last)} as the last txn`,
      );
    }
  }

  #judgeAccepted(sid: Sid, epoch: Epoch): void {
    const highest = this.#accepted.get(sid) ?? 0;
    if (epoch < highest)
      throw new InvariantViolation(
        "EpochsOnDisk",
        `the accepted epoch of ${sid} goes back from ${highest} to ${epoch}`,
      );
    this.#accepted.set(sid, epoch);
  }

  #judgeRecovered(
    sid: Sid,
    {
      lastZxid,
      currentEpoch,
      acceptedEpoch,
    }: { lastZxid: bigint; currentEpoch: Epoch; acceptedEpoch: Epoch },
  ): void {
    this.#judgeAccepted(sid, acceptedEpoch);
    if (epochOf(lastZxid) <= currentEpoch && currentEpoch <= acceptedEpoch) return;
    throw new InvariantViolation(
      "EpochsOnDisk",
      `${sid} has recovered with accepted epoch ${acceptedEpoch}, current epoch ${currentEpoch} and ${formatZxid(lastZxid)} as the last txn`,
    );
  }
}

function judgeWritten({ sid, operation }: Extract<Observation, { kind: "file" }>): void {
  if (operation.kind !== "write" || !EPOCH_FILE.test(operation.file.name)) return;
  const text = String.fromCharCode(...operation.bytes);
  if (/^(?:0|[1-9][0-9]*)$/u.test(text)) return;
  throw new InvariantViolation(
    "EpochsOnDisk",
    `${sid} writes ${JSON.stringify(text)} to ${operation.file.name}`,
  );
}

const EPOCH_FILE = /^(?:accepted|current)Epoch(?:\.tmp)?$/u;
