/**
 * FoundDirectories: a server starts from whatever crashes, Apache's servers and administrators leave in its
 * data directory, with all of it that counts and with nothing else; it refuses to start where something is
 * missing that it may have promised; and a start that is itself cut off by a power failure changes
 * nothing of that. Each run draws a few directories together with what must become of them.
 */
import {
  type Effect,
  type FileOperationId,
  type FileResult,
  type PeerOptions,
  type QuorumEvent,
  QuorumPeer,
  type ReplicatedState,
  type Report,
} from "@jute-ts/quorum";
import { majorityOf, participant } from "@jute-ts/quorum/membership";
import { formatZxid, type Zxid } from "@jute-ts/zookeeper";
import { InvariantViolation, type PeerMachine } from "../checkers/checker.js";
import { Disk } from "../world/disk.js";
import { EventQueue } from "../world/event-queue.js";
import type { Random } from "../world/random.js";
import type { DrawnDirectory, Outcome, StartOptions } from "./draft.js";
import { drawDirectory } from "./drawn-directories.js";
import { ListedState } from "./listed-state.js";

type Started = Extract<Outcome, { kind: "starts" }>;

/** What is said of a start, besides its outcome: why it was refused. */
type Found = Outcome & { readonly text?: string };

/** How servers are made. */
export type NewPeer = (options: PeerOptions, state: ReplicatedState) => PeerMachine;

/** Throws InvariantViolation when a server makes something else of directories that are drawn now. */
export function judgeDirectories(random: Random): void {
  for (let left = DIRECTORIES; left > 0; left -= 1) judgeDirectory(random, drawDirectory(random));
}

export function judgeDirectory(
  random: Random,
  drawn: DrawnDirectory,
  newPeer: NewPeer = (options, state) => new QuorumPeer(options, state),
): void {
  const machine = new Machine(random, drawn.options, newPeer);
  machine.disk.replace(drawn.files);
  const isInterrupted = random.chance(INTERRUPTED_SHARE);
  if (isInterrupted) {
    machine.start(random.integer(1, MOST_OPERATIONS));
    machine.losePower(random.pick([0, 0.5, 1]));
  }
  const found = machine.start();
  // What was torn may be gone by now.
  const tornBytes = isInterrupted && found.kind === "starts" ? found.tornBytes : undefined;
  judgeOutcome(drawn, found, tornBytes);
  if (found.kind === "refuses") return;
  judgeFiles(drawn, machine.disk);
  // A vote rests on what was found: it must not be in the memory of the system alone.
  machine.losePower(0);
  judgeOutcome(drawn, machine.start(), 0);
}

/** `tornBytes`: how many there must be, where that is not what was drawn. */
function judgeOutcome({ what, outcome }: DrawnDirectory, found: Found, tornBytes?: number): void {
  if (found.kind !== outcome.kind) {
    const why = found.text === undefined ? "" : `: ${found.text}`;
    throw violation(`${found.kind === "refuses" ? "refuses to start" : "starts"}${why}`, what);
  }
  if (found.kind === "refuses" || outcome.kind === "refuses") return;
  const expected: Started = { ...outcome, tornBytes: tornBytes ?? outcome.tornBytes };
  for (const [name, value] of Object.entries(expected)) {
    const actual = found[name as keyof Started];
    if (shown(actual) !== shown(value))
      throw violation(
        `starts with ${name} ${shown(actual)} where it should be ${shown(value)}`,
        what,
      );
  }
}

function judgeFiles({ what, leftovers }: DrawnDirectory, disk: Disk): void {
  for (const { directory, name } of leftovers)
    if (disk.names(directory, "current").includes(name))
      throw violation(`leaves ${name} in ${directory}`, what);
}

/** A machine with a disk, on which one server after the other starts. */
class Machine {
  readonly disk: Disk;
  readonly #random: Random;
  readonly #options: StartOptions;
  readonly #newPeer: NewPeer;
  readonly #queue = new EventQueue();
  #peer: PeerMachine | undefined;
  #reports: Report[] = [];
  #refusal: string | undefined;
  #left = Infinity;

  constructor(random: Random, options: StartOptions, newPeer: NewPeer) {
    this.#random = random;
    this.#options = options;
    this.#newPeer = newPeer;
    this.disk = new Disk(this.#queue, random, SPEED, {
      onCarriedOut: () => {
        this.#left -= 1;
      },
      onDone: (id, result) => {
        this.#onDone(id, result);
      },
    });
  }

  /** Runs a server until it knows what it has, or has refused; or until its disk has done so much. */
  start(mostOperations = Infinity): Found {
    const state = new ListedState();
    const peer = this.#newPeer(peerOptions(this.#options), state);
    this.#peer = peer;
    this.#reports = [];
    this.#refusal = undefined;
    this.#left = mostOperations;
    this.#step({ kind: "start", ...this.#now() });
    while (peer.status().role === "recovering" && this.#left > 0 && this.#queue.advance());
    this.#peer = undefined;
    const { role, acceptedEpoch, currentEpoch, lastLoggedZxid } = peer.status();
    const text = this.#refusal as string | undefined;
    if (text !== undefined || role === "stopped") return { kind: "refuses", text: text ?? role };
    if (role === "recovering") return { kind: "refuses", text: "its start does not end" };
    const recovered = this.#reports.find(({ kind }) => kind === "recovered");
    return {
      kind: "starts",
      restored: state.restored,
      applied: state.applied,
      lastZxid: lastLoggedZxid,
      acceptedEpoch,
      currentEpoch,
      mayVote: this.#reports.every(({ kind }) => kind !== "withoutVote"),
      tornBytes: recovered?.kind === "recovered" ? recovered.tornBytes : 0,
      mismatches: mismatchesIn(this.#reports),
    };
  }

  losePower(keepProbability: number): void {
    this.disk.crash({ kind: "power", keepProbability, tear: true }, this.#random);
  }

  #onDone(id: FileOperationId, result: FileResult): void {
    if (this.#left > 0) this.#step({ kind: "fileDone", id, result, ...this.#now() });
  }

  #step(event: QuorumEvent): void {
    for (const effect of this.#peer?.step(event) ?? []) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === "file") this.disk.request(effect.id, effect.lane, effect.operation);
    if (effect.kind === "report") this.#reports.push(effect.report);
    if (effect.kind !== "stopped") return;
    const { reason } = effect;
    this.#refusal = "text" in reason ? reason.text : reason.kind;
  }

  #now(): { readonly nowMs: number; readonly wallMs: number } {
    return { nowMs: this.#queue.nowMs, wallMs: WALL_MS };
  }
}

/** In the order in which they were first reported. */
function mismatchesIn(reports: readonly Report[]): readonly Zxid[] {
  const zxids = reports.flatMap((report) =>
    report.kind === "digestMismatch" ? [report.zxid] : [],
  );
  return [...new Set(zxids)];
}

function peerOptions(options: StartOptions): PeerOptions {
  const { commitLogCount, maxPacketBytes, ...storage } = options;
  return {
    sid: 1n,
    ensemble: ENSEMBLE,
    tickTimeMs: 2000,
    initLimit: 10,
    syncLimit: 5,
    commitLogCount,
    ...(maxPacketBytes === undefined ? {} : { maxPacketBytes }),
    storage,
    random: () => 0.5,
  };
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? formatZxid(each) : each,
  );
}

function violation(text: string, what: string): InvariantViolation {
  return new InvariantViolation(
    "FoundDirectories",
    `a server ${text}, in a directory with ${what}`,
  );
}

const ENSEMBLE = majorityOf(
  [1n, 2n, 3n].map((sid) =>
    participant(sid, `peer-${sid}`, { quorumPort: 2888, electionPort: 3888 }),
  ),
);

/** How many are drawn in a run. */
const DIRECTORIES = 6;
const INTERRUPTED_SHARE = 0.5;
/** Within how many operations of the disk a start is interrupted. */
const MOST_OPERATIONS = 40;
const SPEED = { operationMs: 0.1, syncMs: 1 };
const WALL_MS = 1_600_000_000_000;
