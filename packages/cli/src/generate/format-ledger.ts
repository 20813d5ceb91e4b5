/**
 * Remembers what Prettier made of a text, so that a run over unchanged schemas
 * does not need Prettier at all, which would be most of its time.
 *
 * The ledger holds hashes only: that of the unformatted text (with Prettier's version
 * and options) leads to that of the formatted one. The formatted text itself is
 * the file in the output directory, and it is believed only when its hash is the
 * recorded one. So a damaged ledger, an edited file or a change of Prettier costs time
 * and never gives stale output.
 */
import { PRETTIER_PARSER } from "@jute-ts/compiler/parts";
import { cacheFile, hash, prettierVersion, readCache, writeCache } from "./cache.js";

export class FormatLedger {
  readonly #file: string | undefined;
  readonly #known: ReadonlyMap<string, string>;
  readonly #used = new Map<string, string>();

  private constructor(file: string | undefined, known: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#known = known;
  }

  /** The ledger of one output directory, empty when there is none yet. It lives in the project's node_modules/.cache, if it has one. */
  static open(outDir: string): FormatLedger {
    const file = cacheFile(outDir, "");
    return new FormatLedger(file, file === undefined ? new Map() : readLedger(file));
  }

  /** A ledger that knows nothing and keeps nothing. */
  static none(): FormatLedger {
    return new FormatLedger(undefined, new Map());
  }

  /** `fingerprint` stands for the options. */
  key(text: string, fingerprint: string): string {
    return hash([prettierVersion(), PRETTIER_PARSER, fingerprint, text].join("\0"));
  }

  /** Whether it is worth reading a candidate for {@link confirms}. */
  knows(key: string): boolean {
    return this.#known.has(key);
  }

  /** Whether `candidate` is what the text after `key` looks like when formatted. */
  confirms(key: string, candidate: string): boolean {
    return this.#known.get(key) === hash(candidate);
  }

  record(key: string, formatted: string): void {
    this.#used.set(key, hash(formatted));
  }

  /** Keeps what this run used and forgets the rest. */
  save(): void {
    if (this.#file === undefined || sameEntries(this.#used, this.#known)) return;
    writeCache(this.#file, Object.fromEntries(this.#used));
  }
}

function readLedger(file: string): Map<string, string> {
  const content = readCache(file);
  if (typeof content !== "object" || content === null) return new Map();
  return new Map(
    Object.entries(content).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

function sameEntries(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (right.get(key) !== value) return false;
  return true;
}
