/**
 * From the text of a schema to its classes, as a consumer gets there: compile,
 * write the files, type-check them under the strictest flags, import them. Many
 * schemas share one directory and one TypeScript program, because the program
 * is what costs time.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { compile } from "../../src/compile.js";
import type { SourceFile } from "../../src/syntax/source-file.js";
import type { AnyRecordType, RecordRegistry } from "@jute-ts/runtime";

/** A directory of compiled schemas that can be type-checked and imported. */
export class SchemaWorkshop {
  readonly directory: string;
  readonly #files: string[] = [];

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "jute-schemas-"));
    // The directory stands for a project that has the runtime installed.
    symlinkSync(join(repository, "node_modules"), join(this.directory, "node_modules"));
    writeFileSync(join(this.directory, "package.json"), '{ "type": "module" }\n');
  }

  /** Compiles one schema into a folder of its own. Throws on any diagnostic of severity error. */
  async add(folder: string, sources: readonly SourceFile[]): Promise<void> {
    const { files, diagnostics } = await compile(sources, { prettier: false });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    if (errors.length > 0) {
      throw new Error(
        `The schema does not compile:\n${errors.map(({ code, message }) => `${code} ${message}`).join("\n")}`,
      );
    }
    for (const { path, text } of files) {
      const file = join(this.directory, folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      this.#files.push(file);
    }
  }

  /** Everything that TypeScript has to say against the files added so far, one line each. */
  typeErrors(): readonly string[] {
    const program = ts.createProgram({ rootNames: this.#files, options: strictestOptions });
    return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
      const { file, start } = diagnostic;
      if (file === undefined || start === undefined) return message;
      const { line, character } = file.getLineAndCharacterOfPosition(start);
      const place = `${file.fileName}:${String(line + 1)}:${String(character + 1)}`;
      return `${place}: TS${String(diagnostic.code)} ${message}\n    ${lineOf(file, line)}`;
    });
  }

  /** The classes of one schema. */
  async load(folder: string): Promise<readonly AnyRecordType[]> {
    const { registry } = (await import(
      /* @vite-ignore */ join(this.directory, folder, "registry.ts")
    )) as { readonly registry: RecordRegistry };
    return [...registry];
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function lineOf(file: ts.SourceFile, line: number): string {
  return file.text.split("\n")[line]?.trim() ?? "";
}

const repository = resolve(import.meta.dirname, "../../../..");

const strictestOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  types: [],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  customConditions: ["@jute-ts/source"],
  noEmit: true,
  declaration: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noFallthroughCasesInSwitch: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noUncheckedSideEffectImports: true,
  allowUnreachableCode: false,
  erasableSyntaxOnly: true,
  isolatedDeclarations: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  forceConsistentCasingInFileNames: true,
};
