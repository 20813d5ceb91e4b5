/** How long snapshots take to be written, and the data to be loaded at the start, by what is asked of the disk. */
import type { FileOperation } from "@jute-ts/quorum";
import type { Measurements } from "./measurements.js";

export class FileFigures {
  readonly #measurements: Measurements;
  /** When the loading began; undefined before the first file, and once everything is loaded. */
  #loadingMs: number | undefined;
  /** When the first log was read after the snapshot. */
  #replayingMs: number | undefined;
  #isLoaded = false;
  #writingMs: number | undefined;

  constructor(measurements: Measurements) {
    this.#measurements = measurements;
  }

  asked(operation: FileOperation, nowMs: number): void {
    if (!this.#isLoaded) {
      this.#loadingMs ??= nowMs;
      if (operation.kind !== "read") return;
      const { name } = operation.file;
      // An older snapshot may have to do.
      if (name.startsWith("snapshot.")) this.#replayingMs = undefined;
      else if (name.startsWith("log.")) this.#replayingMs ??= nowMs;
    } else if (operation.kind === "create" && UNFINISHED_SNAPSHOT.test(operation.file.name)) {
      this.#writingMs = nowMs;
    }
  }

  /** The state is that of the disk, after so many txns of the log. */
  loaded(txns: number, nowMs: number): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    const beganMs = this.#loadingMs ?? nowMs;
    const replayingMs = this.#replayingMs ?? nowMs;
    this.#measurements.record("dbinittime", nowMs - beganMs);
    this.#measurements.record("startup_snap_load_time", replayingMs - beganMs);
    // Where there is no log, Java counts no replay.
    if (this.#replayingMs === undefined) return;
    this.#measurements.record("startup_txns_load_time", nowMs - replayingMs);
    this.#measurements.record("startup_txns_loaded", txns);
  }

  snapshotWritten(nowMs: number): void {
    if (this.#writingMs === undefined) return;
    this.#measurements.record("snapshottime", nowMs - this.#writingMs);
    this.#writingMs = undefined;
  }
}

/** What a snapshot is called until it is whole. */
const UNFINISHED_SNAPSHOT = /^unfinished-snapshot\./u;
