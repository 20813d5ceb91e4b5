/**
 * Closures made by one line of code share V8's type feedback, so a call in them
 * that meets one class per workload becomes slow for all workloads. A user writes
 * `Stat.encode(...)` and `CreateRequest.encode(...)` in different places, each with
 * its own feedback. This gives every case of every peer its own code, too.
 *
 * The number makes each text another one: from the third time on that V8 is to evaluate
 * the same text, it takes the code of the second from a cache, feedback included.
 *
 * `factory` may use nothing but its arguments: its source is evaluated again.
 */
export function ownCode<Arguments extends unknown[], Result>(
  factory: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  evaluated++;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- evaluating our own source again is the purpose
  return new Function(
    `return (${factory.toString()}); // ${String(evaluated)}`,
  )() as typeof factory;
}

let evaluated = 0;
