/**
 * Shows what happens to those that judge it, each only what it watches: most
 * steps of a peer neither send nor apply anything nor change what it is doing,
 * and most checkers have nothing to say to them.
 */
import type { Effect } from "@jute-ts/quorum";
import type { Checker, Observation, Watch, WorldView } from "./checker.js";

type StepObservation = Extract<Observation, { kind: "step" }>;

/** A checker, and its `observe` bound: looking a method up among so many classes takes longer than most of them do. */
interface Asked {
  readonly checker: Checker;
  readonly observe: Checker["observe"];
}

export class Observers {
  readonly #checkers: readonly Checker[];
  readonly #byKind: ReadonlyMap<Watch, readonly Asked[]>;
  /** By the parts that a step has, as bits: those that watch any of them. */
  readonly #byParts: readonly (readonly Asked[])[];
  #judging: Checker | undefined;

  /** `checkers` are asked in this order. */
  constructor(checkers: readonly Checker[]) {
    this.#checkers = checkers;
    const all = checkers.map((checker) => ({ checker, observe: checker.observe.bind(checker) }));
    const those = (isWanted: (watch: Watch) => boolean): readonly Asked[] =>
      all.filter(({ checker }) => checker.watches.some(isWanted));
    const watched = new Set(checkers.flatMap(({ watches }) => watches));
    this.#byKind = new Map([...watched].map((watch) => [watch, those((each) => each === watch)]));
    this.#byParts = Array.from({ length: ALL_PARTS + 1 }, (_, parts) =>
      those((watch) => watchesAny(watch, parts)),
    );
  }

  /** The checker that was asked last: the one whose violation is on its way, when one is. */
  get judging(): string | undefined {
    return this.#judging?.name;
  }

  observe(observation: Observation, world: WorldView): void {
    const asked =
      observation.kind === "step"
        ? this.#byParts[partsOf(observation)]
        : this.#byKind.get(observation.kind);
    if (asked === undefined) return;
    for (const { checker, observe } of asked) {
      this.#judging = checker;
      observe(observation, world);
    }
    this.#judging = undefined;
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

function partsOf({ before, after, effects }: StepObservation): number {
  let parts = before === after ? 0 : CHANGED;
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

function watchesAny(watch: Watch, parts: number): boolean {
  switch (watch) {
    case "step":
      return true;
    case "changed":
      return (parts & CHANGED) !== 0;
    case "sent":
      return (parts & SENT) !== 0;
    case "applied":
      return (parts & APPLIED) !== 0;
    case "reported":
      return (parts & REPORTED) !== 0;
    default:
      return false;
  }
}

const CHANGED = 1;
const SENT = 2;
const APPLIED = 4;
const REPORTED = 8;
const ALL_PARTS = CHANGED | SENT | APPLIED | REPORTED;
