/**
 * CoveredSnapshots: a snapshot gets its name when all that may be in it is in the log, durably.
 * It is written while txns are applied, and a server may apply what others have on
 * disk before it has it itself: without the log, such a snapshot is the state of no moment.
 */
import { parseDataFileName, readSnapshot } from "@jute-ts/persistence";
import type { FilePath } from "@jute-ts/quorum";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import type { Ghosts } from "../model/ghosts.js";

export class CoveredSnapshots implements Checker {
  readonly name = "covered-snapshots";
  readonly watches = ["file"] as const;
  readonly #ghosts: Ghosts;

  constructor(ghosts: Ghosts) {
    this.#ghosts = ghosts;
  }

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "file" || observation.result.kind === "failed") return;
    const { sid, operation } = observation;
    if (operation.kind !== "rename") return;
    const parsed = parseDataFileName(operation.to);
    if (parsed?.kind !== "snapshot") return;
    const file = { directory: operation.file.directory, name: operation.to };
    this.#judge(sid, parsed.zxid, file, world);
  }

  #judge(sid: Sid, begun: Zxid, file: FilePath, world: WorldView): void {
    const bytes = world.peers.get(sid)?.disk.contents(file, "current");
    if (bytes === undefined) return;
    const { digest, lastProcessedZxid } = readSnapshot(bytes).trailer;
    // Of one without a trailer nobody knows when it ended.
    const ended = lastProcessedZxid ?? digest?.zxid ?? begun;
    if (ended <= begun) return;
    const { history, disks } = this.#ghosts;
    const durable = disks.durableZxid(sid, world);
    if (history.contains(durable, ended)) return;
    throw new InvariantViolation(
      "CoveredSnapshots",
      `${sid} publishes ${file.name}, which was finished at ${formatZxid(ended)}, with only ${formatZxid(durable)} on its disk`,
    );
  }
}
