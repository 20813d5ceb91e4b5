/** What the checks look at: all files of a run, all classes they declare, and what each type name means. */
import type { Diagnostic } from "../diagnostics.js";
import type { ClassAst, NameAst, TypeAst } from "../syntax/ast.js";
import type { LoadedFile } from "./files.js";
import { visibleFiles } from "./visible-files.js";

export interface Declaration {
  readonly file: LoadedFile;
  readonly module: string;
  readonly fullName: string;
  readonly class: ClassAst;
}

export type DiagnosticSink = (diagnostic: Diagnostic) => void;

/** A family of checks. It must not throw, and reports each mistake once. */
export type Check = (sources: Sources, report: DiagnosticSink) => void;

export class Sources {
  readonly files: readonly LoadedFile[];
  /** In the order of the files and, within one, of the text. */
  readonly declarations: readonly Declaration[];
  readonly byFullName: ReadonlyMap<string, readonly Declaration[]>;
  /** Filled by the check of types; a name without an entry is unknown. */
  readonly meanings: Map<NameAst, Declaration> = new Map<NameAst, Declaration>();
  private readonly visibility = new Map<LoadedFile, ReadonlyMap<LoadedFile, number>>();

  constructor(files: readonly LoadedFile[]) {
    this.files = files;
    const declarations: Declaration[] = [];
    const byFullName = new Map<string, Declaration[]>();
    for (const file of files) {
      for (const item of file.ast.items) {
        if (item.kind !== "module") continue;
        for (const declared of item.classes) {
          const fullName = `${item.name}.${declared.name}`;
          const declaration = { file, module: item.name, fullName, class: declared };
          declarations.push(declaration);
          const namesakes = byFullName.get(fullName);
          if (namesakes === undefined) byFullName.set(fullName, [declaration]);
          else namesakes.push(declaration);
        }
      }
    }
    this.declarations = declarations;
    this.byFullName = byFullName;
  }

  /** See visibleFiles; each file's answer is computed once. */
  visibleFrom(file: LoadedFile): ReadonlyMap<LoadedFile, number> {
    let visible = this.visibility.get(file);
    if (visible === undefined) {
      visible = visibleFiles(file);
      this.visibility.set(file, visible);
    }
    return visible;
  }

  /** The class that a type is, when it is one directly: not an element of a vector or a map. */
  directRecord(type: TypeAst): Declaration | undefined {
    return type.kind === "name" ? this.meanings.get(type) : undefined;
  }

  /** All classes that a type mentions at any depth. */
  mentionedRecords(type: TypeAst): readonly Declaration[] {
    return namesIn(type).flatMap((name) => this.meanings.get(name) ?? []);
  }
}

/** The names in a type, in the order of the text. */
export function namesIn(type: TypeAst): readonly NameAst[] {
  switch (type.kind) {
    case "name":
      return [type];
    case "vector":
      return namesIn(type.element);
    case "map":
      return [...namesIn(type.key), ...namesIn(type.value)];
    default:
      return noNames;
  }
}

const noNames: readonly NameAst[] = [];
