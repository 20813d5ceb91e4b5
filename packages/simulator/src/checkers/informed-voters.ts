/**
 * InformedVoters: whoever looks for a leader tells its vote to the other voters: each one to
 * whom a link comes up, at once; all of them when it changes, and again at intervals that
 * double from the shortest to the longest; and it asks every second for the links that
 * are down. It takes nobody for elected by votes of the round before it has waited
 * for a better one. Measured by its own clock.
 */
import { decodeNotification } from "@jute-ts/quorum/wire";
import type { Effect, QuorumEvent } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { Lateness } from "./lateness.js";

type Step = Extract<Observation, { kind: "step" }>;

export interface ElectionLimits {
  readonly minNotificationIntervalMs?: number;
  readonly maxNotificationIntervalMs?: number;
  readonly finalizeWaitMs?: number;
  /** How late timers may fire. */
  readonly timerLatenessMs: number;
}

interface Looking {
  /** How long it may wait before it tells its vote again. */
  intervalMs: number;
  toldMs: number;
  askedMs: number;
  /** When it chose whom it votes for. */
  votedMs: number;
}

export class InformedVoters implements Checker {
  readonly name = "informed-voters";
  readonly watches = ["looking", "crash", "resume"] as const;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #waitMs: number;
  readonly #lateness: Lateness;
  readonly #looking = new Map<Sid, Looking>();
  /** Whom a step has not told, unless a crash came in the middle of its effects: the next step shows that. */
  readonly #untold = new Map<Sid, string>();

  constructor(limits: ElectionLimits) {
    this.#minMs = limits.minNotificationIntervalMs ?? 200;
    this.#maxMs = limits.maxNotificationIntervalMs ?? 60_000;
    this.#waitMs = limits.finalizeWaitMs ?? 200;
    this.#lateness = new Lateness(limits.timerLatenessMs);
  }

  observe(observation: Observation, world: WorldView): void {
    switch (observation.kind) {
      case "crash":
        this.#looking.delete(observation.sid);
        this.#untold.delete(observation.sid);
        return;
      case "resume":
        this.#lateness.onResume(observation.sid, world);
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
    const untold = this.#untold.get(sid);
    if (untold !== undefined) throw violation(`${sid} does not tell its vote to ${untold}`);
    if (before.role !== "looking" && after.role !== "looking") return;
    const told = effects.filter(({ kind }) => kind === "notify").length;
    const others = [...world.ensemble.voters].filter((voter) => voter !== sid).length;
    let looking = this.#looking.get(sid);
    if (looking !== undefined && after.role !== "looking") {
      this.#looking.delete(sid);
      if (effects.some(isElected)) this.#judgeElected(step, looking);
      return;
    }
    const hasVoted = effects.some(isVoted);
    const begins = before.role !== "looking" || effects.some(isRoleChanged);
    if (looking === undefined || begins) {
      const { nowMs } = event;
      looking = { intervalMs: this.#minMs, toldMs: nowMs, askedMs: nowMs, votedMs: nowMs };
      this.#looking.set(sid, looking);
      return;
    }
    this.#judgeLink(step, world);
    if (!this.#lateness.isExcused(sid, world, MOST_WAITS * this.#waitMs))
      this.#judgeLate(step, looking, others);
    if (hasVoted) looking.votedMs = event.nowMs;
    if (effects.some(({ kind }) => kind === "connectElection")) looking.askedMs = event.nowMs;
    if (hasVoted) {
      looking.toldMs = event.nowMs;
    } else if (event.kind === "deadline" && told > 0) {
      if (event.nowMs < looking.toldMs + looking.intervalMs - ROUNDING_MS)
        throw violation(`${sid} tells its vote again too soon`);
      if (told < others) this.#untold.set(sid, `${others - told} of ${others} again`);
      looking.toldMs = event.nowMs;
      looking.intervalMs = Math.min(2 * looking.intervalMs, this.#maxMs);
    }
  }

  #judgeLink({ sid, event, effects }: Step, { ensemble }: WorldView): void {
    if (event.kind !== "electionLinkUp" || !ensemble.voters.has(event.to)) return;
    if (effects.some((effect) => effect.kind === "notify" && effect.to === event.to)) return;
    this.#untold.set(sid, `${event.to}, to which a link is up`);
  }

  /** While it waits for a better vote it does nothing else, and it may do so again and again as better ones come. */
  #judgeLate({ sid, event }: Step, looking: Looking, others: number): void {
    if (others === 0) return;
    const allowedMs = this.#lateness.timerMs + MOST_WAITS * (this.#waitMs + this.#lateness.timerMs);
    const untoldMs = event.nowMs - looking.toldMs;
    if (untoldMs > looking.intervalMs + allowedMs)
      throw violation(`${sid} has not told its vote again for ${untoldMs.toFixed(0)} ms`);
    const unaskedMs = event.nowMs - looking.askedMs;
    if (unaskedMs > RECONNECT_MS + allowedMs)
      throw violation(`${sid} has not asked for links for ${unaskedMs.toFixed(0)} ms`);
  }

  #judgeElected({ sid, event, effects }: Step, { votedMs }: Looking): void {
    if (effects.some(isVoted) || isOfTheLed(event)) {
      if (isOfTheLed(event)) return;
      throw violation(`${sid} takes its new vote for elected at once`);
    }
    const waitedMs = event.nowMs - votedMs;
    if (waitedMs >= this.#waitMs - ROUNDING_MS) return;
    throw violation(`${sid} ends the election ${waitedMs.toFixed(0)} ms after its last vote`);
  }
}

/** Whether somebody told that it is led, or leads: one follows at once. */
function isOfTheLed(event: QuorumEvent): boolean {
  return event.kind === "notified" && decodeNotification(event.bytes).state !== "looking";
}

function isElected(effect: Effect): boolean {
  return effect.kind === "report" && effect.report.kind === "elected";
}

function isVoted(effect: Effect): boolean {
  return effect.kind === "report" && effect.report.kind === "voted";
}

function isRoleChanged(effect: Effect): boolean {
  return effect.kind === "report" && effect.report.kind === "roleChanged";
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("InformedVoters", text);
}

const RECONNECT_MS = 1000;
const MOST_WAITS = 4;
/** Times are fractions, and sums of them are rounded. */
const ROUNDING_MS = 0.001;
