/** The clients of a run: how many, and what each does, is drawn from the seed. */
import type { SimClient } from "./client.js";
import type { Random } from "../world/random.js";
import type { WorldSettings } from "../world/settings.js";
import { SessionClient } from "./session-client.js";
import { drawWorkload } from "./workload.js";

/** New clients for one run. `intensity` multiplies how often they ask; 1 is meant for swarms of seeds. */
export function drawClients(
  random: Random,
  settings: WorldSettings,
  intensity = 1,
): readonly SimClient[] {
  const count = random.integer(2, 5);
  // Every txn is the work of every member: large ensembles are asked less.
  const { voters, observers } = settings.ensemble;
  const share = Math.min(1, USUAL_SIZE / (voters.length + observers.length));
  return Array.from(
    { length: count },
    (_, index) =>
      new SessionClient(
        `client-${index + 1}`,
        index,
        drawWorkload(random, settings, index, intensity * share),
      ),
  );
}

const USUAL_SIZE = 3;
