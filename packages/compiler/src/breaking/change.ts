/** What can happen to a schema, in words and with a verdict. */
import type { Diagnostic } from "../diagnostics.js";
import type { Span } from "../syntax/source.js";

/**
 * `wire`: an old and a new peer misunderstand or refuse each other. `source`: the bytes stay, but
 * programs that use the generated code must change, and JSON does. `safe`: neither.
 */
export type ChangeLevel = "wire" | "source" | "safe";

export interface Change {
  /** Stable, e.g. `JUTE201`. */
  readonly code: string;
  readonly level: ChangeLevel;
  /** What has changed. */
  readonly message: string;
  /** Why it has this level. */
  readonly reason: string;
  /** In the old schema; undefined for what is new. */
  readonly before: Span | undefined;
  /** In the new schema; undefined for a record that is gone. */
  readonly after: Span | undefined;
}

export interface ChangeKind {
  readonly code: string;
  readonly level: ChangeLevel;
  /** What happened, for the table in docs/breaking.md. */
  readonly summary: string;
  readonly reason: string;
}

/** The table. Codes never change their meaning: 20x break the wire, 21x sources, 22x nothing. */
export const changeKinds = {
  fieldInserted: {
    code: "JUTE201",
    level: "wire",
    summary: "A field is inserted before others.",
    reason: "a reader takes the bytes of one field for those of the next",
  },
  fieldDeleted: {
    code: "JUTE202",
    level: "wire",
    summary: "A field is deleted.",
    reason: "a reader takes its bytes for those of the next field, or finds bytes too many",
  },
  fieldMoved: {
    code: "JUTE203",
    level: "wire",
    summary: "A field stands in another place among the others.",
    reason: "fields are told apart by their place alone, so values reach the wrong field",
  },
  fieldRetyped: {
    code: "JUTE204",
    level: "wire",
    summary: "A field has another type.",
    reason: "the bytes of the one type mean something else as the other",
  },
  fieldAppended: {
    code: "JUTE205",
    level: "wire",
    summary:
      "A field is appended to a record that something may follow, or without `@jute:optional`.",
    reason: "a new reader looks for it in what an old writer has sent without it",
  },
  optionalChanged: {
    code: "JUTE206",
    level: "wire",
    summary: "A field becomes optional, or is no longer.",
    reason: "the side that needs the field refuses what the other side leaves out",
  },
  nullChanged: {
    code: "JUTE207",
    level: "wire",
    summary: "A field or its elements can no longer be null, or can be null now.",
    reason: "the side that knows no null refuses the other side's nulls",
  },
  fieldRenamed: {
    code: "JUTE210",
    level: "source",
    summary: "A field has another name.",
    reason: "names are not on the wire; programs and JSON have them",
  },
  recordRenamed: {
    code: "JUTE211",
    level: "source",
    summary: "A class has another name, or is in another module.",
    reason: "names are not on the wire; programs and Java's signature have them",
  },
  recordRemoved: {
    code: "JUTE212",
    level: "source",
    summary: "A class is removed.",
    reason: "no other record changes; programs that use it do not compile any more",
  },
  typeRenamed: {
    code: "JUTE213",
    level: "source",
    summary: "A field is of another class with the same bytes.",
    reason: "names are not on the wire; programs have them",
  },
  recordAdded: {
    code: "JUTE220",
    level: "safe",
    summary: "A class is added.",
    reason: "no other record changes",
  },
  optionalAppended: {
    code: "JUTE221",
    level: "safe",
    summary: "An optional field is appended.",
    reason:
      "a new reader takes the end of the message for its absence; an old one must ignore what follows the record, as Java does",
  },
  framedAppended: {
    code: "JUTE222",
    level: "safe",
    summary:
      "A field is appended to a record of which the caller says that it ends a length-framed message.",
    reason: "the length of the message tells readers whether the field is there",
  },
} as const satisfies Readonly<Record<string, ChangeKind>>;

export function changeOf(
  { code, level, reason }: ChangeKind,
  message: string,
  before: Span | undefined,
  after: Span | undefined,
): Change {
  return { code, level, message, reason, before, after };
}

/** A change as a diagnostic: an error when the wire breaks, otherwise a warning. */
export function asDiagnostic({ code, level, message, reason, before, after }: Change): Diagnostic {
  const span = after ?? before ?? { file: "", start: 0, end: 0 };
  const related =
    before === undefined || after === undefined
      ? {}
      : { related: [{ message: "what it was", span: before }] };
  const severity = level === "wire" ? "error" : "warning";
  return { code, severity, message, span, suggestion: reason, ...related };
}
