/**
 * What can go wrong with a server that runs, as errors that a program can tell
 * apart. The guards look at `name` and `code` and not at the class, so that they
 * also know the errors of another copy of this package.
 */
import type { PeerStatus, StopReason } from "@jute-ts/quorum";
import { ErrorCode } from "@jute-ts/zookeeper";

/**
 * `ERR_REQUEST_REFUSED`: it was certainly not carried out. `ERR_REQUEST_UNKNOWN`: nobody
 * knows whether it was. `ERR_REQUEST_FAILED`: the ensemble has answered with `err`.
 */
export type RequestErrorCode = "ERR_REQUEST_REFUSED" | "ERR_REQUEST_UNKNOWN" | "ERR_REQUEST_FAILED";

/** A request that did not do what it asks for. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: RequestErrorCode;
  /** The ZooKeeper error code with which the request failed. Undefined when the ensemble has not answered it. */
  readonly err: number | undefined;

  constructor(code: RequestErrorCode, text: string, err?: number) {
    super(text);
    this.code = code;
    this.err = err;
  }

  /** False: the request was certainly not carried out. True: nobody knows. */
  get mayHaveHappened(): boolean {
    return this.code === "ERR_REQUEST_UNKNOWN";
  }
}

/** The ensemble has answered, with an error code. */
export function failedRequest(err: number): RequestError {
  const name = Object.entries(ErrorCode).find(([, code]) => code === err)?.[0];
  const shown = name === undefined ? String(err) : `${name} (${err})`;
  return new RequestError("ERR_REQUEST_FAILED", `the request failed: ${shown}`, err);
}

/** What was waited for did not come in time. A request that was waited for may still be carried out. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ERR_TIMEOUT";
  /** How long was waited. */
  readonly timeoutMs: number;
  /** In which state each server was then: none where no server of this process was waited for. */
  readonly statuses: readonly PeerStatus[];

  constructor(text: string, timeoutMs: number, statuses: readonly PeerStatus[]) {
    super(text);
    this.timeoutMs = timeoutMs;
    this.statuses = statuses;
  }
}

/** `stop` was called, which is for good: what was asked for needs servers that run or can be started. */
export class EnsembleStoppedError extends Error {
  override readonly name = "EnsembleStoppedError";
  readonly code = "ERR_ENSEMBLE_STOPPED";

  /** `what` was stopped: "this server" or "this ensemble". */
  constructor(what: string) {
    super(`${what} is stopped for good: stop() was called. Start a new one.`);
  }
}

/** The peer has stopped while somebody waited for it. */
export class PeerStoppedError extends Error {
  override readonly name = "PeerStoppedError";
  readonly code = "ERR_PEER_STOPPED";
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(reason.kind === "asked" ? "the peer was asked to stop" : reason.text);
    this.reason = reason;
  }
}

export function isRequestError(error: unknown): error is RequestError {
  return isNamed(error, "RequestError", "ERR_REQUEST_");
}

export function isTimeoutError(error: unknown): error is TimeoutError {
  return isNamed(error, "TimeoutError", "ERR_TIMEOUT");
}

export function isEnsembleStoppedError(error: unknown): error is EnsembleStoppedError {
  return isNamed(error, "EnsembleStoppedError", "ERR_ENSEMBLE_STOPPED");
}

export function isPeerStoppedError(error: unknown): error is PeerStoppedError {
  return isNamed(error, "PeerStoppedError", "ERR_PEER_STOPPED");
}

function isNamed(error: unknown, name: string, code: string): boolean {
  if (!(error instanceof Error) || error.name !== name) return false;
  return "code" in error && typeof error.code === "string" && error.code.startsWith(code);
}
