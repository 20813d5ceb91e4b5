/**
 * FinishedSnapshots: where disks work, a snapshot that was begun gets its name, or is given
 * up and removed. One that does neither keeps its server from ever writing another.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

export interface DiskLimits {
  readonly tickTimeMs: number;
  /** How long an operation and an fsync take on average. */
  readonly operationMs: number;
  readonly syncMs: number;
}

export class FinishedSnapshots implements Checker {
  readonly name = "finished-snapshots";
  readonly watches = ["file", "crash", "newDisk", "healing"] as const;
  readonly #boundMs: number;
  /** When each file was begun that is written now, by its name. What a crash leaves is none of them. */
  readonly #begun = new Map<Sid, Map<string, number>>();
  #healedMs = 0;

  constructor(limits: DiskLimits) {
    this.#boundMs = boundMsOf(limits);
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "healing":
        this.#healedMs = world.nowMs;
        return;
      case "crash":
      case "newDisk":
        this.#begun.delete(observation.sid);
        return;
      case "file":
        this.#onFile(observation, world);
        return;
      default:
        return;
    }
  }

  atEnd(world: WorldView): void {
    for (const [sid, files] of this.#begun)
      for (const [name, begunMs] of files) {
        const sinceMs = world.nowMs - Math.max(begunMs, this.#healedMs);
        if (sinceMs <= this.#boundMs) continue;
        throw new InvariantViolation(
          "FinishedSnapshots",
          `${sid} began ${name} at ${begunMs.toFixed(0)} ms, and has neither given it its name nor removed it ${sinceMs.toFixed(0)} ms after its disk works`,
        );
      }
  }

  #onFile(
    { sid, operation, result }: Extract<Observation, { kind: "file" }>,
    { nowMs }: WorldView,
  ): void {
    if (result.kind === "failed") return;
    if (operation.kind === "create") {
      if (UNFINISHED.test(operation.file.name)) this.#files(sid).set(operation.file.name, nowMs);
    } else if (operation.kind === "rename" || operation.kind === "remove") {
      this.#begun.get(sid)?.delete(operation.file.name);
    }
  }

  #files(sid: Sid): Map<string, number> {
    let files = this.#begun.get(sid);
    if (files === undefined) this.#begun.set(sid, (files = new Map<string, number>()));
    return files;
  }
}

/** How long what was begun with a file may take where the disk works. */
export function boundMsOf({ tickTimeMs, operationMs, syncMs }: DiskLimits): number {
  return tickTimeMs + 1000 * operationMs + 100 * syncMs;
}

/** As a snapshot is called until it is whole. */
const UNFINISHED = /^unfinished-snapshot\..*\.tmp$/u;
