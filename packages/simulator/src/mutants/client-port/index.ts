/** The known bugs that can be put into what serves clients, by name. */
import type { Mutant } from "../../runs/mutant.js";
import { figureMutants } from "./of-figures.js";
import { connectionMutants } from "./of-connections.js";
import { loginMutants } from "./of-logins.js";
import { localSessionMutants } from "./of-local-sessions.js";
import { readOnlyMutants } from "./of-read-only-servers.js";
import { requestMutants } from "./of-requests.js";
import { sessionMutants } from "./of-sessions.js";
import { watchMutants } from "./of-watches.js";

export const clientPortMutants: readonly Mutant[] = [
  ...sessionMutants,
  ...connectionMutants,
  ...localSessionMutants,
  ...readOnlyMutants,
  ...requestMutants,
  ...watchMutants,
  ...figureMutants,
  ...loginMutants,
];
