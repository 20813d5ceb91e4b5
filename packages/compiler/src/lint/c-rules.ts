/** What Apache's compiler accepts, but turns into C that does not compile with ZooKeeper's recordio.h. */
import type { Declaration } from "../schema/sources.js";
import type { TypeAst } from "../syntax/ast.js";
import type { Finding, LintContext, LintRule } from "./rule.js";
import { classesOf, fieldsOf } from "./walk.js";
import { cClassNames, cKeywords } from "./words.js";

export const cRules: readonly LintRule[] = [
  {
    code: "JUTE120",
    summary: "A class or field whose name is a keyword of C, or a macro of its headers.",
    target: "c",
    *check({ file }) {
      const places = [
        ...classesOf(file).map(({ declared }) => declared),
        ...fieldsOf(file).map(({ field }) => field),
      ];
      for (const { name, nameSpan: span } of places) {
        if (cKeywords.has(name)) yield { span, message: `"${name}" is a keyword or a macro in C` };
      }
    },
  },
  {
    code: "JUTE121",
    summary:
      "A class whose struct or functions exist in C already: in recordio.h, for a vector, or for a class of another module.",
    target: "c",
    check: structClashes,
  },
  {
    code: "JUTE122",
    summary:
      "A type that the C archives do not have: byte, float, double, a map, a vector of anything but ustring, buffer and classes.",
    target: "c",
    *check({ file }) {
      for (const { types } of fieldsOf(file)) {
        for (const { type, around } of types) {
          const reason = cTypeProblem(type, around);
          if (reason === undefined) continue;
          yield { span: type.span, message: reason };
          // What is inside of it does not make it worse.
          break;
        }
      }
    },
  },
];

function* structClashes({ file, sources }: LintContext): Iterable<Finding> {
  const vectors = new Set<string>();
  for (const { types } of fieldsOf(file)) {
    for (const { type } of types) {
      if (type.kind === "vector") vectors.add(`${elementName(type.element)}_vector`);
    }
  }
  const visible = sources.visibleFrom(file);
  const byName = new Map<string, Declaration[]>();
  for (const declaration of sources.declarations) {
    const { name } = declaration.class;
    const namesakes = byName.get(name);
    if (namesakes === undefined) byName.set(name, [declaration]);
    else namesakes.push(declaration);
  }
  for (const { module, declared } of classesOf(file)) {
    const { name, nameSpan: span } = declared;
    if (cClassNames.has(name)) {
      yield {
        span,
        message: `recordio.h declares what the generated C needs for "${name}" itself`,
      };
    } else if (vectors.has(name)) {
      yield { span, message: `"${name}" is also the struct of a vector in C` };
    }
    const namesake = byName
      .get(name)
      ?.find(
        (other) =>
          other.module !== module.name &&
          visible.has(other.file) &&
          (other.file !== file || other.class.nameSpan.start < span.start),
      );
    if (namesake !== undefined) {
      yield {
        span,
        message: `C has no modules: "${name}" is the struct of "${namesake.fullName}", too`,
        related: [{ message: "declared here", span: namesake.class.nameSpan }],
      };
    }
  }
}

function elementName(type: TypeAst): string {
  if (type.kind === "ustring") return "String";
  if (type.kind === "buffer") return "Buffer";
  return type.kind === "name" ? (type.name.split(".").at(-1) ?? "") : "";
}

function cTypeProblem(type: TypeAst, around: TypeAst | undefined): string | undefined {
  switch (type.kind) {
    case "byte":
    case "float":
    case "double":
    case "map":
      return `ZooKeeper's C archives cannot write ${type.kind === "map" ? "a map" : type.kind}`;
    case "vector":
      return around && "the generated C does not compile for a vector inside of a vector";
    case "boolean":
    case "int":
    case "long":
      return around && `the generated C does not compile for a vector of ${type.kind}`;
    default:
      return undefined;
  }
}
