/**
 * The stream that a leader sends after a SNAP packet: the body of a snapshot
 * without header, seals or digest, then a signature by which the learner sees
 * that the leader came to the end.
 */
import { putInt } from "./big-endian.js";
import type { SnapshotContent } from "./snapshot-body.js";
import { encodeSnapshotBody } from "./snapshot-body-encoder.js";
import type { SnapshotSink } from "./snapshot-file.js";
import { SnapshotFormatError } from "./snapshot-format-error.js";

/** What stands at the end of the stream, as a Jute string. */
export const SNAPSHOT_STREAM_SIGNATURE = "BenWasHere";

/** The signature's bytes: its length as an int, then its characters. */
export function encodeSnapshotStreamSignature(): Uint8Array {
  const { length } = SNAPSHOT_STREAM_SIGNATURE;
  const bytes = new Uint8Array(4 + length);
  putInt(bytes, 0, length);
  for (let i = 0; i < length; i++) bytes[4 + i] = SNAPSHOT_STREAM_SIGNATURE.charCodeAt(i);
  return bytes;
}

/** The whole stream in chunks of about `chunkBytes`. See `encodeSnapshotBody`. */
export function* encodeSnapshotStream(
  content: SnapshotContent,
  chunkBytes?: number,
): Generator<Uint8Array, void, undefined> {
  yield* encodeSnapshotBody(content, chunkBytes);
  yield encodeSnapshotStreamSignature();
}

/**
 * Reads the stream up to its signature, and no byte further: what follows on the
 * connection are packets again.
 */
export class SnapshotStreamDecoder implements SnapshotSink {
  readonly #body: SnapshotSink;
  readonly #signature = encodeSnapshotStreamSignature();
  #offset = 0;
  #matched = 0;

  /** `body` takes sessions, lists and znodes: a SnapshotBodyDecoder. */
  constructor(body: SnapshotSink) {
    this.#body = body;
  }

  /** Whether the signature has been read. Only then is the snapshot whole. */
  get done(): boolean {
    return this.#matched === this.#signature.length;
  }

  /**
   * Returns how many bytes were used: all, unless the stream ended inside.
   * Throws SnapshotFormatError for another signature, and what the body throws.
   */
  push(bytes: Uint8Array): number {
    let at = this.#body.done ? 0 : this.#body.push(bytes);
    while (at < bytes.length && this.#body.done && !this.done) {
      if (bytes[at] !== this.#signature[this.#matched]) {
        const reason = `the stream ends without its signature "${SNAPSHOT_STREAM_SIGNATURE}"`;
        throw new SnapshotFormatError("signature", this.#offset + at, reason);
      }
      this.#matched++;
      at++;
    }
    this.#offset += at;
    return at;
  }
}
