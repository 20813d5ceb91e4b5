/** Whether every `@jute:…` is known, stands at a field, and fits that field. */
import { advice, diagnose, kinds, meant } from "../../diagnostics.js";
import type { AnnotationAst, FieldAst, TypeAst } from "../../syntax/ast.js";
import { hasNull } from "../../wire-types.js";
import { closestName } from "../closest-name.js";
import type { Check } from "../sources.js";

export type AnnotationName = "optional" | "nonnull" | "nonnull-elements";

export function hasAnnotation(field: FieldAst, name: AnnotationName): boolean {
  return field.annotations.some((annotation) => annotation.name === name);
}

export const checkUnknownAnnotations: Check = (sources, report) => {
  const check = ({ name, span }: AnnotationAst): void => {
    if (isKnown(name)) return;
    const near = closestName(name, names);
    report(
      diagnose(
        kinds.unknownAnnotation,
        [name],
        span,
        near === undefined
          ? { suggestion: advice.didYouMean(`@jute:${names.join('" or "@jute:')}`) }
          : meant(`@jute:${near}`, span),
      ),
    );
  };
  for (const { ast } of sources.files) ast.strayAnnotations.forEach(check);
  for (const { class: declared } of sources.declarations) {
    declared.annotations.forEach(check);
    for (const field of declared.fields) field.annotations.forEach(check);
  }
};

export const checkStrayAnnotations: Check = (sources, report) => {
  const check = ({ name, span }: AnnotationAst): void => {
    if (!isKnown(name)) return;
    report(diagnose(kinds.strayAnnotation, [name], span, { suggestion: advice.annotateField }));
  };
  for (const { ast } of sources.files) ast.strayAnnotations.forEach(check);
  for (const { class: declared } of sources.declarations) declared.annotations.forEach(check);
};

export const checkOptionalFields: Check = (sources, report) => {
  for (const { class: declared } of sources.declarations) {
    declared.fields.forEach((field, index) => {
      const next = declared.fields[index + 1];
      const [annotation] = field.annotations.filter(({ name }) => name === "optional");
      if (annotation === undefined || next === undefined || hasAnnotation(next, "optional")) return;
      report(
        diagnose(kinds.optionalNotLast, [field.name, next.name], annotation.span, {
          suggestion: advice.optionalOrder,
        }),
      );
    });
  }
};

export const checkNonNullFields: Check = (sources, report) => {
  for (const { class: declared } of sources.declarations) {
    for (const field of declared.fields) {
      for (const { name, span } of field.annotations) {
        if (name === "nonnull" && !hasNull(field.type.kind)) {
          const suggestion = advice.nonNullTypes;
          const type = wordFor(field.type);
          report(diagnose(kinds.nonNullOnType, [field.name, type], span, { suggestion }));
        }
        if (name === "nonnull-elements" && !hasNullableElements(field.type)) {
          const suggestion = advice.nonNullElementTypes;
          report(diagnose(kinds.nonNullElementsOnType, [field.name], span, { suggestion }));
        }
      }
    }
  }
};

/** Whether null can lie in a vector or a map of this type, other than inside of a record. */
function hasNullableElements(type: TypeAst): boolean {
  switch (type.kind) {
    case "vector":
      return hasNull(type.element.kind) || hasNullableElements(type.element);
    case "map":
      return (
        hasNull(type.value.kind) || hasNullableElements(type.key) || hasNullableElements(type.value)
      );
    default:
      return false;
  }
}

function wordFor(type: TypeAst): string {
  return type.kind === "name" ? `record "${type.name}"` : type.kind;
}

function isKnown(name: string): boolean {
  return names.some((known) => known === name);
}

const names: readonly AnnotationName[] = ["optional", "nonnull", "nonnull-elements"];
