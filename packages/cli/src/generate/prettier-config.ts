/**
 * Prettier as the consuming project has set it up, for files in the output
 * directory: the project's own configuration with its overrides, and its
 * .editorconfig. So `prettier --check` in that project has nothing to say.
 */
import path from "node:path";
import type * as Prettier from "prettier";
import {
  type EmittedFile,
  formatTypeScript,
  formatWithoutPrettier,
  type PrettierOptions,
} from "@jute-ts/compiler/parts";
import { UsageError } from "../surroundings.js";
import { PrettierFiles } from "./prettier-files.js";

/** How the file at one path is to be formatted. */
export interface FileFormat {
  /** What decides the layout, in a stable order: two files with equal fingerprints are formatted alike. Undefined when plugins have their say. */
  readonly fingerprint: string | undefined;
  /** The options that say the same; undefined when plugins have their say. */
  readonly options: PrettierOptions | undefined;
  readonly format: (text: string) => Promise<string>;
  /** The same at once and without Prettier, or undefined when that cannot be done for this text. */
  readonly formatAtOnce: (file: EmittedFile) => string | undefined;
}

/** Resolves formats by path. Make one per run: it remembers what it found, and a new one looks again. */
export class PrettierConfig {
  readonly #formats = new Map<string, FileFormat>();
  readonly #files = new PrettierFiles();
  #prettier: Promise<typeof Prettier> | undefined;

  /** `file` is absolute. Throws {@link UsageError} when the project's configuration cannot be read. */
  async formatFor(file: string): Promise<FileFormat> {
    if (!this.#files.mayConfigure(path.dirname(file))) return this.#formatWith({});
    const { format, resolveConfig } = await (this.#prettier ??= freshPrettier());
    let config;
    try {
      config = (await resolveConfig(file, { editorconfig: true })) ?? {};
    } catch (error) {
      throw new UsageError(`cannot read the Prettier configuration: ${(error as Error).message}`);
    }
    const { parser: _parser, plugins = [], filepath: _filepath, ...options } = config;
    if (plugins.length > 0) {
      // A plugin may change anything, so Prettier runs just as it would for the project.
      return {
        fingerprint: undefined,
        options: undefined,
        format: (text) => format(text, { ...config, filepath: file }),
        formatAtOnce: () => undefined,
      };
    }
    return this.#formatWith(options);
  }

  /** Files with equal options share one format. */
  #formatWith(options: PrettierOptions): FileFormat {
    const fingerprint = JSON.stringify(Object.entries(options).sort());
    let known = this.#formats.get(fingerprint);
    if (known === undefined) {
      known = {
        fingerprint,
        options,
        format: (text) => formatTypeScript(text, options),
        formatAtOnce: (file) => formatWithoutPrettier(file, options),
      };
      this.#formats.set(fingerprint, known);
    }
    return known;
  }
}

/** Loaded here, because only a project that has set it up needs it, and it is larger than the rest. */
async function freshPrettier(): Promise<typeof Prettier> {
  const prettier = await import("prettier");
  await prettier.clearConfigCache();
  return prettier;
}
