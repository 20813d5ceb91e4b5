/** Writes framed replies one after the other, for everything that a connection is sent at once. */
import { BinaryOutputArchive, type JuteRecord } from "@jute-ts/runtime";
import type { ConnectResponse } from "@jute-ts/zookeeper";

/**
 * Appends a reply and returns its size. `body`: a record, or bytes that are encoded already;
 * nothing where the header is all. `tail`: what follows it in the body.
 */
export function appendReply(
  output: BinaryOutputArchive,
  xid: number,
  zxid: bigint,
  err: number,
  body?: JuteRecord | Uint8Array,
  tail?: JuteRecord,
): number {
  const before = output.length;
  const mark = output.startFrame();
  output.writeInt(xid);
  output.writeLong(zxid);
  output.writeInt(err);
  if (body instanceof Uint8Array) output.writeRaw(body);
  else if (body !== undefined) output.writeRecord(body);
  if (tail !== undefined) output.writeRecord(tail);
  output.endFrame(mark);
  return output.length - before - LENGTH_BYTES;
}

export function appendConnectResponse(
  output: BinaryOutputArchive,
  response: ConnectResponse,
): void {
  const mark = output.startFrame();
  output.writeRecord(response);
  output.endFrame(mark);
}

/** Archives that are used again: only connections that are being written to need one. */
export class OutputPool {
  readonly #free: BinaryOutputArchive[] = [];
  #freeBytes = 0;

  take(): BinaryOutputArchive {
    const output = this.#free.pop();
    if (output === undefined) return new BinaryOutputArchive({ initialCapacity: 1024 });
    this.#freeBytes -= output.bytes.length;
    return output;
  }

  /** An archive of which nobody needs what was written any more. One that never comes back is the collector's. */
  giveBack(output: BinaryOutputArchive): void {
    output.reset();
    const { length } = output.bytes;
    if (length <= KEPT_BYTES && this.#freeBytes + length <= ALL_KEPT_BYTES) {
      this.#free.push(output);
      this.#freeBytes += length;
    }
  }
}

/** Memory that answers were written to. */
export type AnswerMemory = BinaryOutputArchive;

/** In front of each frame. */
const LENGTH_BYTES = 4;
/** One long answer must not make an archive long forever; a hundred answers of ten kilobytes on one connection are usual. */
const KEPT_BYTES = 2 * 1024 * 1024;
/** Enough for hundreds of connections that are answered in one turn, each with some kilobytes. */
const ALL_KEPT_BYTES = 16 * 1024 * 1024;
