/**
 * The admin command `restore`, as Apache's since 3.9: the body of a POST, a snapshot, takes the
 * place of what the server has, for those who have all rights on the root. Apache's does it in
 * the memory of one running server; here the data on the disk are replaced, and the server begins
 * anew with them, so that it holds the same after a crash.
 */
import { mkdirSync, rmSync } from "node:fs";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { join, resolve } from "node:path";
import type { ReplicatedState } from "@jute-ts/quorum";
import type { AuthenticationOptions } from "../clients/authentication/index.js";
import type { PeerSettings } from "../configuration/index.js";
import { type CheckedSnapshot, readSnapshotFile, RestoreError } from "../node/restoring.js";
import { messageOf } from "../node/system-error.js";
import { type Refusal, whyNotAllowed } from "./admin-access.js";
import { NOT_SERVING } from "./four-letter-words.js";
import { hex } from "./java-format.js";
import { jsonText } from "./json-text.js";
import { saveBody } from "./request-body.js";
import type { ServerMode } from "./server-view.js";

/**
 * Takes the server down and puts the snapshot in the place of its data; rejects where that could
 * not be done and the data are what they were. Once `answered` resolves the server begins anew.
 */
export type ReplaceData = (snapshot: CheckedSnapshot, answered: Promise<void>) => Promise<void>;

/** What lets a server begin anew. */
export interface RestoreOffer {
  /** When it was last restored, on the clock of `performance.now()`. Outlives what it is about. */
  lastMs: number;
}

export interface RestoreCommandOptions {
  readonly state: ReplicatedState;
  readonly isEnabled: boolean;
  /** The least time between two of them. */
  readonly intervalMs: number;
  readonly settings: Pick<PeerSettings, "dataDir" | "storage">;
  /** How those who ask prove who they are. */
  readonly authentication: AuthenticationOptions;
  /** Undefined where the server cannot begin anew with other data. */
  readonly offer: RestoreOffer | undefined;
  readonly replace: ReplaceData;
}

export class RestoreCommand {
  readonly #options: RestoreCommandOptions;
  #isBusy = false;

  constructor(options: RestoreCommandOptions) {
    this.#options = options;
  }

  /** Whether there is such a command at all. */
  get isOffered(): boolean {
    return this.#options.offer !== undefined && this.#options.isEnabled;
  }

  /** Answers in full, unless it returns why not. Nothing is read of a body that is not wanted. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    mode: ServerMode | undefined,
  ): Promise<Refusal | undefined> {
    const { isEnabled, offer, replace, settings } = this.#options;
    if (!isEnabled) return { status: 503, error: "admin.restore.enabled is false" };
    if (offer === undefined) return NOT_HERE;
    const refusal = this.#whyNot(request, offer, mode);
    if (refusal !== undefined) return refusal;
    const directory = resolve(settings.dataDir, UPLOAD);
    this.#isBusy = true;
    try {
      // One that a crash has left behind is of no use.
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory);
      const file = join(directory, "snapshot");
      await saveBody(request, file);
      const snapshot = await readSnapshotFile(file, "what was sent");
      // Nothing is replaced for somebody who would not hear of it.
      if (response.destroyed) return undefined;
      offer.lastMs = performance.now();
      const { promise: answered, resolve: done } = withResolvers();
      response.once("close", done);
      await replace(snapshot, answered);
      const fields = { last_zxid: hex(snapshot.zxid), command: "restore", error: null };
      response.writeHead(200, { "Content-Type": "application/json", Connection: "close" });
      response.end(jsonText(fields));
      return undefined;
    } catch (error) {
      // Who has gone away before all was there hears nothing any more.
      if (request.destroyed && !request.complete) return undefined;
      if (error instanceof RestoreError) return { status: 400, error: error.message };
      return { status: 500, error: `not restored: ${messageOf(error)}` };
    } finally {
      rmSync(directory, { recursive: true, force: true });
      this.#isBusy = false;
    }
  }

  #whyNot(
    request: IncomingMessage,
    { lastMs }: RestoreOffer,
    mode: ServerMode | undefined,
  ): Refusal | undefined {
    const { intervalMs, state, authentication, settings } = this.#options;
    if (request.method !== "POST") {
      return { status: 405, error: "send the snapshot as the body of a POST" };
    }
    if (mode === undefined) return { status: 503, error: NOT_SERVING };
    const stranger = whyNotAllowed(request, state, authentication);
    if (stranger !== undefined) return stranger;
    if (!settings.storage.lastZxidInSnapshots) {
      const error =
        "snapshots do not say where they end: serializeLastProcessedZxid.enabled is false";
      return { status: 500, error };
    }
    if (this.#isBusy || performance.now() - lastMs < intervalMs) {
      const error = `a snapshot was restored less than ${intervalMs} ms ago, or is being sent: wait, or set admin.rateLimiterIntervalInMS`;
      return { status: 429, error };
    }
    return undefined;
  }
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((then) => {
    resolve = then;
  });
  return { promise, resolve };
}

/** One server with another state than its ensemble has, which no log tells of, is worse than none. */
const NOT_HERE: Refusal = {
  status: 503,
  error:
    "only a server that stands alone and was started by zk-server start is restored while it runs: stop all servers of the ensemble, run zk-server restore zoo.cfg FILE for each, and start them",
};
/** In the data directory, so that what does not fit there is known before anything is replaced. */
const UPLOAD = "version-2.uploading";
