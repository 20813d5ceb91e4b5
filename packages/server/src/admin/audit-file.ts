/**
 * The file of the audit log: lines are appended to it, as many at once as a turn of the event
 * loop brings. A file that was moved away or removed, as programs that rotate logs do, is made
 * again within a second. What cannot be written is counted and told, and lost.
 */
import { closeSync, fstatSync, openSync, statSync, writeFileSync } from "node:fs";
import type { AuditEvent } from "../clients/index.js";
import { auditText } from "../clients/index.js";
import { messageOf } from "../node/system-error.js";

/** How the file does. */
export type AuditReport =
  /** Lines cannot be written: they are lost until they can be again. */
  | { readonly kind: "auditFails"; readonly path: string; readonly why: string }
  | { readonly kind: "auditWorks"; readonly path: string; readonly lostLines: number };

export interface AuditFileOptions {
  /** Made if it is not there; its directory must be. */
  readonly path: string;
  readonly onReport: (report: AuditReport) => void;
}

export class AuditFile {
  readonly #options: AuditFileOptions;
  #descriptor: number | undefined;
  #lines: string[] = [];
  #flushing: NodeJS.Immediate | undefined;
  #lookedMs: number;
  /** Since writing has failed. */
  #lostLines = 0;

  /** Opens the file. Throws the system's error where that cannot be done. */
  constructor(options: AuditFileOptions) {
    this.#options = options;
    this.#descriptor = openSync(options.path, "a");
    this.#lookedMs = performance.now();
  }

  append(event: AuditEvent): void {
    const level = event.result === "failure" ? "ERROR" : "INFO";
    this.#lines.push(`${new Date().toISOString()} ${level} ${auditText(event)}\n`);
    this.#flushing ??= setImmediate(() => {
      this.#flush();
    });
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    clearImmediate(this.#flushing);
    if (this.#lines.length > 0) this.#flush();
    this.#close();
  }

  #flush(): void {
    this.#flushing = undefined;
    const lines = this.#lines;
    this.#lines = [];
    const { path, onReport } = this.#options;
    try {
      this.#look();
      this.#descriptor ??= openSync(path, "a");
      writeFileSync(this.#descriptor, lines.join(""));
    } catch (error) {
      if (this.#lostLines === 0) onReport({ kind: "auditFails", path, why: messageOf(error) });
      this.#lostLines += lines.length;
      return;
    }
    if (this.#lostLines === 0) return;
    onReport({ kind: "auditWorks", path, lostLines: this.#lostLines });
    this.#lostLines = 0;
  }

  /** Releases a file that is not at its path any more. */
  #look(): void {
    const nowMs = performance.now();
    if (this.#descriptor === undefined || nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    const { ino, dev } = fstatSync(this.#descriptor);
    const there = statSync(this.#options.path, { throwIfNoEntry: false });
    if (there?.ino !== ino || there.dev !== dev) this.#close();
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

const LOOK_MS = 1000;
