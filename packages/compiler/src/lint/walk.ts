/** The classes and fields of one file, for rules that look at each by itself. */
import type { LoadedFile } from "../schema/files.js";
import type { ClassAst, FieldAst, ModuleAst, TypeAst } from "../syntax/ast.js";

export interface ClassPlace {
  readonly module: ModuleAst;
  readonly declared: ClassAst;
}

export interface FieldPlace extends ClassPlace {
  readonly field: FieldAst;
}

export function modulesOf(file: LoadedFile): readonly ModuleAst[] {
  return file.ast.items.flatMap((item) => (item.kind === "module" ? item : []));
}

export function classesOf(file: LoadedFile): readonly ClassPlace[] {
  return modulesOf(file).flatMap((module) =>
    module.classes.map((declared) => ({ module, declared })),
  );
}

export function fieldsOf(file: LoadedFile): readonly FieldPlace[] {
  return classesOf(file).flatMap((place) =>
    place.declared.fields.map((field) => ({ ...place, field })),
  );
}

/** The type itself and all inside of it, outermost first, with the one that each stands in. */
export function typesIn(
  type: TypeAst,
  around?: TypeAst,
): readonly { readonly type: TypeAst; readonly around: TypeAst | undefined }[] {
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
