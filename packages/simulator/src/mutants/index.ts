/** The known bugs that can be put into the peers, by name. */
import type { Mutant } from "../runs/mutant.js";
import { broadcastMutants } from "./of-broadcast.js";
import { limitMutants } from "./of-limits.js";
import { claimMutants } from "./of-claims.js";
import { electionMutants } from "./of-election.js";
import { ruleMutants } from "./of-rules.js";
import { storageMutants } from "./of-storage.js";
import { synchronizationMutants } from "./of-synchronization.js";

export const mutants: readonly Mutant[] = [
  ...electionMutants,
  ...claimMutants,
  ...synchronizationMutants,
  ...broadcastMutants,
  ...storageMutants,
  ...limitMutants,
  ...ruleMutants,
];
