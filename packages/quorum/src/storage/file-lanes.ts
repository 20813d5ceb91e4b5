/**
 * Runs sequences of file operations: in each lane one after the other, with one
 * operation under way at a time. A failed operation is final. Nothing is known of
 * what it did, and trying again may succeed without having done it (fsync forgets
 * what it could not write), so everything ends there (ZOOKEEPER-4882).
 */
import type { Effect } from "../effects.js";
import type { FileLane, FileOperation, FileOperationId, FileResult } from "../file-operations.js";
import type { Steps } from "./file-steps.js";

/** A sequence that waits for its turn. */
export interface FileJob {
  /** Called when the turn has come. */
  readonly steps: () => Steps<void>;
  /** Whether it may begin only when no snapshot is being written beside it. */
  readonly excludesSnapshots?: boolean;
}

interface Lane {
  readonly name: FileLane;
  readonly waiting: FileJob[];
  running: Steps<void> | undefined;
}

interface OperationUnderWay {
  readonly lane: Lane;
  readonly operation: FileOperation;
}

export class FileLanes {
  private readonly emit: (effect: Effect) => void;
  private readonly onFailure: (text: string) => void;
  private readonly onJobDone: () => void;
  private readonly lanes: Readonly<Record<FileLane, Lane>> = {
    log: { name: "log", waiting: [], running: undefined },
    epoch: { name: "epoch", waiting: [], running: undefined },
    snapshot: { name: "snapshot", waiting: [], running: undefined },
  };
  private readonly underWay = new Map<FileOperationId, OperationUnderWay>();
  private lastId = 0;
  private failed = false;

  /** `onJobDone` is called whenever a lane may have become idle; `onFailure` once, after which nothing is emitted. */
  constructor(
    emit: (effect: Effect) => void,
    onFailure: (text: string) => void,
    onJobDone: () => void,
  ) {
    this.emit = emit;
    this.onFailure = onFailure;
    this.onJobDone = onJobDone;
  }

  /** Whether a failure has ended everything. */
  get hasFailed(): boolean {
    return this.failed;
  }

  /** Whether nothing runs or waits. */
  get areIdle(): boolean {
    return this.isIdle("log") && this.isIdle("epoch") && this.isIdle("snapshot");
  }

  isIdle(name: FileLane): boolean {
    const lane = this.lanes[name];
    return lane.running === undefined && lane.waiting.length === 0;
  }

  /** Puts a job at the end of a lane. */
  enqueue(name: FileLane, job: FileJob): void {
    if (this.failed) return;
    this.lanes[name].waiting.push(job);
    this.begin(this.lanes[name]);
  }

  /** Goes on with what waits for this operation. Ids that were not given out here, or are done, mean nothing. */
  onFileDone(id: FileOperationId, result: FileResult): void {
    const done = this.underWay.get(id);
    if (done === undefined || this.failed) return;
    this.underWay.delete(id);
    if (result.kind === "failed" && !this.mayBeMissing(done.operation, result)) {
      this.fail(`${describe(done.operation)} failed (${result.reason}): ${result.message}`);
      return;
    }
    this.advance(done.lane, result);
  }

  /** Whether this failure is an answer: only a read may ask whether a file is there. */
  private mayBeMissing(
    operation: FileOperation,
    failure: FileResult & { readonly kind: "failed" },
  ): boolean {
    return operation.kind === "read" && failure.reason === "missing";
  }

  /** Ends everything for good. */
  fail(text: string): void {
    if (this.failed) return;
    this.failed = true;
    this.underWay.clear();
    this.onFailure(text);
  }

  private begin(lane: Lane): void {
    const [job] = lane.waiting;
    if (lane.running !== undefined || job === undefined) return;
    if (job.excludesSnapshots === true && !this.isIdle("snapshot")) return;
    lane.waiting.shift();
    lane.running = job.steps();
    this.advance(lane);
  }

  private advance(lane: Lane, result?: FileResult): void {
    const { running } = lane;
    if (running === undefined) return;
    const step = result === undefined ? running.next() : running.next(result);
    if (this.failed) return;
    if (step.done === true) {
      lane.running = undefined;
      this.begin(this.lanes.log);
      this.begin(this.lanes.epoch);
      this.begin(this.lanes.snapshot);
      this.onJobDone();
      return;
    }
    const id = ++this.lastId;
    this.underWay.set(id, { lane, operation: step.value });
    this.emit({ kind: "file", id, lane: lane.name, operation: step.value });
  }
}

/** An operation as an error message shows it. */
function describe(operation: FileOperation): string {
  switch (operation.kind) {
    case "list":
    case "syncDirectory":
      return `${operation.kind} of the ${operation.directory} directory`;
    default:
      return `${operation.kind} of ${operation.file.name}`;
  }
}
