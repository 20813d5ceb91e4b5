import {
  allCheckers,
  InvariantViolation,
  runSeed,
  standardCast,
  type Cast,
  type Checker,
  type Observation,
  type WorldView,
} from "@jute-ts/simulator";

/** OneSpeaker: a server that leads has one vote only, its own, in all that it announces. */
export class OneSpeaker implements Checker {
  readonly name = "one-speaker";
  // Only the steps in which something was sent are shown to it.
  readonly watches = ["sent"] as const;

  observe(observation: Observation, world: WorldView): void {
    if (observation.kind !== "step") return;
    for (const effect of observation.effects) {
      if (effect.kind !== "notify" || effect.notification.state !== "leading") continue;
      const { leader } = effect.notification;
      if (leader === observation.sid) continue;
      const text = `${observation.sid} leads and votes for ${leader} at ${world.nowMs} ms`;
      throw new InvariantViolation("OneSpeaker", text);
    }
  }
}

export const cast: Cast = {
  ...standardCast,
  newCheckers: (settings) => [...allCheckers(settings), new OneSpeaker()],
};

console.log(runSeed(7, { cast }).violation?.text ?? "no violation");
