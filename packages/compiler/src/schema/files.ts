/**
 * All files of one run: those given by the caller and those they include. Each
 * is read and parsed once, however many includes name it.
 */
import type { FileAst, IncludeAst } from "../syntax/ast.js";
import { parse, type ParsedFile } from "../syntax/parse.js";
import type { SourceFile, SourceText } from "../syntax/source-file.js";
import { normalizePath, resolveInclude } from "./paths.js";

export interface LoadedFile {
  /** As given by the caller, or as resolved from an include. */
  readonly path: string;
  readonly text: string;
  readonly ast: FileAst;
  readonly errors: ParsedFile["errors"];
  readonly comments: ParsedFile["comments"];
  /** Names that some broken part of the file seems to declare. */
  readonly lostNames: ReadonlySet<string>;
  /** Given by the caller, so code is emitted for its classes. */
  readonly isSource: boolean;
  /** In the order of the text. */
  readonly includes: readonly IncludeEdge[];
}

export interface IncludeEdge {
  readonly include: IncludeAst;
  /** The path after resolution. */
  readonly path: string;
  /** Undefined when the file could not be read. */
  readonly target: LoadedFile | undefined;
}

/**
 * Gives an included file by its path, resolved and with forward slashes; undefined when there
 * is none. Paths are resolved as text, so that `../defs/a.jute` and `a.jute` can be one file for
 * who knows the working directory: a `path` in the answer says which of its names to go by.
 */
export type ReadInclude = (path: string) => string | IncludedText | undefined;

/** An included text. `path` is its name; without it, the file goes by the path that it was asked for by. */
export interface IncludedText extends SourceText {
  readonly path?: string | undefined;
}

/** Loads everything; the result is in order of first appearance, each file before those it includes. */
export function loadFiles(
  sources: readonly SourceFile[],
  readInclude: ReadInclude,
  parseFile: (source: SourceFile) => ParsedFile = parse,
): readonly LoadedFile[] {
  const sourcesByKey = new Map<string, SourceFile>();
  for (const source of sources) {
    const key = normalizePath(source.path);
    if (!sourcesByKey.has(key)) sourcesByKey.set(key, source);
  }

  const loaded = new Map<string, LoadedFile | undefined>();
  const order: LoadedFile[] = [];
  // Files whose includes are still to be followed, the next one last.
  const pending: { file: LoadedFile; includes: IncludeEdge[] }[] = [];

  const load = (key: string): LoadedFile | undefined => {
    if (loaded.has(key)) return loaded.get(key);
    const source = sourcesByKey.get(key);
    const given = source ?? readInclude(key);
    if (given === undefined) {
      loaded.set(key, undefined);
      return undefined;
    }
    const {
      text,
      errors = [],
      path = key,
    }: IncludedText = typeof given === "string" ? { text: given } : given;
    const name = normalizePath(path);
    if (name !== key && (loaded.has(name) || sourcesByKey.has(name))) {
      const same = load(name);
      loaded.set(key, same);
      return same;
    }
    const includes: IncludeEdge[] = [];
    const parsed = parseFile({ path, text });
    const file: LoadedFile = {
      path,
      text,
      ...parsed,
      // Of what is no text nothing else can be said.
      errors: text === "" && errors.length > 0 ? errors : [...errors, ...parsed.errors],
      isSource: source !== undefined,
      includes,
    };
    loaded.set(key, file);
    loaded.set(name, file);
    order.push(file);
    pending.push({ file, includes });
    return file;
  };

  for (const key of sourcesByKey.keys()) {
    load(key);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { file, includes } = next;
      for (const item of file.ast.items) {
        if (item.kind !== "include") continue;
        const path = resolveInclude(file.path, item.path);
        const target = load(path);
        includes.push({ include: item, path: target?.path ?? path, target });
      }
    }
  }
  return order;
}
