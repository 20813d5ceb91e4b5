/** What Apache's compiler accepts, but turns into Java that javac refuses or that does something else. */
import type { FieldAst, TypeAst } from "../syntax/ast.js";
import type { Finding, LintContext, LintRule } from "./rule.js";
import { capitalized, classesOf, fieldsOf, modulesOf } from "./walk.js";
import {
  javaClassNames,
  javaKeywords,
  javaLocals,
  javaMapLocals,
  javaTypeWords,
  javaVectorLocals,
} from "./words.js";

export const javaRules: readonly LintRule[] = [
  {
    code: "JUTE110",
    summary: "A module, class or field whose name is a keyword of Java.",
    target: "java",
    *check({ file }) {
      for (const { name, nameSpan } of modulesOf(file)) {
        const word = name.split(".").find((part) => javaKeywords.has(part));
        if (word !== undefined) yield keyword(word, nameSpan);
      }
      for (const { declared } of classesOf(file)) {
        const { name, nameSpan } = declared;
        if (javaKeywords.has(name)) yield keyword(name, nameSpan);
      }
      for (const { field } of fieldsOf(file)) {
        if (javaKeywords.has(field.name)) yield keyword(field.name, field.nameSpan);
      }
    },
  },
  {
    code: "JUTE111",
    summary:
      "A class that hides one that the generated Java needs, or that Java lets no class be called.",
    target: "java",
    *check({ file }) {
      for (const { declared } of classesOf(file)) {
        const { name, nameSpan: span } = declared;
        if (javaTypeWords.has(name)) {
          yield { span, message: `no class can be called "${name}" in newer versions of Java` };
        } else if (javaClassNames.has(name)) {
          const what = name === "java" || name === "org" ? "package" : "class";
          yield {
            span,
            message: `"${name}" hides the ${what} that the generated Java means by it`,
          };
        }
      }
    },
  },
  {
    code: "JUTE112",
    summary: "A field with the name of a variable of the generated Java, which hides it.",
    target: "java",
    *check({ file }) {
      for (const { field } of fieldsOf(file)) {
        if (hiddenInJava(field)) {
          yield {
            span: field.nameSpan,
            message: `a variable of the generated Java hides the field "${field.name}"`,
          };
        }
      }
    },
  },
  {
    code: "JUTE113",
    summary: "A field whose getter exists already: that of another field, or `getClass`.",
    target: "java",
    check: accessorClashes,
  },
  {
    code: "JUTE114",
    summary:
      "A class with the name of a package: of a module, or of the first part of its own module.",
    target: "java",
    *check({ file, sources }) {
      const modules = new Set(sources.declarations.map(({ module }) => module));
      for (const { module, declared } of classesOf(file)) {
        const span = declared.nameSpan;
        if (modules.has(`${module.name}.${declared.name}`)) {
          yield {
            span,
            message: `Java lets no class have the name of the package "${module.name}.${declared.name}"`,
          };
        } else if (module.name.split(".")[0] === declared.name) {
          yield {
            span,
            message: `"${declared.name}" hides the package that the generated Java means by it`,
          };
        }
      }
    },
  },
  {
    code: "JUTE115",
    summary:
      "A type whose generated Java does not compile: a vector of numbers or booleans, a map with them, a container inside of a container.",
    target: "java",
    *check({ file }) {
      for (const { types } of fieldsOf(file)) {
        for (const { type, around } of types) {
          const reason = javaTypeProblem(type, around);
          if (reason !== undefined) yield { span: type.span, message: reason };
        }
      }
    },
  },
  {
    code: "JUTE116",
    summary: "More fields than a constructor in Java can have parameters.",
    target: "java",
    *check({ file }) {
      for (const { declared } of classesOf(file)) {
        const slots = declared.fields.reduce((sum, { type }) => sum + slotsOf(type), 0);
        if (slots > mostSlots) {
          const message = `the fields of "${declared.name}" take ${String(slots)} of the ${String(mostSlots)} places that the parameters of a Java constructor have`;
          yield { span: declared.nameSpan, message, suggestion: "long and double take two places" };
        }
      }
    },
  },
];

function keyword(word: string, span: Finding["span"]): Finding {
  return { span, message: `"${word}" is a keyword of Java` };
}

function hiddenInJava({ name, type }: FieldAst): boolean {
  if (javaLocals.has(name)) return true;
  // hashCode() has this one, and does arithmetic with fields that are numbers.
  if (name === "result") return !numbers.has(type.kind);
  switch (type.kind) {
    case "buffer":
      return name === "org";
    case "vector":
      return javaVectorLocals.has(name);
    case "map":
      return javaMapLocals.has(name);
    default:
      return false;
  }
}

function* accessorClashes({ file }: LintContext): Iterable<Finding> {
  for (const { declared } of classesOf(file)) {
    const owners = new Map<string, FieldAst>();
    for (const field of declared.fields) {
      const getter = `get${capitalized(field.name)}`;
      const owner = owners.get(getter);
      owners.set(getter, owner ?? field);
      const span = field.nameSpan;
      if (getter === "getClass") {
        yield { span, message: `the getter of "${field.name}" would be Object's own getClass` };
      } else if (owner !== undefined && owner.name !== field.name) {
        yield {
          span,
          message: `"${owner.name}" and "${field.name}" have the same getter in Java, ${getter}`,
          related: [{ message: "the other field", span: owner.nameSpan }],
        };
      }
    }
  }
}

function javaTypeProblem(type: TypeAst, around: TypeAst | undefined): string | undefined {
  if (around === undefined) return undefined;
  if (type.kind === "vector" || type.kind === "map") {
    return `the generated Java does not compile for a ${type.kind} inside of a ${around.kind}`;
  }
  const isBoxed = type.kind === "ustring" || type.kind === "buffer" || type.kind === "name";
  return isBoxed
    ? undefined
    : `the generated Java does not compile for a ${around.kind} of ${type.kind}`;
}

/** The places that a parameter takes (JVM specification 4.11: 255, one of which is `this`). */
function slotsOf({ kind }: TypeAst): number {
  return kind === "long" || kind === "double" ? 2 : 1;
}

const mostSlots = 254;

const numbers: ReadonlySet<TypeAst["kind"]> = new Set(["byte", "int", "long", "float", "double"]);
