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
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { PRETTIER_PARSER } from "@jute-ts/compiler";

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
    const directory = cacheDirectory(outDir);
    if (directory === undefined) return new FormatLedger(undefined, new Map());
    const file = path.join(directory, `${hash(outDir).slice(0, 16)}.json`);
    return new FormatLedger(file, readLedger(file));
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

  /** Whether `candidate` is what the text behind `key` looks like when formatted. */
  confirms(key: string, candidate: string): boolean {
    return this.#known.get(key) === hash(candidate);
  }

  record(key: string, formatted: string): void {
    this.#used.set(key, hash(formatted));
  }

  /** Keeps what this run used and forgets the rest. A cache that cannot be written is no error: the next run is slower. */
  save(): void {
    if (this.#file === undefined || sameEntries(this.#used, this.#known)) return;
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      writeFileSync(temporary, JSON.stringify(Object.fromEntries(this.#used)));
      renameSync(temporary, this.#file);
    } catch {
      rmSync(temporary, { force: true });
    }
  }
}

/** The nearest node_modules above the output directory. A project without one gets no cache, and no stray directory. */
function cacheDirectory(outDir: string): string | undefined {
  for (let current = outDir; ; current = path.dirname(current)) {
    const modules = path.join(current, "node_modules");
    if (existsSync(modules)) return path.join(modules, ".cache", "jute");
    if (path.dirname(current) === current) return undefined;
  }
}

function readLedger(file: string): Map<string, string> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content !== "object" || content === null) return new Map();
    return new Map(
      Object.entries(content).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      ),
    );
  } catch {
    return new Map();
  }
}

function sameEntries(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (right.get(key) !== value) return false;
  return true;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

let version: string | undefined;

/** Read from the manifest, because asking Prettier would load it. */
function prettierVersion(): string {
  if (version === undefined) {
    const manifest = createRequire(import.meta.url)("prettier/package.json") as { version: string };
    version = manifest.version;
  }
  return version;
}
