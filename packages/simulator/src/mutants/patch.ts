/**
 * How mutants get into the core: by replacing methods of its classes for the time
 * of a run. The core's decisions are methods that TypeScript calls private, which
 * no caller can reach by mistake and a patch can reach on purpose: as `self["name"]`,
 * which the compiler checks. So whoever renames what a mutant needs hears of it.
 */
import type { FileOperation, FileResult } from "@jute-ts/quorum/internals/file-operations.js";
import type { Steps } from "@jute-ts/quorum/internals/storage/file-steps.js";

interface PatchableClass<This extends object> {
  readonly name: string;
  readonly prototype: This;
}

/** Replaces a method. `self` is the object; `original` is the method as it was, bound. Returns what undoes it; throws for a method that does not exist. */
export function patch<This extends object, Args extends unknown[], R>(
  owner: PatchableClass<This>,
  name: string,
  replacement: (self: This, original: (...args: Args) => R, ...args: Args) => R,
): () => void {
  const object: object = owner.prototype;
  const prototype = object as Record<string, (...args: Args) => R>;
  const before = prototype[name];
  if (typeof before !== "function") throw new Error(`${owner.name} has no method ${name}`);
  prototype[name] = function (this: This, ...args: Args): R {
    return replacement(this, (...same) => before.apply(this, same), ...args);
  };
  return () => {
    prototype[name] = before;
  };
}

/** Replaces a getter. `self` is the object. */
export function patchGetter<This extends object>(
  owner: PatchableClass<This>,
  name: string,
  replacement: (self: This) => unknown,
): () => void {
  const before = Object.getOwnPropertyDescriptor(owner.prototype, name);
  if (before?.get === undefined) throw new Error(`${owner.name} has no getter ${name}`);
  Object.defineProperty(owner.prototype, name, {
    configurable: true,
    get(this: This) {
      return replacement(this);
    },
  });
  return () => {
    Object.defineProperty(owner.prototype, name, before);
  };
}

/** Several patches as one. */
export function all(...patches: readonly (() => void)[]): () => void {
  return () => {
    for (const undo of [...patches].reverse()) undo();
  };
}

/** A sequence of file operations that does nothing. */
// eslint-disable-next-line require-yield -- that is the point
export function* nothing(): Steps<void> {
  return undefined;
}

/** The same sequence without some of its operations, which are taken as done. */
export function* without<T>(
  steps: Steps<T>,
  isLeftOut: (operation: FileOperation) => boolean,
): Steps<T> {
  let next = steps.next();
  while (next.done !== true) {
    const result: FileResult = isLeftOut(next.value) ? { kind: "done" } : yield next.value;
    next = steps.next(result);
  }
  return next.value;
}
