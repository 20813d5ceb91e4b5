/** How long a caller waits for something: until a time is over, or until they no longer want it. */

export interface WaitOptions {
  /** Ends the waiting: it rejects with the signal's reason. What was asked for may still happen. */
  readonly signal?: AbortSignal | undefined;
  /** After which time the waiting rejects with TimeoutError. */
  readonly timeoutMs?: number | undefined;
}

/** Waits for work that nobody can cancel; it goes on when the waiting has ended. */
export async function within<T>(
  work: () => Promise<T>,
  { signal, timeoutMs }: WaitOptions,
  timeoutError: (timeoutMs: number) => Error,
): Promise<T> {
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
