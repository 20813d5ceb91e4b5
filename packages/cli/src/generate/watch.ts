/**
 * `--watch`: notices changes of the inputs. It watches directories, not files,
 * because editors save by renaming a new file over the old one, and a watch on
 * the old file would then look at something that is gone.
 */
import { existsSync, type FSWatcher, watch as watchDirectory } from "node:fs";
import path from "node:path";
import { statsIfKnown } from "../system-error.js";

/** How long a burst of events may pause before it counts as over. An editor's save is two to four events within a few milliseconds. */
const QUIET_MS = 20;

/** File times are taken from a clock that may be this far behind Date.now(). */
const CLOCK_SKEW_MS = 10;

/**
 * Calls `run` at once and again after changes, one call at a time, until the signal aborts.
 *
 * `run` returns the absolute paths that its result depends on, there or not; a change of
 * one of them starts it again. New `.jute` files beside them do too, because a pattern may
 * match them. A change during a run leads to one more. `run` must not reject.
 */
export async function watch(
  run: () => Promise<ReadonlySet<string>>,
  signal: AbortSignal,
): Promise<void> {
  let watchers: readonly FSWatcher[] = [];
  try {
    do {
      const startedMs = Date.now();
      const inputs = await run();
      const changes = new ChangeNotice(signal);
      // Opened again every time: a directory that was replaced takes its watch with it.
      const renewed = watchInputs(inputs, () => {
        changes.notice();
      });
      closeAll(watchers);
      watchers = renewed;
      if (changedSince(inputs, startedMs - CLOCK_SKEW_MS)) changes.notice();
      await changes.settled;
    } while (!signal.aborted);
  } finally {
    closeAll(watchers);
  }
}

/** Turns a burst of notices into one promise. */
class ChangeNotice {
  /** Resolves when a change was noticed and things are quiet again, or when the signal aborts. */
  readonly settled: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #resolve: () => void = () => undefined;

  constructor(signal: AbortSignal) {
    this.settled = new Promise((resolve) => {
      this.#resolve = () => {
        signal.removeEventListener("abort", this.#resolve);
        clearTimeout(this.#timer);
        resolve();
      };
    });
    signal.addEventListener("abort", this.#resolve);
    if (signal.aborted) this.#resolve();
  }

  notice(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#resolve, QUIET_MS);
  }
}

/** Calls `onChange` when an input, or another `.jute` file beside one, appears, changes or goes. */
function watchInputs(inputs: ReadonlySet<string>, onChange: () => void): FSWatcher[] {
  const directories = new Set([...inputs].map((file) => nearestDirectory(path.dirname(file))));
  const concerns = (file: string) =>
    file.endsWith(".jute") ||
    inputs.has(file) ||
    [...inputs].some((input) => input.startsWith(file + path.sep));
  return [...directories].flatMap((directory) => {
    try {
      const watcher = watchDirectory(directory, (_event, name) => {
        if (name === null || concerns(path.join(directory, name))) onChange();
      });
      watcher.on("error", onChange);
      return [watcher];
    } catch {
      // It went away since it was looked up; the change that took it brings another run.
      onChange();
      return [];
    }
  });
}

/** A directory that is not there is waited for in the one above it. */
function nearestDirectory(directory: string): string {
  let current = directory;
  while (!existsSync(current) && path.dirname(current) !== current) {
    current = path.dirname(current);
  }
  return current;
}

/** Whether an input was written after `timeMs`: between being read and being watched it could have changed unseen. */
function changedSince(inputs: ReadonlySet<string>, timeMs: number): boolean {
  return [...inputs].some((file) => {
    const mtimeMs = statsIfKnown(file)?.mtimeMs;
    return mtimeMs !== undefined && mtimeMs >= timeMs;
  });
}

function closeAll(watchers: readonly FSWatcher[]): void {
  for (const watcher of watchers) watcher.close();
}
