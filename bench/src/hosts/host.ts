/** What runs our code while it is measured. */
import type { WorkerRequest, WorkerResult } from "../worker-protocol.js";

export interface MeasuringHost {
  /** Names the folder of its results, e.g. `node20`. */
  readonly id: string;
  /** For people, with the version. */
  readonly name: string;
  /** Whether it runs what needs Node: some peers, Apache's codecs, the counting of allocations. */
  readonly isNode: boolean;
  /** Measures in a process of its own. One result for each workload. */
  run(request: WorkerRequest): Promise<WorkerResult[]>;
  close(): void;
}
