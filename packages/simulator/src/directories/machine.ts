/** A machine on which one server after the other starts, alone, with one disk. */
import type {
  Effect,
  FileOperationId,
  FileResult,
  PeerOptions,
  QuorumEvent,
  QuorumVerifier,
  ReplicatedState,
  Report,
} from "@jute-ts/quorum";
import { majorityOf, participant } from "@jute-ts/quorum/membership";
import type { Zxid } from "@jute-ts/zookeeper";
import type { PeerMachine } from "../checkers/checker.js";
import { Disk } from "../world/disk.js";
import { EventQueue } from "../world/event-queue.js";
import type { PeerEvent } from "../world/peer-event.js";
import { stamp } from "../world/process-clock.js";
import type { Random } from "../world/random.js";
import type { Outcome, StartOptions } from "./draft.js";
import { ListedState } from "./listed-state.js";

/** What is said of a start, besides its outcome: why it was refused. */
export type Found = Outcome & { readonly text?: string };

/** How servers are made. */
export type NewPeer = (options: PeerOptions, state: ReplicatedState) => PeerMachine;

export class Machine {
  readonly disk: Disk;
  readonly #random: Random;
  readonly #options: StartOptions;
  readonly #newPeer: NewPeer;
  readonly #ensemble: QuorumVerifier;
  readonly #queue = new EventQueue();
  #peer: PeerMachine | undefined;
  #reports: Report[] = [];
  #refusal: string | undefined;
  #left = Infinity;
  /** How much later it is than the disk has worked. */
  #idleMs = 0;

  constructor(
    random: Random,
    options: StartOptions,
    newPeer: NewPeer,
    ensemble: QuorumVerifier = THREE,
  ) {
    this.#random = random;
    this.#options = options;
    this.#newPeer = newPeer;
    this.#ensemble = ensemble;
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
  start(mostOperations: number = Infinity): Found {
    const state = new ListedState();
    const peer = this.#newPeer(peerOptions(this.#options, this.#ensemble), state);
    this.#peer = peer;
    this.#reports = [];
    this.#refusal = undefined;
    this.#left = mostOperations;
    this.#step({ kind: "start", ...this.#now() });
    while (peer.status().role === "recovering" && this.#left > 0 && this.#queue.advance());
    const { role, acceptedEpoch, currentEpoch, lastLoggedZxid } = peer.status();
    const text = this.#refusal as string | undefined;
    if (text !== undefined || role === "stopped") return { kind: "refuses", text: text ?? role };
    if (role === "recovering") return { kind: "refuses", text: ENDLESS };
    const recovered = this.#reports.find(({ kind }) => kind === "recovered");
    return {
      kind: "starts",
      restored: state.restored,
      applied: state.applied,
      txns: recovered?.kind === "recovered" ? recovered.txns : 0,
      lastZxid: lastLoggedZxid,
      acceptedEpoch,
      currentEpoch,
      mayVote: this.#reports.every(({ kind }) => kind !== "withoutVote"),
      tornBytes: recovered?.kind === "recovered" ? recovered.tornBytes : 0,
      mismatches: mismatchesIn(this.#reports),
    };
  }

  /** Something comes to the server that has started, so much later. What it does about it. */
  handle(event: PeerEvent, laterMs: number): readonly Effect[] {
    this.#idleMs += laterMs;
    const { nowMs, wallMs } = this.#now();
    return this.#step(stamp(event, nowMs, wallMs));
  }

  losePower(keepProbability: number): void {
    this.#peer = undefined;
    this.disk.crash({ kind: "power", keepProbability, tear: true }, this.#random);
  }

  #onDone(id: FileOperationId, result: FileResult): void {
    if (this.#left > 0) this.#step({ kind: "fileDone", id, result, ...this.#now() });
  }

  #step(event: QuorumEvent): readonly Effect[] {
    const effects = this.#peer?.step(event) ?? [];
    for (const effect of effects) this.#carryOut(effect);
    return effects;
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === "file") this.disk.request(effect.id, effect.lane, effect.operation);
    if (effect.kind === "report") this.#reports.push(effect.report);
    if (effect.kind !== "stopped") return;
    const { reason } = effect;
    this.#refusal = "text" in reason ? reason.text : reason.kind;
  }

  #now(): { readonly nowMs: number; readonly wallMs: number } {
    return { nowMs: this.#queue.nowMs + this.#idleMs, wallMs: WALL_MS };
  }
}

/** In the order in which they were first reported. */
function mismatchesIn(reports: readonly Report[]): readonly Zxid[] {
  const zxids = reports.flatMap((report) =>
    report.kind === "digestMismatch" ? [report.zxid] : [],
  );
  return [...new Set(zxids)];
}

function peerOptions(options: StartOptions, ensemble: QuorumVerifier): PeerOptions {
  const { commitLogCount, maxPacketBytes, ...storage } = options;
  return {
    sid: 1n,
    ensemble,
    tickTimeMs: 2000,
    initLimit: 10,
    syncLimit: 5,
    commitLogCount,
    ...(maxPacketBytes === undefined ? {} : { maxPacketBytes }),
    storage,
    random: () => 0.5,
  };
}

const THREE = majorityOf(
  [1n, 2n, 3n].map((sid) =>
    participant(sid, `peer-${sid}`, { quorumPort: 2888, electionPort: 3888 }),
  ),
);

/** Why a start was not only interrupted. */
export const ENDLESS = "its start does not end";

const SPEED = { operationMs: 0.1, syncMs: 1 };
const WALL_MS = 1_600_000_000_000;
