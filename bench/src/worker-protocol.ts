/** What the parent asks of a worker (a process, or a page in a browser), and what comes back. */
import type { Allocations } from "./allocations.js";
import type { Mode } from "./peers/peer.js";

/** What is measured and for how long. */
export interface RunRequest {
  readonly workloads: readonly string[];
  readonly modes: readonly Mode[];
  readonly rivals: readonly string[];
  /** Adds our own runtime without Node's Buffer. */
  readonly withoutBuffer: boolean;
  /** A directory with a rival implementation. */
  readonly sketch?: string | undefined;
  /** Compares with the frozen implementation of the guard, and with nothing else. */
  readonly baseline?: boolean | undefined;
  readonly measure: "time" | "allocations";
  /** Batches of each operation. */
  readonly rounds: number;
  readonly batchMs: number;
  /** How long an operation is warmed: half of it of processor time in each pass, all of it by the clock after them. */
  readonly warmMs: number;
  readonly warmPasses: number;
}

export interface WorkerRequest extends RunRequest {
  /** Commands of Apache's own codecs by name, e.g. `java -cp …`; each takes a workload's id. */
  readonly apache: Readonly<Record<string, readonly string[]>>;
}

/** Of one workload, from one process. */
export interface WorkerResult {
  readonly workload: string;
  readonly bytes: number;
  /** Of what only the worker knows: Apache's codecs. */
  readonly versions: Readonly<Record<string, string>>;
  readonly timings: readonly Timing[];
  readonly allocations: readonly (Allocations & { peer: string; mode: Mode })[];
}

/** Why a figure cannot be compared with ours, though the mode's name is the same. */
export type Unlike =
  /** Hands out bytes of its own, where we hand out a view of the input; in the bulk workload only. */
  | "copies"
  /** Has no way to reuse memory, so that what it does for owned bytes stands in. */
  | "owned";

export interface Timing {
  readonly peer: string;
  readonly mode: Mode;
  readonly nanoseconds: number;
  /** This peer's time over ours: above 1 means that we are faster. */
  readonly ratio: number;
  readonly unlike?: Unlike | undefined;
}
