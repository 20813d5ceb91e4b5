/**
 * Runs one parser over many inputs and judges each: a verdict in time and in
 * bounded memory. What goes wrong is shrunk to the shortest input that still
 * goes wrong in the same way.
 */
import { setImmediate } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import type { FuzzedParser, Verdict } from "./fuzzed-parser.js";
import { makeInput } from "./mutation.js";
import { hashOf, Random } from "./random.js";

export interface CampaignOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Ends it before all inputs were tried. */
  readonly maxMs: number;
  /** Called with the number of each input before it is tried. */
  readonly onInput: (number: number) => void;
}

export interface Finding {
  /** "lost": the call did not come back, or took its thread with it. */
  readonly kind: "error" | "slow" | "memory" | "lost";
  /** What happened, with the stack where there is one. */
  readonly text: string;
  /** The number of the input, which with the seed makes it again. */
  readonly input: number;
  /** The shortest input found that does the same. */
  readonly bytes: Uint8Array;
}

export interface CampaignResult {
  readonly parser: string;
  readonly tried: number;
  readonly accepted: number;
  readonly refused: number;
  readonly elapsedMs: number;
  /** The slowest call, after it was tried again. */
  readonly slowestMs: number;
  /** How much more memory was in use at the end than after the first tenth, in bytes. */
  readonly growthBytes: number;
  readonly finding: Finding | undefined;
}

type Wrong = Pick<Finding, "kind" | "text">;

export async function runCampaign(
  parser: FuzzedParser,
  options: CampaignOptions,
): Promise<CampaignResult> {
  const startMs = performance.now();
  const verdicts: Record<Verdict, number> = { accepted: 0, refused: 0 };
  let tried = 0;
  let slowestMs = 0;
  let settledBytes: number | undefined;
  let finding: Finding | undefined;
  const settledAt = Math.ceil(options.inputs / 10);
  while (tried < options.inputs && finding === undefined) {
    const number = tried++;
    options.onInput(number);
    const bytes = inputOf(parser, options.seed, number);
    const trial = attempt(parser, bytes, options.seed, number);
    if (typeof trial.outcome === "string") verdicts[trial.outcome]++;
    else
      finding = { ...trial.outcome, ...shrunk(parser, bytes, options.seed, number, trial.outcome) };
    slowestMs = Math.max(slowestMs, trial.ms);
    if (tried === settledAt) settledBytes = usedBytes(true);
    if (number % 64 !== 0) continue;
    if (performance.now() - startMs > options.maxMs) break;
    // What a WeakRef has pointed to is kept until its job ends, as a server's jobs do.
    await setImmediate();
  }
  const elapsedMs = performance.now() - startMs;
  const growthBytes = settledBytes === undefined ? 0 : usedBytes(true) - settledBytes;
  if (finding === undefined && growthBytes > MAX_GROWTH_BYTES) {
    const text = `${growthBytes} bytes more are in use than after the first ${settledAt} inputs`;
    finding = { kind: "memory", text, input: tried - 1, bytes: new Uint8Array(0) };
  }
  return { parser: parser.name, tried, ...verdicts, elapsedMs, slowestMs, growthBytes, finding };
}

/** Parses one input as a campaign would, for `--replay`. Returns the verdict or what is wrong. */
export function replay(
  parser: FuzzedParser,
  bytes: Uint8Array,
  seed: number,
  number: number,
): Verdict | Wrong {
  return attempt(parser, bytes, seed, number).outcome;
}

/** The input of this number. */
export function inputOf(parser: FuzzedParser, seed: number, number: number): Uint8Array {
  return makeInput(parser, new Random(hashOf(parser.name), seed, number));
}

interface Trial {
  readonly outcome: Verdict | Wrong;
  readonly ms: number;
}

/**
 * Tries an input. What was slow or took much memory is tried again, and the best
 * trial counts: the machine has other things to do, and code that was not used
 * before is compiled.
 */
function attempt(parser: FuzzedParser, bytes: Uint8Array, seed: number, number: number): Trial {
  const measuresMemory = number % MEMORY_SAMPLING === 0;
  let best = once(parser, bytes, seed, number, measuresMemory);
  for (let more = 4; more > 0 && isWorthAnother(best); more--) {
    const trial = once(parser, bytes, seed, number, true);
    const ms = Math.min(best.ms, trial.ms);
    const isBetter = typeof trial.outcome === "string" || typeof best.outcome === "object";
    best = { outcome: isBetter ? trial.outcome : best.outcome, ms };
  }
  return best;
}

function isWorthAnother({ outcome, ms }: Trial): boolean {
  return typeof outcome === "string" ? ms > NOTABLE_CALL_MS : outcome.kind !== "error";
}

function once(
  parser: FuzzedParser,
  bytes: Uint8Array,
  seed: number,
  number: number,
  measuresMemory: boolean,
): Trial {
  // What is free beside the input follows from the number too, and stays the same while it shrinks.
  const parse = parser.begin(new Random(seed, number, hashOf(parser.name)));
  const before = measuresMemory ? usedBytes(false) : 0;
  const startMs = performance.now();
  let outcome: Verdict | Wrong;
  try {
    outcome = parse(bytes);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    outcome = { kind: "error", text };
  }
  const ms = performance.now() - startMs;
  const allocated = measuresMemory ? usedBytes(false) - before : 0;
  const allowed = (parser.memoryPerByte ?? 4) * bytes.length + ALLOWANCE_BYTES;
  if (typeof outcome === "string" && ms > MAX_CALL_MS) {
    outcome = { kind: "slow", text: `one call took ${ms.toFixed(1)} ms` };
  } else if (typeof outcome === "string" && allocated > allowed) {
    const text = `${bytes.length} bytes of input took ${allocated} bytes of memory, more than ${allowed}`;
    outcome = { kind: "memory", text };
  }
  return { outcome, ms };
}

/** The heap and what lies outside it. After a collection, where the process can be asked for one. */
function usedBytes(collected: boolean): number {
  if (collected) {
    globalThis.gc?.();
    // What the first collection has freed outside the heap is counted until the second one.
    globalThis.gc?.();
  }
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** Removes what is not needed, in halves, quarters and so on, then makes zeros of what is left. */
function shrunk(
  parser: FuzzedParser,
  bytes: Uint8Array,
  seed: number,
  number: number,
  wrong: Wrong,
): Pick<Finding, "input" | "bytes" | "text"> {
  let best: Uint8Array = bytes.slice();
  let { text } = wrong;
  const stillWrong = (candidate: Uint8Array): boolean => {
    const { outcome } = attempt(parser, candidate, seed, number);
    if (typeof outcome === "string" || outcome.kind !== wrong.kind) return false;
    best = candidate;
    ({ text } = outcome);
    return true;
  };
  const endMs = performance.now() + SHRINKING_MS;
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.length && performance.now() < endMs;) {
      const candidate = Uint8Array.from([...best.subarray(0, at), ...best.subarray(at + size)]);
      if (!stillWrong(candidate)) at += size;
    }
  }
  for (let at = 0; at < best.length && performance.now() < endMs; at++) {
    if (best[at] === 0) continue;
    const candidate = best.slice();
    candidate[at] = 0;
    stillWrong(candidate);
  }
  return { input: number, bytes: best, text };
}

const MAX_CALL_MS = 50;
/** A call that takes longer is tried again, so that the slowest one is a figure of the parser and not of the machine. */
const NOTABLE_CALL_MS = 5;
const ALLOWANCE_BYTES = 1024 * 1024;
/** Twice a measurement's noise on a heap that is collected. */
const MAX_GROWTH_BYTES = 16 * 1024 * 1024;
/** One input in so many has its memory measured, which takes about as long as a small parser. */
const MEMORY_SAMPLING = 8;
const SHRINKING_MS = 10_000;
