/**
 * An optional field is told to be there by its bytes. A record all of whose own
 * fields may be missing can be there without a byte, and would look missing, so it
 * cannot be the type of an optional field.
 */
import { advice, diagnose, kinds } from "../../diagnostics.js";
import type { Check, Declaration, Sources } from "../sources.js";
import { hasAnnotation } from "./annotations.js";

export const checkOptionalEmptyRecords: Check = (sources, report) => {
  const mayBeEmpty = recordsThatMayBeEmpty(sources);
  for (const { class: declared } of sources.declarations) {
    for (const field of declared.fields) {
      const record = sources.directRecord(field.type);
      if (record === undefined || !mayBeEmpty.has(record)) continue;
      if (!hasAnnotation(field, "optional")) continue;
      report(
        diagnose(kinds.optionalMayBeEmpty, [field.name, record.class.name], field.type.span, {
          suggestion: advice.neverEmpty(record.class.name),
        }),
      );
    }
  }
};

/** Records of which some value takes no bytes: each field is optional, or is such a record itself. */
function recordsThatMayBeEmpty(sources: Sources): ReadonlySet<Declaration> {
  /** How many fields still keep a record from being empty. */
  const obstacles = new Map<Declaration, number>();
  const holders = new Map<Declaration, Declaration[]>();
  const empty = new Set<Declaration>();
  for (const declaration of sources.declarations) {
    const required = declaration.class.fields.filter((field) => !hasAnnotation(field, "optional"));
    obstacles.set(declaration, required.length);
    if (required.length === 0) empty.add(declaration);
    for (const { type } of required) {
      const record = sources.directRecord(type);
      if (record === undefined) continue;
      const known = holders.get(record);
      if (known === undefined) holders.set(record, [declaration]);
      else known.push(declaration);
    }
  }
  // The set grows while it is walked: each record that may be empty clears the way for those that hold it.
  for (const record of empty) {
    for (const holder of holders.get(record) ?? []) {
      const left = (obstacles.get(holder) ?? 0) - 1;
      obstacles.set(holder, left);
      if (left === 0) empty.add(holder);
    }
  }
  return empty;
}
