/**
 * The corpus of a swarm: seeds that reached what none before them did, in a file that
 * is used again and added to. What a seed reaches is what coverage counts, and
 * how often, by powers of two: a fault that came eight times is something else
 * than one that came once.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { RunKind } from "../runs/run-kind.js";
import type { CoverageCounts } from "../trace/coverage.js";

/** A line of the file. */
export interface CorpusSeed {
  readonly seed: number;
  readonly kind: RunKind;
}

export class Corpus {
  readonly #file: string;
  readonly #seeds: CorpusSeed[] = [];
  readonly #known: ReadonlySet<string>;
  readonly #reached = new Set<string>();
  /** Whether the last line of the file was left without its end. */
  #isOpen = false;
  /** Seeds of the file that have run again and still reach something of their own. */
  readonly #kept = new Set<string>();
  readonly #ran = new Set<string>();

  /** Reads the file; none is an empty corpus. Throws an `Error` that names the line which is not one of a corpus. */
  constructor(file: string) {
    this.#file = file;
    if (existsSync(file)) {
      const text = readFileSync(file, "utf8");
      this.#seeds.push(...readSeeds(text, file));
      this.#isOpen = text !== "" && !text.endsWith("\n");
    }
    this.#known = new Set(this.#seeds.map(keyOf));
  }

  /** In the order in which they were found. */
  get seeds(): readonly CorpusSeed[] {
    return this.#seeds;
  }

  /** Takes what a run has reached. True when nothing before it did: then a new seed is added to the file. */
  add(seed: CorpusSeed, coverage: CoverageCounts): boolean {
    const key = keyOf(seed);
    this.#ran.add(key);
    const fresh = featuresOf(coverage).filter((feature) => !this.#reached.has(feature));
    if (fresh.length === 0) return false;
    for (const feature of fresh) this.#reached.add(feature);
    this.#kept.add(key);
    if (!this.#known.has(key) && this.#seeds.length < MAX_SEEDS) {
      this.#seeds.push(seed);
      appendFileSync(this.#file, `${this.#isOpen ? "\n" : ""}${JSON.stringify(seed)}\n`);
      this.#isOpen = false;
    }
    return true;
  }

  /**
   * Leaves out of the file what ran again and reached nothing of its own any more. What
   * another process has added meanwhile stays. Returns how many seeds the file holds.
   */
  tidy(): number {
    if (!existsSync(this.#file)) return 0;
    const now = readSeeds(readFileSync(this.#file, "utf8"), this.#file);
    const left = now.filter((seed) => {
      const key = keyOf(seed);
      return this.#kept.has(key) || !this.#ran.has(key);
    });
    if (left.length < now.length) {
      const fresh = `${this.#file}.${process.pid}`;
      writeFileSync(fresh, left.map((seed) => `${JSON.stringify(seed)}\n`).join(""));
      renameSync(fresh, this.#file);
    }
    return left.length;
  }
}

/** More than a night finds. */
const MAX_SEEDS = 20_000;

function keyOf({ seed, kind }: CorpusSeed): string {
  return `${kind} ${seed}`;
}

function featuresOf(coverage: CoverageCounts): string[] {
  return Object.entries(coverage).flatMap(([area, names]) =>
    Object.entries(names).map(([name, times]) => `${area}: ${name} ${31 - Math.clz32(times)}`),
  );
}

function readSeeds(text: string, file: string): CorpusSeed[] {
  return text
    .split("\n")
    .flatMap((line, at) => (line.trim() === "" ? [] : [readSeed(line, `${file}:${at + 1}`)]));
}

function readSeed(line: string, place: string): CorpusSeed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && "seed" in value && "kind" in value) {
    const { seed, kind } = value;
    if (
      Number.isSafeInteger(seed) &&
      typeof seed === "number" &&
      seed >= 0 &&
      (kind === "quorum" || kind === "client-port")
    )
      return { seed, kind };
  }
  throw new Error(`${place} is no seed of a corpus: give another --corpus, or remove the line`);
}
