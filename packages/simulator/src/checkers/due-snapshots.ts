/**
 * DueSnapshots: a server that serves begins a snapshot after snapCount / 2 to snapCount txns, not
 * earlier, and not later unless it is busy with the last one. The file ends as the server was told: with
 * the digest or without, with the last zxid or without, both of the txn that was
 * applied last when it was written to its end; and it begins as all snapshots do.
 */
import type { Effect, FileOperation, FileOperationId } from "@jute-ts/quorum";
import { formatZxid, type Sid, type Zxid } from "@jute-ts/zookeeper";
import { equalBytes } from "../model/equal-bytes.js";
import { ascii, int, joined, long } from "../model/plain-bytes.js";
import { type PublishedSnapshot, publishedSnapshot } from "../model/published-snapshot.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";

type Step = Extract<Observation, { kind: "step" }>;

/** What is known of a process. */
interface Known {
  /** Txns that were applied while it served, or replayed at its start, since it has begun a snapshot; fewer, if anything. */
  applied: number;
  /** Whether it has to begin one at once. */
  isDue: boolean;
  /** Whether it serves before and after the step. */
  isServing: boolean;
  /** Whether it has begun one since it serves. */
  hasBegun: boolean;
  /** The file that it has not given its name yet. */
  unfinished: string | undefined;
  /** What it has asked of its disk beside the log. */
  readonly underWay: Set<FileOperationId>;
  /** What it had applied when it wrote to an unfinished snapshot last, by the name of that. */
  readonly writtenAt: Map<string, Zxid>;
}

export class DueSnapshots implements Checker {
  readonly name = "due-snapshots";
  readonly watches = ["step", "file", "crash"] as const;
  readonly #known = new Map<Sid, Known>();

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#known.delete(observation.sid);
        return;
      case "file":
        this.#onFile(observation, world);
        return;
      case "step":
        this.#onStep(observation, world);
        return;
      default:
        return;
    }
  }

  #onStep(step: Step, world: WorldView): void {
    const { sid, event, effects, before, after } = step;
    const known = this.#of(sid);
    // A crash may have come before it could begin.
    requireBegun(sid, known);
    if (event.kind === "fileDone") known.underWay.delete(event.id);
    const isServing = before.serving && after.serving;
    known.isServing = isServing;
    if (!isServing) known.hasBegun = false;
    for (const effect of effects) {
      if (effect.kind === "report" && effect.report.kind === "recovered")
        known.applied = effect.report.txns;
      if (effect.kind === "file")
        this.#onRequest(sid, known, effect, after.lastProcessedZxid, world);
      else if (effect.kind === "applied" && isServing) this.#onApplied(sid, known, world);
    }
  }

  #onRequest(
    sid: Sid,
    known: Known,
    { id, lane, operation }: Extract<Effect, { kind: "file" }>,
    lastProcessedZxid: Zxid,
    world: WorldView,
  ): void {
    const name = unfinishedName(operation);
    if (name !== undefined && operation.kind === "write" && operation.offset === 0)
      if (!equalBytes(operation.bytes.subarray(0, HEADER.length), HEADER))
        throw violation(sid, `begins ${name} with what no snapshot begins with`);
    // Whoever looks at all that is there loads or replaces it.
    if (lane === "log" && operation.kind === "list") known.applied = 0;
    if (lane !== "snapshot") return;
    known.underWay.add(id);
    if (name === undefined) return;
    if (operation.kind === "write") known.writtenAt.set(name, lastProcessedZxid);
    if (operation.kind !== "create") return;
    const least = Math.max(Math.floor(snapCountOf(sid, world) / 2), 1);
    if (known.hasBegun && known.applied < least)
      throw violation(
        sid,
        `begins a snapshot after ${known.applied} txns, and should after ${least}`,
      );
    known.applied = 0;
    known.isDue = false;
    // What was applied in the step in which it began to serve, it may count or not.
    known.hasBegun = known.isServing;
    known.unfinished = name;
  }

  #onApplied(sid: Sid, known: Known, world: WorldView): void {
    requireBegun(sid, known);
    known.applied += 1;
    const most = snapCountOf(sid, world);
    const isBusy = known.unfinished !== undefined || known.underWay.size > 0;
    known.isDue = known.applied >= most && !isBusy;
  }

  #onFile(observation: Extract<Observation, { kind: "file" }>, world: WorldView): void {
    const { sid, operation, result } = observation;
    if (operation.kind !== "rename" && operation.kind !== "remove") return;
    const known = this.#of(sid);
    const { name } = operation.file;
    if (known.unfinished === name) known.unfinished = undefined;
    const zxid = known.writtenAt.get(name);
    if (zxid === undefined || result.kind === "failed") return;
    known.writtenAt.delete(name);
    const published = publishedSnapshot(observation);
    if (published !== undefined) judgeTrailer(sid, published, zxid, world);
  }

  #of(sid: Sid): Known {
    let known = this.#known.get(sid);
    if (known === undefined) this.#known.set(sid, (known = newKnown()));
    return known;
  }
}

function newKnown(): Known {
  return {
    applied: 0,
    isDue: false,
    isServing: false,
    hasBegun: false,
    unfinished: undefined,
    underWay: new Set(),
    writtenAt: new Map(),
  };
}

function requireBegun(sid: Sid, { isDue, applied }: Known): void {
  if (isDue) throw violation(sid, `does not begin a snapshot after ${applied} txns`);
}

function judgeTrailer(sid: Sid, published: PublishedSnapshot, zxid: Zxid, world: WorldView): void {
  const trailer = published.read(world)?.trailer;
  const storage = world.peers.get(sid)?.storage;
  if (trailer === undefined || storage === undefined) return;
  const { digest, lastProcessedZxid } = trailer;
  const { digestInSnapshots = true, lastZxidInSnapshots = true } = storage;
  const { name } = published.file;
  if ((digest !== undefined) !== digestInSnapshots)
    throw violation(sid, `ends ${name} ${digest === undefined ? "without" : "with"} a digest`);
  if ((lastProcessedZxid !== undefined) !== lastZxidInSnapshots)
    throw violation(
      sid,
      `ends ${name} ${lastProcessedZxid === undefined ? "without" : "with"} the last zxid`,
    );
  for (const said of [digest?.zxid, lastProcessedZxid])
    if (said !== undefined && said !== zxid)
      throw violation(sid, `ends ${name} at ${formatZxid(zxid)}, and it says ${formatZxid(said)}`);
}

/** Of a snapshot that has no name yet; undefined for any other file. */
function unfinishedName(operation: FileOperation): string | undefined {
  if (operation.kind !== "create" && operation.kind !== "write") return undefined;
  const { name } = operation.file;
  return name.startsWith("unfinished-") ? name : undefined;
}

function snapCountOf(sid: Sid, { peers }: WorldView): number {
  return peers.get(sid)?.storage?.snapCount ?? Infinity;
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("DueSnapshots", `${sid} ${text}`);
}

/** "ZKSN", version 2, and the id of a database, which is -1 in snapshots. */
const HEADER = joined(ascii("ZKSN"), int(2), long(-1n));
