/** The known bugs that can be put into what serves clients, by name. */
import type { Mutant } from "../../runs/mutant.js";
import { requestMutants } from "./of-requests.js";
import { sessionMutants } from "./of-sessions.js";
import { watchMutants } from "./of-watches.js";

export const clientPortMutants: readonly Mutant[] = [
  ...sessionMutants,
  ...requestMutants,
  ...watchMutants,
];
