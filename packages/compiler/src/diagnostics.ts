/** Every message that the compiler can give, with its stable code. Wording lives here and nowhere else. */
import type { Span } from "./syntax/source.js";
import { nullableTypes } from "./wire-types.js";

export type Severity = "error" | "warning";

export interface Diagnostic {
  /** Stable, e.g. `JUTE021`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  /** What to do, e.g. `did you mean "Stat"?`. */
  readonly suggestion?: string;
  /** An edit that carries out the suggestion, where there is one that cannot do harm. */
  readonly fix?: TextEdit;
  /** Other places that explain this one, e.g. the first of two duplicates or an include chain. */
  readonly related?: readonly RelatedPlace[];
}

/** Puts `text` in the place of a span, which is empty where something is inserted. */
export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

/** What a diagnostic may say beside its message. */
export type DiagnosticHelp = Pick<Diagnostic, "suggestion" | "fix" | "related">;

/** Suggests a word in the place of the one at `span`. */
export function meant(word: string, span: Span): DiagnosticHelp {
  return { suggestion: advice.didYouMean(word), fix: { span, text: word } };
}

export interface RelatedPlace {
  readonly message: string;
  readonly span: Span;
}

/** One row of the table: what a code stands for, and how its message is worded. */
export interface DiagnosticKind<Args extends readonly unknown[]> {
  readonly code: string;
  readonly severity: Severity;
  /** What went wrong in general, for the table in docs/language.md. */
  readonly summary: string;
  readonly message: (...args: Args) => string;
}

/** Makes the diagnostic of one kind at one place. */
export function diagnose<Args extends readonly unknown[]>(
  kind: DiagnosticKind<Args>,
  args: Args,
  span: Span,
  help: DiagnosticHelp = {},
): Diagnostic {
  return {
    code: kind.code,
    severity: kind.severity,
    message: kind.message(...args),
    span,
    ...help,
  };
}

function error<Args extends readonly unknown[]>(
  code: string,
  summary: string,
  message: (...args: Args) => string,
): DiagnosticKind<Args> {
  return { code, severity: "error", summary, message };
}

function warning<Args extends readonly unknown[]>(
  code: string,
  summary: string,
  message: (...args: Args) => string,
): DiagnosticKind<Args> {
  return { code, severity: "warning", summary, message };
}

/** The table. Codes never change their meaning: 00x characters, 01x syntax, 02x names, 03x includes, 04x annotations, 05x records, 07x layout. */
export const kinds = {
  strayCharacter: error(
    "JUTE001",
    "A character that begins no word of the language.",
    (characters: string) => `unexpected ${characters}`,
  ),
  badName: error(
    "JUTE002",
    "A name that does not start with an ASCII letter, or holds something other than ASCII letters, digits and `_`.",
    (name: string) => `"${name}" is not a valid name`,
  ),
  unclosedComment: error(
    "JUTE003",
    "A `/*` comment without its `*/`.",
    () => "comment is never closed",
  ),
  unclosedText: error(
    "JUTE004",
    "A quoted path without its closing quote.",
    () => "closing quote is missing",
  ),
  emptyText: error("JUTE005", "An empty quoted path.", () => "path is empty"),
  invalidUtf8: error(
    "JUTE006",
    "A file that is not UTF-8.",
    (byte: string) => `the byte ${byte} is not UTF-8`,
  ),
  notText: error(
    "JUTE008",
    "A file that is no text.",
    () => "the file holds bytes that no text has",
  ),
  otherEncoding: error(
    "JUTE007",
    "A file in another encoding than UTF-8.",
    (encoding: string) => `the file is ${encoding}, not UTF-8`,
  ),

  unexpectedToken: error(
    "JUTE010",
    "Something that cannot stand here.",
    (found: string, expected: string) => `expected ${expected}, found ${found}`,
  ),
  missingSemicolon: error(
    "JUTE011",
    "A field without its `;`.",
    () => `";" is missing after the field`,
  ),
  extraSemicolon: error(
    "JUTE012",
    "A `;` where none may stand: after `}`, after an include, or twice.",
    (after: string) => `unexpected ";" after ${after}`,
  ),
  missingBrace: error(
    "JUTE013",
    "A module or a class without its `{` or `}`.",
    (brace: string, what: string) => `"${brace}" is missing ${what}`,
  ),
  extraBrace: error("JUTE014", "A `}` that closes nothing.", () => `"}" closes nothing`),
  misspeltKeyword: error(
    "JUTE015",
    "A word that looks like a keyword of Jute but is not.",
    (found: string, what: string) => `"${found}" is not ${what}`,
  ),
  reservedName: error(
    "JUTE016",
    "A keyword used as a name. Keywords are reserved everywhere.",
    (word: string) => `"${word}" is a keyword and cannot be a name`,
  ),
  emptyFile: error(
    "JUTE017",
    "A file without any module or include.",
    () => "file holds no module and no include",
  ),
  emptyModule: error(
    "JUTE018",
    "A module without classes.",
    (name: string) => `module "${name}" has no class`,
  ),
  emptyClass: error(
    "JUTE019",
    "A class without fields.",
    (name: string) => `class "${name}" has no field`,
  ),
  tooMany: error(
    "JUTE062",
    "More problems in one file than are shown. A warning where the rest are warnings.",
    (count: number) => `${String(count)} more ${count === 1 ? "problem" : "problems"} in this file`,
  ),
  misplaced: error(
    "JUTE060",
    "A class outside of a module, or a module or an include inside of one.",
    (what: string, where: string) => `${what} cannot stand ${where}`,
  ),
  nestedTooDeeply: error(
    "JUTE061",
    "A type with more levels of `<` than the compiler allows.",
    (limit: number) => `type is nested more than ${String(limit)} levels deep`,
  ),

  unknownType: error(
    "JUTE020",
    "A type that is neither one of Jute's own nor a class that can be seen from here.",
    (name: string) => `unknown type "${name}"`,
  ),
  ambiguousType: error(
    "JUTE021",
    "A type that two included files declare under the same full name.",
    (name: string, count: number) => `"${name}" is declared in ${String(count)} files`,
  ),
  duplicateClass: error(
    "JUTE022",
    "Two classes with the same full name.",
    (name: string) => `class "${name}" is declared twice`,
  ),
  duplicateField: error(
    "JUTE023",
    "Two fields with the same name in one class.",
    (name: string, owner: string) => `field "${name}" is declared twice in class "${owner}"`,
  ),
  forwardReference: warning(
    "JUTE024",
    "A class used before its declaration, or inside itself. Apache's compiler refuses this.",
    (name: string, others: number) =>
      others === 0
        ? `"${name}" is used before its declaration ends; Apache's compiler refuses this`
        : `"${name}" is used before its declaration ends, as are classes in ${String(others)} more ${others === 1 ? "place" : "places"} of this file; Apache's compiler refuses this`,
  ),
  classNamesDifferInCase: warning(
    "JUTE025",
    "Two classes of one module that differ only in upper and lower case.",
    (a: string, b: string) => `classes "${a}" and "${b}" differ only in upper and lower case`,
  ),
  moduleNamesDifferInCase: warning(
    "JUTE026",
    "Two modules that differ only in upper and lower case.",
    (a: string, b: string) => `modules "${a}" and "${b}" differ only in upper and lower case`,
  ),
  borrowedType: warning(
    "JUTE027",
    "An included file that uses a class it does not include itself.",
    (name: string, file: string) =>
      `"${name}" is only visible here because "${file}" includes this file`,
  ),

  missingInclude: error(
    "JUTE030",
    "An included file that cannot be read.",
    (path: string) => `cannot read included file "${path}"`,
  ),
  includeCycle: error(
    "JUTE031",
    "Files that include each other.",
    (chain: readonly string[]) => `include cycle: ${chain.map((path) => `"${path}"`).join(" -> ")}`,
  ),

  unknownAnnotation: error(
    "JUTE040",
    "An annotation `@jute:…` that does not exist.",
    (name: string) => `unknown annotation "@jute:${name}"`,
  ),
  strayAnnotation: warning(
    "JUTE041",
    "An annotation that describes no field.",
    (name: string) => `"@jute:${name}" belongs to no field`,
  ),
  optionalNotLast: error(
    "JUTE042",
    "`@jute:optional` on a field that is followed by a field that is always there.",
    (field: string, next: string) =>
      `optional field "${field}" is followed by "${next}", which is not optional`,
  ),
  openEndedNotLast: error(
    "JUTE043",
    "A record that ends in an optional field, used where bytes follow it.",
    (record: string, where: string) =>
      `"${record}" ends in an optional field and cannot stand ${where}`,
  ),
  nonNullOnType: error(
    "JUTE044",
    "`@jute:nonnull` on a field whose type has no null.",
    (field: string, type: string) => `"@jute:nonnull" on "${field}": ${type} is never null`,
  ),
  nonNullElementsOnType: error(
    "JUTE046",
    "`@jute:nonnull-elements` on a field in which no element can be null.",
    (field: string) =>
      `"@jute:nonnull-elements" on "${field}": it has no elements that can be null`,
  ),
  optionalMayBeEmpty: error(
    "JUTE045",
    "`@jute:optional` on a field whose record can be there without taking a byte, and would look missing.",
    (field: string, record: string) =>
      `optional field "${field}" would look missing whenever all fields of "${record}" are`,
  ),

  infiniteRecord: error(
    "JUTE050",
    "A record that contains itself other than through a vector or a map, so that every value of it is endless.",
    (cycle: readonly string[]) => `record contains itself without end: ${cycle.join(" -> ")}`,
  ),

  notFormatted: error(
    "JUTE070",
    "A file that `jute format` would lay out differently.",
    () => "the file is not formatted",
  ),
} as const;

/** "ustring, buffer and vector" */
const nullable = nullableTypes.join(", ").replace(/, (?=[^,]*$)/, " and ");

/** What the compiler advises. Kept beside the messages so that both speak alike. */
export const advice = {
  didYouMean: (name: string) => `did you mean "${name}"?`,
  writeInstead: (text: string) => `write ${text}`,
  remove: (what: string) => `remove ${what}`,
  insert: (text: string, where: string) => `insert "${text}" ${where}`,
  addInclude: (file: string, path: string) => `it is declared in "${file}"; add: include "${path}"`,
  rename: "choose another name",
  nameRule: 'a name is an ASCII letter followed by ASCII letters, digits and "_"',
  breakRecord: "hold one of the records in a vector, which may be empty",
  breakIncludes: "move what both files need into a third one",
  namespaceClash: "rename one of them, or include only one of the files",
  optionalOrder:
    "optional fields come last: move this field to the end, or mark those that follow as optional",
  openEnded:
    "only the end of the input tells that an optional field is missing: let nothing follow this record, or remove its @jute:optional",
  neverEmpty: (record: string) =>
    `give "${record}" a field that is always there, or remove @jute:optional from this one`,
  nonNullTypes: `only ${nullable} fields can be null`,
  nonNullElementTypes: `only ${nullable} can be null as elements of a vector or values of a map`,
  annotateField: "put it in a comment before a field, or after the field on the same line",
  moveOut: "move it out of the module",
  wrapInModule: "put it inside of a module",
  declareClass: "a module needs at least one class",
  declareField: "a class needs at least one field",
  closeComment: 'insert "*/"',
  noDefaults: "fields have neither default values nor numbers",
  noArrays: 'write "vector<T>"',
  saveAsUtf8: "save the file as UTF-8",
  doubleQuotes: 'write the path in double quotes (")',
  slashComments: 'comments start with "//"',
  commentAnnotation: 'annotations stand in comments, e.g. "// @jute:optional"',
  commentOptional: 'mark the field in a comment: "// @jute:optional"',
  markAtStart: "a byte order mark may only stand at the very start",
  oneFieldEach: "give each field its own type and semicolon",
  noModifiers: "classes and fields have no modifiers",
  noEnums: "Jute has no enums: use an int, and name its values in a comment",
  noInheritance: "classes do not inherit: give this class a field of the other one",
  noUnions: "Jute has no unions: declare a class for each case, and a field that tells which it is",
  noServices: "Jute describes records, not what is done with them",
  noAliases: "Jute has no other names for types: write the type itself, or declare a class",
  noConstants: "Jute has no constants: name the values in a comment",
  noExceptions: "Jute has no exceptions: declare a class",
  noAnything: "Jute has no type for just any value: use a buffer, or declare a class",
  noOptions: "Jute has nothing like this: remove it",
  includePath: 'write include "path", with the path of the file in double quotes',
  noWrappers: `${nullable} can be null as they are; mark a field that may be missing at the end of its record with "// @jute:optional"`,
  noGenerics: "only vector<T> and map<K, V> take types in angle brackets",
  removeBraceOrWrap: 'put it inside of a module, or remove the "}" before it',
  runFormat: "run jute format on it",
  flatten: "name the inner type by declaring a class for it",
} as const;

/** Notes on related places. */
export const notes = {
  firstDeclared: "first declared here",
  alsoDeclared: "declared here",
  includedHere: (path: string) => `includes "${path}" here`,
  containedHere: (owner: string, contained: string) => `"${owner}" contains "${contained}" here`,
  optionalField: "the optional field",
  openedHere: "opened here",
} as const;
