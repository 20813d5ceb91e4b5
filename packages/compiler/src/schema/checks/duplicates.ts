/** Names that are given twice, or twice but for upper and lower case. */
import { advice, diagnose, kinds, notes } from "../../diagnostics.js";
import type { Span } from "../../syntax/source.js";
import type { Check } from "../sources.js";

/** The last of two classes would silently win in Apache's compiler, and the two would share a file. */
export const checkDuplicateClasses: Check = (sources, report) => {
  for (const [fullName, namesakes] of sources.byFullName) {
    const [first, ...others] = namesakes;
    if (first === undefined) continue;
    for (const other of others) {
      // Two included files that clash are reported where the name is used.
      const clashes = first.file === other.file || namesakes.some(({ file }) => file.isSource);
      if (!clashes) continue;
      report(
        diagnose(kinds.duplicateClass, [fullName], other.class.nameSpan, {
          suggestion: advice.rename,
          related: [{ message: notes.firstDeclared, span: first.class.nameSpan }],
        }),
      );
    }
  }
};

export const checkDuplicateFields: Check = (sources, report) => {
  for (const { class: declared } of sources.declarations) {
    const seen = new Map<string, Span>();
    for (const field of declared.fields) {
      const first = seen.get(field.name);
      if (first === undefined) {
        seen.set(field.name, field.nameSpan);
        continue;
      }
      report(
        diagnose(kinds.duplicateField, [field.name, declared.name], field.nameSpan, {
          suggestion: advice.rename,
          related: [{ message: notes.firstDeclared, span: first }],
        }),
      );
    }
  }
};

export const checkLetterCase: Check = (sources, report) => {
  const modules = new Map<string, { readonly name: string; readonly span: Span }>();
  const reported = new Set<string>();
  for (const file of sources.files) {
    for (const item of file.ast.items) {
      if (item.kind !== "module") continue;
      const folded = item.name.toLowerCase();
      const first = modules.get(folded);
      if (first === undefined) {
        modules.set(folded, { name: item.name, span: item.nameSpan });
      } else if (first.name !== item.name && !reported.has(item.name)) {
        reported.add(item.name);
        report(
          diagnose(kinds.moduleNamesDifferInCase, [first.name, item.name], item.nameSpan, {
            related: [{ message: notes.alsoDeclared, span: first.span }],
          }),
        );
      }
    }
  }

  const classes = new Map<string, { readonly name: string; readonly span: Span }>();
  for (const { module, class: declared } of sources.declarations) {
    const folded = `${module}.${declared.name.toLowerCase()}`;
    const first = classes.get(folded);
    if (first === undefined) {
      classes.set(folded, { name: declared.name, span: declared.nameSpan });
    } else if (first.name !== declared.name) {
      report(
        diagnose(kinds.classNamesDifferInCase, [first.name, declared.name], declared.nameSpan, {
          related: [{ message: notes.alsoDeclared, span: first.span }],
        }),
      );
    }
  }
};
