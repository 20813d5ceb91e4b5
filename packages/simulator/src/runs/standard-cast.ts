/** What the command line and the tests run: real peers, every client and every checker. */
import { allCheckers } from "../checkers/all-checkers.js";
import { drawClients } from "../clients/draw-clients.js";
import { quorumKit } from "../world/quorum-kit.js";
import type { Cast } from "./run-seed.js";

export const standardCast: Cast = {
  kit: quorumKit,
  newCheckers: (settings) => allCheckers(settings),
  newClients: (random, settings) => drawClients(random, settings),
};
