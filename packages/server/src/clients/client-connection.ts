/** One client's connection: what has come of it, who is there, and what is not answered yet. */
import type { Clock } from "@jute-ts/quorum";
import { type BinaryInputArchive, type BinaryOutputArchive, FrameReader } from "@jute-ts/runtime";
import type { AuthId } from "./auth-id.js";
import { type AuthenticationOptions, ClientAuthentication } from "./authentication/index.js";
import type { ClientConnectionId, ClientEvent } from "./client-events.js";
import { ConnectionStatistics } from "./connection-statistics.js";
import type { OwnLargeRequests } from "./limits/index.js";
import { RequestQueue } from "./request-queue.js";

export type ConnectionStage =
  /** Nothing has come of it. */
  | "fresh"
  /** Its session is being opened or renewed: nothing more is read. */
  | "connecting"
  /** It has a session. */
  | "open"
  /** Nothing that follows counts: it is closed as soon as what came before is answered. */
  | "ending"
  | "closed";

export class ClientConnection {
  readonly id: ClientConnectionId;
  stage: ConnectionStage = "fresh";
  readonly authentication: ClientAuthentication;
  readonly largeRequests: OwnLargeRequests;
  /** 0 until it is known which session is asked for. */
  sessionId = 0n;
  /** Whether only this server knows its session. */
  isLocal = false;
  /** Negotiated. */
  timeoutMs = 0;
  /** When its ConnectRequest was taken. */
  connectMs = 0;
  /** Whether the answer to the ConnectRequest has a place for it. */
  knowsReadOnly = false;
  readonly queue: RequestQueue = new RequestQueue();
  /** How many of its requests the quorum has not answered yet. */
  inProcess = 0;
  /** What will be sent at the end of this step. */
  output: BinaryOutputArchive | undefined;
  /** Whether so much was written that more must wait until that is sent. */
  isFull = false;
  /** Whether what was sent could not leave. */
  isCongested = false;
  /** Sent since it is congested. */
  congestedBytes = 0;
  /** Whether the driver was told to read no more. */
  isPaused = false;
  readonly openedMs: number;
  readonly openedWallMs: number;
  readonly address: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly statistics: ConnectionStatistics = new ConnectionStatistics();

  readonly #frames: FrameReader;
  /** Received while no more requests were taken. */
  readonly #chunks: Uint8Array[] = [];
  /** Whether all frames of the last chunk were taken. */
  #isDrained = true;

  constructor(
    opened: ClientEvent & { kind: "opened" },
    { nowMs, wallMs }: Clock,
    maxRequestBytes: number,
    rules: AuthenticationOptions,
    largeRequests: OwnLargeRequests,
  ) {
    const { address } = opened;
    this.id = opened.connection;
    this.authentication = new ClientAuthentication(rules, opened);
    this.largeRequests = largeRequests;
    this.openedMs = nowMs;
    this.openedWallMs = wallMs;
    this.address = address;
    this.port = opened.port;
    this.isSecure = opened.isSecure ?? false;
    this.#frames = new FrameReader({
      maxFrame: maxRequestBytes,
      maxBuffer: maxRequestBytes,
      invalidUtf8: "replace",
      trailing: "ignore",
    });
  }

  /** Who is there: the address first. Replaced, never changed, so requests keep the ids that they were made with. */
  get ids(): readonly AuthId[] {
    return this.authentication.ids;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  /** Whether bytes are left that no frame was made of yet. */
  get hasInput(): boolean {
    return !this.#isDrained || this.#chunks.length > 0;
  }

  /** The length of a frame that has not come in full; 0 if there is none or its length is not known yet. */
  get arrivingLength(): number {
    return this.#frames.arrivingLength;
  }

  /** The next complete frame, valid until the next call. Throws JuteDecodeError for a length that is not allowed. */
  nextFrame(): BinaryInputArchive | undefined {
    for (;;) {
      if (this.#isDrained) {
        const chunk = this.#chunks.shift();
        if (chunk === undefined) return undefined;
        this.#frames.push(chunk);
        this.#isDrained = false;
      }
      const frame = this.#frames.next();
      if (frame !== undefined) return frame;
      this.#isDrained = true;
    }
  }
}
