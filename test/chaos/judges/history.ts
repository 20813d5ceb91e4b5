/** All that is judged of a history in the end. */
import type { Entry } from "../clients/history.js";
import { judgeNames } from "./names.js";
import { judgeRegisters } from "./registers.js";
import { judgeSessions } from "./sessions.js";
import { judgeWatches } from "./watches.js";
import { judgeWrites } from "./writes.js";

export interface HistoryVerdict {
  /** What is wrong, a line each. */
  readonly violations: readonly string[];
  readonly events: number;
  readonly counted: number;
  readonly undecided: number;
}

/** `tickMs`: of the servers. */
export function judgeHistory(entries: readonly Entry[], tickMs: number): HistoryVerdict {
  const watches = judgeWatches(entries);
  const registers = judgeRegisters(entries);
  return {
    violations: [
      ...judgeWrites(entries),
      ...judgeSessions(entries, tickMs),
      ...watches.violations,
      ...judgeNames(entries),
      ...registers.violations,
    ],
    events: watches.events,
    counted: watches.counted,
    undecided: registers.undecided,
  };
}
