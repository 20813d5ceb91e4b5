/** How long a caller waits for something: until a time is over, or until they no longer want it. */
import { type OptionNames, whyNotOptions } from "./option-names.js";

export interface WaitOptions {
  /** Ends the waiting: it rejects with the signal's reason. What was asked for may still happen. */
  readonly signal?: AbortSignal | undefined;
  /** After which time the waiting rejects with TimeoutError. */
  readonly timeoutMs?: number | undefined;
}

/** The names of the options, for those that are made of more. */
export const WAIT_OPTION_NAMES: OptionNames<WaitOptions> = { signal: true, timeoutMs: true };

/** Why nothing can be waited for so; undefined if it can. */
export function whyNotWaitOptions({ signal, timeoutMs }: WaitOptions): string | undefined {
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 0)) {
    return `timeoutMs is ${String(timeoutMs)}. Give a number of milliseconds.`;
  }
  // Not the class: other realms, such as jsdom's, have their own.
  if (
    signal !== undefined &&
    typeof (signal as Partial<AbortSignal>).throwIfAborted !== "function"
  ) {
    return "signal is no AbortSignal. Give that of an AbortController, or AbortSignal.timeout(ms).";
  }
  return undefined;
}

/** Throws TypeError for options that make no sense, which JavaScript lets through. */
export function checkWaitOptions(options: WaitOptions): void {
  const why = whyNotOptions(options, "what waits", WAIT_OPTION_NAMES) ?? whyNotWaitOptions(options);
  if (why !== undefined) throw new TypeError(why);
}

/** Waits for work that nobody can cancel; it goes on when the waiting has ended. */
export async function within<T>(
  work: () => Promise<T>,
  options: WaitOptions,
  timeoutError: (timeoutMs: number) => Error,
): Promise<T> {
  checkWaitOptions(options);
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  if (signal === undefined && timeoutMs === undefined) return await work();
  return await new Promise<T>((resolve, reject) => {
    const end = endOfWaiting({ signal, timeoutMs }, timeoutError, reject);
    work().then(resolve, reject).finally(end);
  });
}

/** Rejects when the options end the waiting. What it returns must be called when it has ended otherwise. */
export function endOfWaiting(
  { signal, timeoutMs }: WaitOptions,
  timeoutError: (timeoutMs: number) => Error,
  reject: (reason: unknown) => void,
): () => void {
  const onAbort = (): void => {
    clearTimeout(timer);
    reject(signal?.reason);
  };
  const timer =
    timeoutMs === undefined || timeoutMs > MAX_TIMER_MS
      ? undefined
      : setTimeout(() => {
          signal?.removeEventListener("abort", onAbort);
          reject(timeoutError(timeoutMs));
        }, timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}

/** What a timer can wait for: 25 days. Whoever waits for longer waits without an end. */
const MAX_TIMER_MS = 0x7fff_ffff;
/** How long to wait for an ensemble unless told otherwise. */
export const DEFAULT_WAIT_MS = 30_000;
