/**
 * Decodes a log with others: cuts it into segments of whole records, lets several be decoded at once and
 * shows the answers in order. A segment in which not all is sound is decoded here, together with those
 * that were sent after it, so that what is shown is the same as without others.
 */
import { cutRecords, type Item, type LogDecoder, type LogRun } from "@jute-ts/inspect";
import type { SegmentAnswer, ShownSegment } from "./log-segment.js";

/** Who decodes segments. */
export interface SegmentDecoder {
  /** How many it has at once at most, which bounds the memory. */
  readonly capacity: number;
  /** Answers a run. Its bytes must not be used until the answer gives them back. */
  decode(run: LogRun): Promise<SegmentAnswer>;
}

/** Where it is shown, in order. */
export interface LogOutput {
  show(items: readonly Item[]): void;
  add(shown: ShownSegment): void;
  /** Resolves when more may be shown. */
  drained(): Promise<void>;
}

interface Sent {
  readonly bytes: number;
  readonly lastZxid: bigint;
  readonly answer: Promise<SegmentAnswer>;
}

/** Bytes whose last record is not whole, which will be a segment. */
interface Filling {
  readonly bytes: Uint8Array;
  length: number;
  readonly offset: number;
  readonly lastZxid: bigint;
}

export class SpreadLog {
  readonly #decoder: LogDecoder;
  readonly #others: SegmentDecoder;
  readonly #output: LogOutput;
  readonly #segmentBytes: number;
  /** What is sent out next; undefined while everything is decoded here. */
  #filling: Filling | undefined;
  /** In the order of the log. */
  #sent: Sent[] = [];
  /** Memory for segments that is not in use. */
  readonly #free: Uint8Array[] = [];

  /** `decoder` is used until `settle`. */
  constructor(
    decoder: LogDecoder,
    others: SegmentDecoder,
    output: LogOutput,
    segmentBytes: number = SEGMENT_BYTES,
  ) {
    this.#decoder = decoder;
    this.#others = others;
    this.#output = output;
    this.#segmentBytes = segmentBytes;
  }

  /** Takes the next bytes, which must not change afterwards. Rejects as the other decoders do. */
  async push(chunk: Uint8Array): Promise<void> {
    let at = 0;
    while (at < chunk.length && this.#filling !== undefined) {
      const { bytes, length } = this.#filling;
      const part = chunk.subarray(at, at + bytes.length - length);
      bytes.set(part, length);
      this.#filling.length += part.length;
      at += part.length;
      if (this.#filling.length === bytes.length) await this.#send(this.#filling);
    }
    if (at === chunk.length) return;
    await this.#decode(chunk.subarray(at));
    this.#spread();
  }

  /** Resolves when everything that came before has been shown or is held by the decoder, which takes all that follows. */
  async settle(): Promise<void> {
    while (this.#sent.length > 0) await this.#take();
    const filling = this.#filling;
    this.#filling = undefined;
    if (filling !== undefined) await this.#decode(filling.bytes.subarray(0, filling.length));
  }

  /** Gives what comes next to others, if it can be. */
  #spread(): void {
    // A record that fills a segment could not be sent.
    if (this.#decoder.heldBytes >= this.#segmentBytes) return;
    const run = this.#decoder.release();
    if (run !== undefined) this.#fill(run);
  }

  #fill({ bytes, offset, lastZxid }: LogRun): void {
    const memory = this.#free.pop() ?? new Uint8Array(this.#segmentBytes);
    memory.set(bytes);
    this.#filling = { bytes: memory, length: bytes.length, offset, lastZxid };
  }

  /** Sends out the whole records of a segment. */
  async #send({ bytes, offset, lastZxid }: Filling): Promise<void> {
    const cut = cutRecords(bytes);
    if (cut.lastZxid === undefined) {
      await this.settle();
      return;
    }
    const rest = { bytes: bytes.subarray(cut.end), offset: offset + cut.end };
    this.#fill({ ...rest, lastZxid: cut.lastZxid });
    const answer = this.#others.decode({ bytes: bytes.subarray(0, cut.end), offset, lastZxid });
    // One that fails is seen when its turn comes, and then those after it are not asked.
    answer.catch(() => undefined);
    this.#sent.push({ bytes: cut.end, lastZxid: cut.lastZxid, answer });
    while (this.#sent.length >= this.#others.capacity) await this.#take();
  }

  /** Shows the oldest segment that was sent. */
  async #take(): Promise<void> {
    const sent = this.#sent.shift();
    if (sent === undefined) return;
    const { bytes, shown } = await sent.answer;
    if (shown === undefined) {
      await this.#takeBack(bytes);
      return;
    }
    this.#decoder.pass(sent.bytes, sent.lastZxid);
    this.#output.add(shown);
    this.#free.push(new Uint8Array(bytes.buffer));
    await this.#output.drained();
  }

  /** Decodes a segment here, and all that come after it: what those answer supposes that it is sound. */
  async #takeBack(first: Uint8Array): Promise<void> {
    const others = this.#sent;
    this.#sent = [];
    await this.#decode(first);
    for (const { answer } of others) await this.#decode((await answer).bytes);
    await this.settle();
  }

  async #decode(bytes: Uint8Array): Promise<void> {
    this.#output.show(this.#decoder.push(bytes));
    await this.#output.drained();
  }
}

/** Enough that sending it costs little beside decoding it. */
const SEGMENT_BYTES: number = 1 << 20;
