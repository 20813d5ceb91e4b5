/** The classes and fields of one file, for rules that look at each by itself. */
import type { LoadedFile } from "../schema/files.js";
import type { ClassAst, FieldAst, ModuleAst, TypeAst } from "../syntax/ast.js";

export interface ClassPlace {
  readonly module: ModuleAst;
  readonly declared: ClassAst;
}

export interface FieldPlace extends ClassPlace {
  readonly field: FieldAst;
  /** The field's type and all inside of it, outermost first. */
  readonly types: readonly TypePlace[];
}

export interface TypePlace {
  readonly type: TypeAst;
  /** The type that it stands in. */
  readonly around: TypeAst | undefined;
}

export function modulesOf(file: LoadedFile): readonly ModuleAst[] {
  return walk(file).modules;
}

export function classesOf(file: LoadedFile): readonly ClassPlace[] {
  return walk(file).classes;
}

export function fieldsOf(file: LoadedFile): readonly FieldPlace[] {
  return walk(file).fields;
}

interface Walk {
  readonly modules: readonly ModuleAst[];
  readonly classes: readonly ClassPlace[];
  readonly fields: readonly FieldPlace[];
}

/** Files are walked once for all rules, and never change. */
const walks = new WeakMap<LoadedFile, Walk>();

function walk(file: LoadedFile): Walk {
  let known = walks.get(file);
  if (known === undefined) {
    const modules = file.ast.items.filter((item) => item.kind === "module");
    const classes = modules.flatMap((module) =>
      module.classes.map((declared) => ({ module, declared })),
    );
    const fields = classes.flatMap(({ module, declared }) =>
      declared.fields.map((field) => ({ module, declared, field, types: typesIn(field.type) })),
    );
    known = { modules, classes, fields };
    walks.set(file, known);
  }
  return known;
}

function typesIn(type: TypeAst, around?: TypeAst): readonly TypePlace[] {
  const own = { type, around };
  switch (type.kind) {
    case "vector":
      return [own, ...typesIn(type.element, type)];
    case "map":
      return [own, ...typesIn(type.key, type), ...typesIn(type.value, type)];
    default:
      return [own];
  }
}

/** A name as a file of the language could have it: its first letter in upper or lower case. */
export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
