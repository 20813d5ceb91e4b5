/** What the command line and the tests run: real peers. */
import { quorumKit } from "./quorum-kit.js";
import type { Cast } from "./run-seed.js";

export const standardCast: Cast = {
  kit: quorumKit,
  newCheckers: () => [],
  newClients: () => [],
};
