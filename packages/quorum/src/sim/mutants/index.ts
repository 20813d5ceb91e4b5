/** The known bugs that can be put into the peers, by name. */
import type { Mutant } from "../mutant.js";

export const mutants: readonly Mutant[] = [];
