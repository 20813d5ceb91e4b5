/**
 * A record that ends in an optional field knows that the field is missing by
 * the end of the input, so nothing may ever follow such a record: no further
 * field, no next element of a vector, no value of a map.
 */
import { advice, diagnose, kinds, notes, type Diagnostic } from "../../diagnostics.js";
import type { FieldAst } from "../../syntax/ast.js";
import type { Check, Declaration, Sources } from "../sources.js";
import { hasAnnotation } from "./annotations.js";

/** All records whose last field is optional, or a record of this kind. */
export function openEndedRecords(sources: Sources): ReadonlySet<Declaration> {
  const answers = new Map<Declaration, boolean>();
  for (const declaration of sources.declarations) {
    // Each record has at most one last field, so the records to ask form a single path.
    const path: Declaration[] = [];
    let answer = false;
    for (
      let step: Declaration | undefined = declaration;
      step !== undefined;
      step = lastRecord(sources, step)
    ) {
      const known = answers.get(step);
      if (known !== undefined) {
        answer = known;
        break;
      }
      // Stands for a record that leads back to itself, which another check reports.
      answers.set(step, false);
      path.push(step);
      const last = step.class.fields.at(-1);
      if (last !== undefined && hasAnnotation(last, "optional")) {
        answer = true;
        break;
      }
    }
    for (const step of path) answers.set(step, answer);
  }
  return new Set([...answers].flatMap(([declaration, open]) => (open ? [declaration] : [])));
}

export const checkOpenEndedRecords: Check = (sources, report) => {
  const openEnded = openEndedRecords(sources);
  if (openEnded.size === 0) return;
  for (const { class: declared } of sources.declarations) {
    declared.fields.forEach((field, index) => {
      const next = declared.fields[index + 1];
      const direct = sources.directRecord(field.type);
      if (direct !== undefined) {
        if (next !== undefined && openEnded.has(direct)) {
          report(misuse(sources, field, direct, `before field "${next.name}"`));
        }
        return;
      }
      const inside = sources.mentionedRecords(field.type).find((record) => openEnded.has(record));
      if (inside !== undefined) {
        report(misuse(sources, field, inside, `inside a ${field.type.kind}`));
      }
    });
  }
};

function misuse(sources: Sources, field: FieldAst, record: Declaration, where: string): Diagnostic {
  const optional = optionalField(sources, record);
  return diagnose(kinds.openEndedNotLast, [record.class.name, where], field.type.span, {
    suggestion: advice.openEnded,
    ...(optional === undefined
      ? {}
      : { related: [{ message: notes.optionalField, span: optional.nameSpan }] }),
  });
}

/** The optional field that leaves the end of a record open, in itself or in its last record. */
function optionalField(sources: Sources, record: Declaration): FieldAst | undefined {
  const seen = new Set<Declaration>();
  for (
    let step: Declaration | undefined = record;
    step !== undefined && !seen.has(step);
    step = lastRecord(sources, step)
  ) {
    seen.add(step);
    const last = step.class.fields.at(-1);
    if (last !== undefined && hasAnnotation(last, "optional")) return last;
  }
  return undefined;
}

function lastRecord(sources: Sources, declaration: Declaration): Declaration | undefined {
  const last = declaration.class.fields.at(-1);
  return last && sources.directRecord(last.type);
}
