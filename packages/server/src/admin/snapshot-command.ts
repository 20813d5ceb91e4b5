/**
 * The admin command `snapshot`, as Apache's since 3.9: the state as a snapshot file, to those who
 * have all rights on the root. What is sent is the state at one moment, whatever changes meanwhile.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import { DataTree } from "@jute-ts/data-tree";
import { snapshotFileName } from "@jute-ts/persistence";
import type { ReplicatedState } from "@jute-ts/quorum";
import type { AuthenticationOptions } from "../clients/authentication/index.js";
import { type Refusal, whyNotAllowed } from "./admin-access.js";
import { NOT_SERVING } from "./four-letter-words.js";
import { hex } from "./java-format.js";
import { snapshotBytes } from "../node/snapshot-bytes.js";
import type { PeerSettings } from "../configuration/index.js";
import type { JsonFields } from "./json-text.js";
import type { ServerMode } from "./server-view.js";

export interface SnapshotCommandOptions {
  readonly state: ReplicatedState;
  readonly isEnabled: boolean;
  /** The least time between two snapshots. */
  readonly intervalMs: number;
  /** Says how the file ends. */
  readonly storage: PeerSettings["storage"];
  /** How those who ask prove who they are. */
  readonly authentication: AuthenticationOptions;
}

export class SnapshotCommand {
  readonly #options: SnapshotCommandOptions;
  #lastMs = -Infinity;
  #isSending = false;

  constructor(options: SnapshotCommandOptions) {
    this.#options = options;
  }

  /** Answers in full, unless it returns why not. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    parameters: URLSearchParams,
    mode: ServerMode | undefined,
  ): Promise<Refusal | undefined> {
    const { state } = this.#options;
    const refusal = this.#whyNot(request, parameters, mode);
    if (refusal !== undefined) return refusal;
    if (!(state instanceof DataTree)) return { status: 500, error: "there is no tree here" };
    this.#lastMs = performance.now();
    this.#isSending = true;
    try {
      await this.#send(state, response);
    } finally {
      this.#isSending = false;
    }
    return undefined;
  }

  #whyNot(
    request: IncomingMessage,
    parameters: URLSearchParams,
    mode: ServerMode | undefined,
  ): Refusal | undefined {
    const { isEnabled, intervalMs, storage, state, authentication } = this.#options;
    if (!isEnabled) return { status: 503, error: "admin.snapshot.enabled is false" };
    // A server that looks for a leader may hold what will never be committed.
    if (mode === undefined || mode === "read-only") return { status: 503, error: NOT_SERVING };
    const stranger = whyNotAllowed(request, state, authentication);
    if (stranger !== undefined) return stranger;
    if (!storage.lastZxidInSnapshots) {
      const error =
        "snapshots do not say where they end: serializeLastProcessedZxid.enabled is false";
      return { status: 500, error };
    }
    if ((parameters.get("streaming") ?? "true").toLowerCase() !== "true") {
      const error =
        "snapshots are only sent, not left in the data directory: ask with streaming=true";
      return { status: 400, error };
    }
    if (this.#isSending || performance.now() - this.#lastMs < intervalMs) {
      const error = `a snapshot was taken less than ${intervalMs} ms ago, or is being sent: wait, or set admin.rateLimiterIntervalInMS`;
      return { status: 429, error };
    }
    return undefined;
  }

  /** As slowly as it is read. Who stops reading is closed by the timeout of the port. */
  async #send(tree: DataTree, response: ServerResponse): Promise<void> {
    const zxid = tree.lastProcessedZxid;
    const pieces = snapshotBytes(tree, this.#options.storage);
    // Begins it: from here on, changes are no part of it.
    const { value: header } = pieces.next();
    const name = snapshotFileName(zxid);
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename="${name}"`,
      "Cache-Control": "no-store",
      last_zxid: hex(zxid),
    });
    if (response.req.method === "HEAD") {
      response.end();
      return;
    }
    const closed = new AbortController();
    response.once("close", () => {
      closed.abort();
    });
    const { signal } = closed;
    try {
      response.write(header);
      for (const piece of pieces) {
        if (response.write(piece)) await new Promise(setImmediate);
        else await once(response, "drain", { signal });
        signal.throwIfAborted();
      }
      response.end();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** What is said of a command that is refused. */
export function refusalFields(command: string, { error }: Refusal): JsonFields {
  return { error, command };
}
