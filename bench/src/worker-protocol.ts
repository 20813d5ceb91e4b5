/** What the parent tells a worker process, and what the worker prints. */
import type { Allocations } from "./allocations.js";
import type { Mode } from "./peers/peer.js";

export interface WorkerRequest {
  readonly workload: string;
  readonly rivals: readonly string[];
  readonly withoutBuffer: boolean;
  /** Commands of Apache's own codecs by name, e.g. `java -cp …`. */
  readonly apache: Readonly<Record<string, readonly string[]>>;
  readonly measure: "time" | "allocations";
  readonly rounds: number;
  readonly batchMs: number;
  readonly warmMs: number;
  readonly warmPasses: number;
}

export interface WorkerResult {
  readonly workload: string;
  readonly bytes: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly timings: readonly Timing[];
  readonly allocations: readonly (Allocations & { peer: string; mode: Mode })[];
}

export interface Timing {
  readonly peer: string;
  readonly mode: Mode;
  readonly nanoseconds: number;
  /** This peer's time over ours: above 1 means that we are faster. */
  readonly ratio: number;
}
