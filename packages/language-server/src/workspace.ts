/**
 * The texts that an editor works on, and what the compiler knows of them. Texts that are open in the
 * editor come before those on disk. Every file is parsed once for each text that it has had, and
 * only where it has changed, and analysed again only when it or something that it includes has changed.
 */
import {
  type LoadedFile,
  normalizePath,
  parse,
  type ParsedFile,
  resolveSources,
  type SourceFile,
  type SourceText,
  type Sources,
} from "@jute-ts/compiler/analysis";
import type { Diagnostic } from "@jute-ts/compiler";
import type { FormatOptions } from "@jute-ts/compiler/format";
import { lintResolved, type LintSettings } from "@jute-ts/compiler/lint";
import { reparse } from "./incremental.js";
import { possibleIncludes, possibleUsers } from "./possible-includes.js";
import { classesIn, type ScannedClass } from "./scan.js";
import { TextMemo } from "./text-memo.js";

/** The disk, as far as the server needs it. Paths are absolute, with forward slashes. */
export interface FileSystem {
  /** Undefined when there is no such file, or it cannot be read. Asked often: it should remember what has not changed. */
  readonly read: (path: string) => SourceText | undefined;
  /** The `.jute` files below a folder, at most `limit` of them. */
  readonly list: (folder: string, limit: number) => readonly string[];
}

/** How a project wants its files. */
export interface ProjectSettings {
  readonly lint: LintSettings;
  /** What is absent here is up to the editor. */
  readonly format: Pick<FormatOptions, "indentWidth" | "useTabs">;
  /** Why the configuration cannot be read, for the user; the rest is then what held before. */
  readonly problem?: string | undefined;
}

/** The settings for a file, by its path. Asked often: the same object as long as nothing has changed. */
export type SettingsOf = (path: string) => ProjectSettings;

/** One file with all it includes. */
export interface Analysis {
  readonly file: LoadedFile;
  readonly sources: Sources;
  /**
   * What `jute lint` finds in the file itself, and `jute check` in the files that it includes; worked
   * out when they are asked for first, and again when the settings have changed.
   */
  readonly diagnostics: readonly Diagnostic[];
}

interface KnownAnalysis extends Analysis {
  /** What was read for it, and what it said: it holds as long as they say the same. */
  readonly inputs: ReadonlyMap<string, string | undefined>;
}

/** Files beyond this many are not searched for uses. */
const MOST_FILES = 5000;

/** In characters: longer texts are parsed when they are asked for, since nothing is answered meanwhile. */
const LONGEST_AHEAD = 256 * 1024;

export class Workspace {
  readonly #files: FileSystem;
  readonly #settingsOf: SettingsOf;
  readonly #open = new Map<string, string>();
  readonly #parsed = new Map<string, { readonly text: string; readonly parsed: ParsedFile }>();
  readonly #analyses = new Map<string, KnownAnalysis>();
  readonly #includes = new TextMemo(possibleIncludes);
  readonly #classes = new TextMemo((_path, text) => classesIn(text));
  #folders: readonly string[] = [];

  constructor(files: FileSystem, settingsOf: SettingsOf) {
    this.#files = files;
    this.#settingsOf = settingsOf;
  }

  setFolders(folders: readonly string[]): void {
    this.#folders = folders.map(normalizePath);
  }

  /** Puts a text in the place of what the disk holds. */
  open(path: string, text: string): void {
    this.#open.set(normalizePath(path), text);
  }

  close(path: string): void {
    const key = normalizePath(path);
    this.#open.delete(key);
    this.#parsed.delete(key);
    this.#analyses.delete(key);
  }

  get openPaths(): readonly string[] {
    return [...this.#open.keys()];
  }

  textOf(path: string): string | undefined {
    return this.#read(normalizePath(path))?.text;
  }

  /** Undefined when there is no such file. */
  analysisOf(path: string): Analysis | undefined {
    const key = normalizePath(path);
    const known = this.#analyses.get(key);
    if (known !== undefined && this.#holds(known)) return known;
    const given = this.#read(key);
    if (given === undefined) {
      this.#analyses.delete(key);
      return undefined;
    }
    const inputs = new Map<string, string | undefined>([[key, given.text]]);
    const readInclude = (included: string): SourceText | undefined => {
      const source = this.#read(included);
      inputs.set(included, source?.text);
      return source;
    };
    const sources = resolveSources([{ path: key, ...given }], {
      readInclude,
      parseFile: (source) => this.#parse(source),
    });
    const [file] = sources.files;
    if (file === undefined) return undefined;
    const settingsOf = this.#settingsOf;
    let found: { readonly by: LintSettings; readonly all: readonly Diagnostic[] } | undefined;
    const analysis = {
      file,
      sources,
      inputs,
      get diagnostics(): readonly Diagnostic[] {
        const { lint } = settingsOf(key);
        if (found?.by !== lint) found = { by: lint, all: lintResolved(sources, lint) };
        return found.all;
      },
    };
    this.#analyses.set(key, analysis);
    return analysis;
  }

  /** The files of the workspace, open or in the folders, in whose texts all of these words stand somewhere. */
  *analyses(words: readonly string[] = []): Generator<Analysis> {
    yield* this.#analysesOf(this.#paths(), words);
  }

  /** Those of them that can use what a file declares. */
  *analysesUsing(declaring: string, words: readonly string[]): Generator<Analysis> {
    const paths = this.#paths();
    const users = possibleUsers(declaring, paths, (path) => {
      const text = this.#read(path)?.text;
      return text === undefined ? [] : this.#includes.of(path, text);
    });
    yield* this.#analysesOf(
      [...paths].filter((path) => users.has(path)),
      words,
    );
  }

  /** All classes of the workspace, with the paths of their files. */
  *classes(): Generator<ScannedClass & { readonly path: string }> {
    for (const path of this.#paths()) {
      const text = this.#read(path)?.text;
      if (text === undefined) continue;
      for (const found of this.#classes.of(path, text)) yield { ...found, path };
    }
  }

  /** Parses what the folders hold, one file between two values, so that questions about all of it find that done. */
  *parseAhead(): Generator<undefined> {
    for (const path of this.#paths()) {
      const source = this.#read(path);
      if (source === undefined || source.text.length > LONGEST_AHEAD) continue;
      this.#parse({ path, ...source });
      yield undefined;
    }
  }

  /** The `.jute` files in the folders. */
  listFiles(): readonly string[] {
    return this.#folders.flatMap((folder) => this.#files.list(folder, MOST_FILES));
  }

  *#analysesOf(paths: Iterable<string>, words: readonly string[]): Generator<Analysis> {
    for (const path of paths) {
      const text = this.#read(path)?.text;
      if (text === undefined || !words.every((word) => text.includes(word))) continue;
      const analysis = this.analysisOf(path);
      if (analysis !== undefined) yield analysis;
    }
  }

  /** Those that are open, then those in the folders. */
  #paths(): ReadonlySet<string> {
    const paths = new Set(this.#open.keys());
    for (const folder of this.#folders) {
      const found = this.#files.list(folder, MOST_FILES - paths.size);
      for (const path of found) paths.add(normalizePath(path));
    }
    return paths;
  }

  #holds({ inputs }: KnownAnalysis): boolean {
    for (const [path, text] of inputs) if (this.#read(path)?.text !== text) return false;
    return true;
  }

  #read(path: string): SourceText | undefined {
    const text = this.#open.get(path);
    return text === undefined ? this.#files.read(path) : { text };
  }

  #parse(source: SourceFile): ParsedFile {
    const known = this.#parsed.get(source.path);
    if (known?.text === source.text) return known.parsed;
    const parsed = (known && reparse(known, source)) ?? parse(source);
    this.#parsed.set(source.path, { text: source.text, parsed });
    return parsed;
  }
}
