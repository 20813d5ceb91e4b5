/** How names are usually written, and what deserves a comment. */
import type { LintRule } from "./rule.js";
import { classesOf, fieldsOf, modulesOf } from "./walk.js";

export const styleRules: readonly LintRule[] = [
  {
    code: "JUTE140",
    summary: "A class without a comment.",
    *check({ file }) {
      for (const { declared } of classesOf(file)) {
        if (declared.doc !== "") continue;
        yield { span: declared.nameSpan, message: `class "${declared.name}" has no comment` };
      }
    },
  },
  {
    code: "JUTE141",
    summary: "A field without a comment.",
    default: "off",
    *check({ file }) {
      for (const { field } of fieldsOf(file)) {
        if (field.doc !== "") continue;
        yield { span: field.nameSpan, message: `field "${field.name}" has no comment` };
      }
    },
  },
  {
    code: "JUTE150",
    summary: "A class whose name does not start with an upper case letter, or has an underscore.",
    *check({ file }) {
      for (const { declared } of classesOf(file)) {
        if (/^[A-Z][A-Za-z0-9]*$/.test(declared.name)) continue;
        yield {
          span: declared.nameSpan,
          message: `class "${declared.name}" is not written like ClassName`,
        };
      }
    },
  },
  {
    code: "JUTE151",
    summary: "A field whose name does not start with a lower case letter, or has an underscore.",
    *check({ file }) {
      for (const { field } of fieldsOf(file)) {
        if (/^[a-z][A-Za-z0-9]*$/.test(field.name)) continue;
        const message = `field "${field.name}" is not written like fieldName`;
        yield { span: field.nameSpan, message };
      }
    },
  },
  {
    code: "JUTE152",
    summary: "A module whose name has an upper case letter.",
    *check({ file }) {
      for (const { name, nameSpan } of modulesOf(file)) {
        if (!/[A-Z]/.test(name)) continue;
        yield { span: nameSpan, message: `module "${name}" has upper case letters` };
      }
    },
  },
  {
    code: "JUTE153",
    summary: "A class named with its module inside of that module.",
    fixable: true,
    *check({ file, sources }) {
      for (const { module, types } of fieldsOf(file)) {
        for (const { type } of types) {
          if (type.kind !== "name" || !type.name.includes(".")) continue;
          const meaning = sources.meanings.get(type);
          if (meaning === undefined || meaning.module !== module.name) continue;
          const { name } = meaning.class;
          yield {
            span: type.span,
            message: `"${name}" needs no module here`,
            suggestion: `write ${name}`,
            fix: { span: type.span, text: name },
          };
        }
      }
    },
  },
];
