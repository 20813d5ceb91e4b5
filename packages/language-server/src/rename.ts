/** Renaming a class, a field or a module wherever it is named, across the files of the workspace. */
import { keywords, type Span } from "@jute-ts/compiler/analysis";
import type { TextEdit } from "@jute-ts/compiler";
import { lastPart, type Place, typeNamesIn, usesOf } from "./places.js";
import type { Analysis, Workspace } from "./workspace.js";

/** The name cannot be changed to this, with the reason for the user. */
export class RenameError extends Error {
  override readonly name = "RenameError";
}

/** The part of a place that a rename replaces; undefined where there is nothing to rename. */
export function renamedSpan(place: Place): Span | undefined {
  switch (place.kind) {
    case "class":
    case "field":
    case "module":
      return place.span;
    case "use":
      return place.declaration === undefined ? undefined : lastPart(place.name);
    default:
      return undefined;
  }
}

/** The edits of all files. Throws {@link RenameError} when the new name is none or is taken. */
export function renameEdits(
  place: Place,
  newName: string,
  analysis: Analysis,
  workspace: Workspace,
): readonly TextEdit[] {
  switch (place.kind) {
    case "field": {
      requireName(newName);
      const { fields } = place.declaration.class;
      if (fields.some((field) => field !== place.field && field.name === newName)) {
        throw new RenameError(`"${place.declaration.class.name}" has a field "${newName}" already`);
      }
      return [{ span: place.span, text: newName }];
    }
    case "class":
    case "use": {
      const { declaration } = place;
      if (declaration === undefined) throw new RenameError("nothing is declared by this name");
      requireName(newName);
      const wanted = `${declaration.module}.${newName}`;
      const taken = analysis.sources.byFullName.get(wanted);
      if (taken !== undefined && newName !== declaration.class.name) {
        throw new RenameError(`module "${declaration.module}" has a class "${newName}" already`);
      }
      const uses = usesOf(declaration, workspace).map((name) => lastPart(name));
      return [declaration.class.nameSpan, ...uses].map((span) => ({ span, text: newName }));
    }
    case "module":
      newName.split(".").forEach(requireName);
      return moduleEdits(place.name, newName, workspace);
    default:
      throw new RenameError("there is nothing to rename here");
  }
}

/** Where a module is declared, in whatever files, and the full names of its classes. */
function moduleEdits(name: string, newName: string, workspace: Workspace): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  for (const { file } of workspace.analyses(name.split("."))) {
    for (const item of file.ast.items) {
      if (item.kind === "module" && item.name === name) {
        edits.push({ span: item.nameSpan, text: newName });
      }
    }
    for (const use of typeNamesIn(file)) {
      const isWhole = use.span.end - use.span.start === use.name.length;
      if (use.name.slice(0, use.name.lastIndexOf(".")) !== name) continue;
      if (!isWhole) throw new RenameError(`"${use.name}" is written with spaces in ${file.path}`);
      const span = { ...use.span, end: use.span.start + name.length };
      edits.push({ span, text: newName });
    }
  }
  return edits;
}

function requireName(name: string): void {
  if (!/^[A-Za-z]\w*$/.test(name)) throw new RenameError(`"${name}" is not a valid name`);
  if (keywords.has(name)) throw new RenameError(`"${name}" is a word of the language`);
}
