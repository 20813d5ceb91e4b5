/**
 * Remembers what a run made of its inputs, so that a run over unchanged inputs need not even parse them.
 *
 * A stamp holds hashes only: one of everything that decides the output, and one of each file of the
 * output. It is believed when the inputs have the first and every file on disk has its own, byte for byte. So a
 * damaged stamp, an edited or deleted file, another compiler or another configuration of
 * Prettier costs time and never gives stale output.
 */
import path from "node:path";
import { DEFAULT_TARGET, type Diagnostic, TARGETS } from "@jute-ts/compiler/parts";
import type { GenerateEntry } from "../config.js";
import type { InputFiles } from "../input-files.js";
import { cacheFile, hash, prettierVersion, readCache, writeCache } from "./cache.js";
import { readOutputFile } from "./output-directory.js";
import { PrettierConfig } from "./prettier-config.js";

/** What a run made: all that is printed of it, and hashes of what was read and written. */
export interface RunRecord {
  readonly moduleCount: number;
  readonly recordCount: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Path as shown, and hash, of each file that was read through an include only. */
  readonly includes: readonly (readonly [string, string])[];
  /** Path relative to the output directory, and hash, of each file. */
  readonly files: readonly (readonly [string, string])[];
}

interface Stamp extends RunRecord {
  /** Of everything that decides the output. */
  readonly key: string;
}

/** The stamp of one entry. */
export class RunStamp {
  readonly #file: string;
  readonly #entry: GenerateEntry;
  readonly #inputs: InputFiles;

  private constructor(file: string, entry: GenerateEntry, inputs: InputFiles) {
    this.#file = file;
    this.#entry = entry;
    this.#inputs = inputs;
  }

  /** Undefined where nothing can be remembered: there is no cache, or it is not known which compiler this is. */
  static of(entry: GenerateEntry, inputs: InputFiles): RunStamp | undefined {
    const file = BUILD === undefined ? undefined : cacheFile(entry.outDir, "-run");
    return file === undefined ? undefined : new RunStamp(file, entry, inputs);
  }

  /** What the last run made, when it would be made again and is all there; undefined otherwise. */
  async confirmed(): Promise<RunRecord | undefined> {
    const stamp = readStamp(this.#file);
    if (stamp === undefined) return undefined;
    const includesAreSame = stamp.includes.every(([shown, known]) => {
      const found = this.#inputs.readInclude(shown);
      return found !== undefined && (found.errors ?? []).length === 0 && hash(found.text) === known;
    });
    if (!includesAreSame || (await this.#key(stamp)) !== stamp.key) return undefined;
    const filesAreSame = stamp.files.every(([relative, known]) => {
      const content = readOutputFile(path.join(this.#entry.outDir, relative));
      return content !== undefined && hash(content) === known;
    });
    return filesAreSame ? stamp : undefined;
  }

  /** To be called when the output is as the record says. */
  async save(record: RunRecord): Promise<void> {
    const key = await this.#key(record);
    if (key === undefined) return;
    const stamp: Stamp = { key, ...record };
    writeCache(this.#file, { build: BUILD, checksum: hash(JSON.stringify(stamp)), stamp });
  }

  /** Undefined when a plugin of Prettier has its say, which may change its mind at any time. */
  async #key(record: RunRecord): Promise<string | undefined> {
    const { files: _files, directory: _directory, outDir, ...settings } = this.#entry;
    const formats = await this.#formats(outDir, record);
    if (formats === undefined) return undefined;
    return hash(
      JSON.stringify([
        BUILD,
        prettierVersion(),
        settings,
        formats,
        record.includes,
        this.#inputs.sources,
      ]),
    );
  }

  /** How each file is formatted, as one text. */
  async #formats(outDir: string, record: RunRecord): Promise<string | undefined> {
    if (!TARGETS[this.#entry.target ?? DEFAULT_TARGET].isTypeScript) return "";
    const config = new PrettierConfig();
    const formats = await Promise.all(
      record.files.map(([relative]) => config.formatFor(path.join(outDir, relative))),
    );
    const numbers = new Map<string, number>();
    const ofFiles: number[] = [];
    for (const { fingerprint } of formats) {
      if (fingerprint === undefined) return undefined;
      const number = numbers.get(fingerprint) ?? numbers.size;
      numbers.set(fingerprint, number);
      ofFiles.push(number);
    }
    return JSON.stringify([[...numbers.keys()], ofFiles]);
  }
}

/**
 * What this code is: the name that the bundler gave to its file, in which stands a hash of it and of all that
 * it imports. Undefined when it runs from source, where two compilers can have one version.
 */
const BUILD: string | undefined = /[^/]+-[A-Z0-9]{8}\.js$/.exec(import.meta.url)?.[0];

/** What a file of the cache holds if this build has written it. */
interface StampFile {
  readonly build?: unknown;
  readonly checksum?: unknown;
  readonly stamp?: Stamp;
}

function readStamp(file: string): Stamp | undefined {
  const content = readCache(file) as StampFile | undefined | null;
  const stamp = content?.stamp;
  // The two vouch for the shape: another build may know another one.
  return stamp !== undefined &&
    content?.build === BUILD &&
    content?.checksum === hash(JSON.stringify(stamp))
    ? stamp
    : undefined;
}
