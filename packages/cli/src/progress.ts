/** A line that counts while a long run works, on a terminal only, and that leaves no trace. */
import type { FormatProgress } from "./generate/format-output.js";
import type { Surroundings } from "./surroundings.js";

/** Runs shorter than this say nothing before they are done. */
const PATIENCE_MS = 500;
/** Often enough to look alive, seldom enough to cost nothing. */
const INTERVAL_MS = 100;

export interface Progress {
  readonly update: FormatProgress;
  /** Clears the line. */
  readonly end: () => void;
}

/** Shows progress on stderr as `verb 120 of 10000`. */
export function progressOn({ stderr }: Surroundings, verb: string): Progress {
  if (stderr.isTTY !== true) return { update: () => undefined, end: () => undefined };
  let dueMs = performance.now() + PATIENCE_MS;
  let shown = false;
  return {
    update: (done, total) => {
      if (performance.now() < dueMs) return;
      dueMs = performance.now() + INTERVAL_MS;
      shown = true;
      stderr.write(`\r${CLEAR_LINE}${verb} ${String(done)} of ${String(total)}`);
    },
    end: () => {
      if (shown) stderr.write(`\r${CLEAR_LINE}`);
      shown = false;
    },
  };
}

const CLEAR_LINE = "\u001b[2K";
