/** Where a server's audit events go: to all who listen, and to a file where one is named. */
import { userInfo } from "node:os";
import { resolve } from "node:path";
import type { AuditEvent, AuditOptions } from "../clients/index.js";
import { type AuditSettings, ConfigurationError, type Position } from "../configuration/index.js";
import { messageOf } from "../node/system-error.js";
import { AuditFile, type AuditReport } from "./audit-file.js";

export interface AuditLogOptions {
  readonly settings: AuditSettings;
  readonly positionOf: (key: string) => Position;
  readonly onEvent: (event: AuditEvent) => void;
  readonly onReport: (report: AuditReport) => void;
}

export class AuditLog implements AuditOptions {
  readonly serverUser: string = processUser();
  readonly onEvent: (event: AuditEvent) => void;
  readonly #file: AuditFile | undefined;
  #isStopping = false;
  #isClosed = false;

  /** Throws ConfigurationError where the file cannot be opened. */
  constructor({ settings, positionOf, onEvent, onReport }: AuditLogOptions) {
    this.#file = settings.file === undefined ? undefined : openFile(settings.file);
    this.onEvent = (event) => {
      if (this.#isClosed) return;
      this.#file?.append(event);
      onEvent(event);
    };

    function openFile(name: string): AuditFile {
      const path = resolve(name);
      try {
        return new AuditFile({ path, onReport });
      } catch (error) {
        const message = `audit.file names ${path}, which cannot be written to: ${messageOf(error)}. Make its directory, or give this server's user the right.`;
        throw new ConfigurationError([{ ...positionOf("audit.file"), message }]);
      }
    }
  }

  started(result: "success" | "failure"): void {
    this.onEvent({ user: this.serverUser, operation: "serverStart", result });
  }

  /** The server begins to stop. */
  stopping(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.onEvent({ user: this.serverUser, operation: "serverStop", result: "invoked" });
  }

  /** What comes later is not logged. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file?.close();
  }
}

/** Where the system has no name for it, its number. */
function processUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
