/**
 * Shows what happens to those that judge it, each only what it watches: most
 * steps of a peer neither send nor apply anything nor change what it is doing,
 * and most checkers have nothing to say to them.
 */
import type { Effect, PeerStatus } from "@jute-ts/quorum";
import type { Checker, Observation, Watch, WorldView } from "./checker.js";

type StepObservation = Extract<Observation, { kind: "step" }>;

/** A checker, and its `observe`: looking a method up among so many classes takes longer than most of them do. */
interface Asked {
  readonly checker: Checker;
  readonly observe: Checker["observe"];
}

export class Observers {
  readonly #checkers: readonly Checker[];
  readonly #byKind: ReadonlyMap<Watch, readonly Asked[]>;
  readonly #all: readonly Asked[];
  /** By the parts that a step has, as bits: those that watch any of them. Found when a step has just these for the first time. */
  readonly #byParts: (readonly Asked[] | undefined)[] = Array.from({ length: ALL_PARTS + 1 });
  #judging: Checker | undefined;

  /** `checkers` are asked in this order. */
  constructor(checkers: readonly Checker[]) {
    this.#checkers = checkers;
    this.#all = checkers.map((checker) => ({ checker, observe: unbound(checker) }));
    const watched = new Set(checkers.flatMap(({ watches }) => watches));
    this.#byKind = new Map(
      [...watched].map((watch) => [watch, this.#those((each) => each === watch)]),
    );
  }

  /** The checker that was asked last: the one whose violation is on its way, when one is. */
  get judging(): string | undefined {
    return this.#judging?.name;
  }

  observe(observation: Observation, world: WorldView): void {
    const asked =
      observation.kind === "step"
        ? this.#ofParts(partsOf(observation))
        : this.#byKind.get(observation.kind);
    if (asked === undefined) return;
    for (const { checker, observe } of asked) {
      this.#judging = checker;
      observe.call(checker, observation, world);
    }
    this.#judging = undefined;
  }

  #ofParts(parts: number): readonly Asked[] {
    return (this.#byParts[parts] ??= this.#those((watch) => watchesAny(watch, parts)));
  }

  #those(isWanted: (watch: Watch) => boolean): readonly Asked[] {
    return this.#all.filter(({ checker }) => checker.watches.some(isWanted));
  }

  /** The checkers' last word, when the ensemble is healed and at rest. */
  judgeEnd(world: WorldView): void {
    for (const checker of this.#checkers) {
      this.#judging = checker;
      checker.atEnd?.(world);
    }
    this.#judging = undefined;
  }
}

/** Its method alone: V8 calls a bound function through two others. */
function unbound(checker: Checker): Checker["observe"] {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its checker
  return checker.observe;
}

function partsOf({ event, before, after, effects }: StepObservation): number {
  let parts = roleOf(after);
  if (before !== after) parts |= CHANGED | roleOf(before);
  if (event.kind === "notified") parts |= NOTIFIED;
  for (const effect of effects) parts |= partOf(effect);
  return parts;
}

function partOf({ kind }: Effect): number {
  switch (kind) {
    case "send":
    case "notify":
      return SENT;
    case "applied":
      return APPLIED;
    case "report":
      return REPORTED;
    default:
      return 0;
  }
}

function roleOf({ role }: PeerStatus): number {
  switch (role) {
    case "leading":
      return LEADING;
    case "following":
    case "observing":
      return LEARNING;
    case "looking":
      return LOOKING;
    default:
      return 0;
  }
}

function watchesAny(watch: Watch, parts: number): boolean {
  return watch === "step" || ((PARTS.get(watch) ?? 0) & parts) !== 0;
}

const CHANGED = 1;
const SENT = 2;
const APPLIED = 4;
const REPORTED = 8;
const NOTIFIED = 16;
const LEADING = 32;
const LEARNING = 64;
const LOOKING = 128;
const PARTS: ReadonlyMap<Watch, number> = new Map<Watch, number>([
  ["changed", CHANGED],
  ["sent", SENT],
  ["applied", APPLIED],
  ["reported", REPORTED],
  ["notified", NOTIFIED],
  ["leading", LEADING],
  ["learning", LEARNING],
  ["looking", LOOKING],
]);
const ALL_PARTS = 255;
