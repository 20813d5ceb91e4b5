/**
 * StandsAside: whoever cannot be followed, because another process has its quorum port, does not vote
 * for itself and does not lead, as long as somebody else may; otherwise its history and its id would
 * have it elected in vain again and again. A leader that serves goes on, for its followers are connected,
 * and so does whoever is the only one that can lead. When the port can be opened, a voter that
 * looks for a leader stands for election again at once.
 */
import type { Effect } from "@jute-ts/quorum";
import type { Sid } from "@jute-ts/zookeeper";
import type { EnsembleModel } from "../model/ensemble-model.js";
import { type Checker, InvariantViolation, type Observation, type WorldView } from "./checker.js";
import { Verdicts } from "./verdicts.js";

type Step = Extract<Observation, { kind: "step" }>;

export class StandsAside implements Checker {
  readonly name = "stands-aside";
  readonly watches = ["step", "crash"] as const;
  /** Who was told that its port cannot be opened. */
  readonly #told = new Set<Sid>();
  readonly #verdicts = new Verdicts("StandsAside");

  observe(observation: Observation, { ensemble }: WorldView): void {
    if (observation.kind === "crash") {
      this.#told.delete(observation.sid);
      this.#verdicts.crashed(observation.sid);
    } else if (observation.kind === "step") this.#onStep(observation, ensemble);
  }

  atEnd(): void {
    this.#verdicts.atEnd();
  }

  #onStep(step: Step, ensemble: EnsembleModel): void {
    const { sid, event } = step;
    this.#verdicts.goesOn(sid);
    if (event.kind === "cannotListen") {
      this.#told.add(sid);
      judgeTold(step, ensemble);
    } else if (event.kind === "canListen" && this.#told.delete(sid)) {
      this.#verdicts.note(sid, whatIsWrongWhenFree(step, ensemble));
    }
    if (this.#told.has(sid) && othersMayLead(sid, ensemble)) judgeStanding(step);
  }
}

function judgeTold({ sid, before, after }: Step, ensemble: EnsembleModel): void {
  const goesOn = before.serving || !othersMayLead(sid, ensemble);
  if (goesOn && before.role !== after.role)
    throw violation(sid, `is ${after.role} because its port is taken, and was ${before.role}`);
}

function judgeStanding({ sid, before, after, effects }: Step): void {
  if (after.role === "leading" && !before.serving)
    throw violation(sid, "leads, though nobody can connect to it");
  if (effects.some((effect) => isVoteFor(sid, effect)))
    throw violation(sid, "votes for itself, though nobody can connect to it");
}

/** Whoever votes for somebody better votes for itself first, in a new round. */
function whatIsWrongWhenFree(
  { sid, before, effects }: Step,
  ensemble: EnsembleModel,
): string | undefined {
  if (before.role !== "looking" || ensemble.weightOf(sid) === 0) return undefined;
  if (!othersMayLead(sid, ensemble)) return undefined;
  const stands = effects.some(
    (effect) =>
      effect.kind === "report" && effect.report.kind === "voted" && effect.report.leader === sid,
  );
  return stands ? undefined : "does not stand for election again, though its port is free";
}

function isVoteFor(sid: Sid, effect: Effect): boolean {
  if (effect.kind !== "notify") return false;
  const { state, leader } = effect.notification;
  return state === "looking" && leader === sid;
}

function othersMayLead(sid: Sid, ensemble: EnsembleModel): boolean {
  return [...ensemble.voters].some((voter) => voter !== sid && ensemble.weightOf(voter) > 0);
}

function violation(sid: Sid, text: string): InvariantViolation {
  return new InvariantViolation("StandsAside", `${sid} ${text}`);
}
