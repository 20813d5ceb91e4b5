/**
 * Brings emitted files into the shape that the consuming project's Prettier would
 * give them, and calls Prettier only where nothing else helps, and only for texts that it has
 * not seen: neither in this process (`--watch`) nor in an earlier run (the ledger).
 */
import path from "node:path";
import type { EmittedFile, PrettierOptions } from "@jute-ts/compiler";
import { FormatLedger } from "./format-ledger.js";
import { readOutputFile } from "./output-directory.js";
import { type FileFormat, PrettierConfig } from "./prettier-config.js";

/** Told after every file: how many are formatted, of how many. */
export type FormatProgress = (done: number, total: number) => void;

/** Formats the output of one run after the other. One instance serves all runs of a process. */
export class OutputFormatter {
  readonly #useCache: boolean;
  /** Formatted texts of the last run of each output directory, by ledger key. */
  readonly #memory = new Map<string, ReadonlyMap<string, string>>();

  constructor(options: { readonly useCache: boolean }) {
    this.#useCache = options.useCache;
  }

  /** Whether runs may leave something for later ones. */
  get usesCache(): boolean {
    return this.#useCache;
  }

  /** Prettier's options for each file, undefined where plugins have their say. Throws UsageError as {@link format} does. */
  async optionsOf(
    files: readonly EmittedFile[],
    outDir: string,
  ): Promise<(PrettierOptions | undefined)[]> {
    const config = new PrettierConfig();
    const formats = files.map((file) => config.formatFor(path.join(outDir, file.path)));
    return (await Promise.all(formats)).map(({ options }) => options);
  }

  /**
   * Same paths, formatted texts, one after the other: none is kept. `outDir` is absolute. After the last one the
   * ledger on disk is brought up to date, which never changes what a later run makes, only how fast. Throws
   * UsageError when the project's Prettier configuration cannot be read.
   */
  async *format(
    files: readonly EmittedFile[],
    outDir: string,
    onProgress?: FormatProgress,
  ): AsyncGenerator<EmittedFile, void, undefined> {
    const config = new PrettierConfig();
    const ledger = this.#useCache ? FormatLedger.open(outDir) : FormatLedger.none();
    const remembered = this.#memory.get(outDir) ?? new Map<string, string>();
    const seen = new Map<string, string>();
    // All at once, because looking for configurations is mostly waiting for the disk.
    const planned = await Promise.all(
      files.map(async (file) => {
        const target = path.join(outDir, file.path);
        return { file, target, fileFormat: await config.formatFor(target) };
      }),
    );
    let done = 0;
    const formattedByPrettier = async (text: string, target: string, fileFormat: FileFormat) => {
      const { fingerprint, format } = fileFormat;
      if (fingerprint === undefined) return format(text);
      const key = ledger.key(text, fingerprint);
      const known = remembered.get(key) ?? confirmedByDisk(ledger, key, target);
      const formatted = known ?? (await format(text));
      seen.set(key, formatted);
      ledger.record(key, formatted);
      return formatted;
    };
    for (const { file, target, fileFormat } of planned) {
      const formatted =
        fileFormat.formatAtOnce(file) ?? (await formattedByPrettier(file.text, target, fileFormat));
      yield { path: file.path, text: formatted };
      onProgress?.(++done, files.length);
    }
    this.#memory.set(outDir, seen);
    ledger.save();
  }
}

/** The file in the output directory, when the ledger knows it as the formatted form. */
function confirmedByDisk(ledger: FormatLedger, key: string, target: string): string | undefined {
  if (!ledger.knows(key)) return undefined;
  const current = readOutputFile(target)?.toString();
  return current !== undefined && ledger.confirms(key, current) ? current : undefined;
}
