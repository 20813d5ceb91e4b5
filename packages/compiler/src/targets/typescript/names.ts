/**
 * Names that the output must not use, and the way around them: an underscore at
 * the end, as often as it takes. docs/generated-code.md documents the rule for users.
 */
import { makeFree } from "../paths.js";

/** Words that cannot name a class in a strict module, or that TypeScript reserves for types. */
const RESERVED_WORDS = new Set(
  `abstract any arguments as asserts async await bigint boolean break case catch class const
  constructor continue debugger declare default delete do else enum eval export extends false
  finally for from function get if implements import in infer instanceof interface is keyof let
  module namespace never new null number object of package private protected public readonly
  require return satisfies set static string super switch symbol this throw true try type typeof
  undefined unique unknown using var void while with yield`.split(/\s+/),
);

/** Globals that generated code refers to, or that a reader of it would take the class for. */
const GLOBALS = new Set(["Array", "Map", "Object", "ReadonlyMap", "Uint8Array", "globalThis"]);

/** Instance members of a generated class, and what every object inherits. */
const RECORD_MEMBERS = new Set(
  `constructor serialize deserialize encode byteLength equals clone toJSON toString toLocaleString
  valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable`.split(/\s+/),
);

/** Members of the runtime's RecordView. */
const VIEW_MEMBERS = new Set(
  `moveTo moveToBytes boolAt byteAt intAt longAt floatAt doubleAt nestedAt`.split(/\s+/),
);

/** Whether a field of this name would hide a member of a view. */
export function isTakenViewName(name: string): boolean {
  return RECORD_MEMBERS.has(name) || VIEW_MEMBERS.has(name);
}

/** Whether a class of this name needs another one in TypeScript. */
export function isTakenClassName(name: string): boolean {
  return RESERVED_WORDS.has(name) || GLOBALS.has(name);
}

/** Whether a field of this name would hide a member of the class. Reserved words are fine as properties. */
export function isTakenPropertyName(name: string): boolean {
  return RECORD_MEMBERS.has(name);
}

/** The names in one scope. Claiming a name gives the nearest free one. */
export class NameScope {
  readonly #taken: Set<string>;
  readonly #outer: NameScope | undefined;

  constructor(outer?: NameScope) {
    this.#taken = new Set();
    this.#outer = outer;
  }

  /** Whether the name means something here. */
  has(name: string): boolean {
    return (
      this.#taken.has(name) ||
      (this.#outer === undefined ? isTakenClassName(name) : this.#outer.has(name))
    );
  }

  /** `name`, or `name` and underscores, now taken. */
  claim(name: string): string {
    const free = makeFree(name, (candidate) => this.has(candidate));
    this.#taken.add(free);
    return free;
  }
}
