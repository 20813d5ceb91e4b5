/**
 * Decodes a transaction log, of which runs of whole records can be decoded elsewhere, as by other
 * threads: what is sound, and most is, needs nothing of what lies before it but a zxid.
 */
import type { Decoder, Item } from "../item.js";
import { MessageStream } from "../streams/stream.js";
import { LogFormat, type LogFormatOptions, zxidOfRecord } from "./log-format.js";

/** Records of a log that lie one after the other. */
export interface LogRun {
  readonly bytes: Uint8Array;
  /** Where the bytes begin in the log. */
  readonly offset: number;
  /** That of the record before them, or what is less than any. */
  readonly lastZxid: bigint;
}

/** How far bytes are whole records. */
export interface LogCut {
  /** Where the last one ends. */
  readonly end: number;
  /** That of the last one; undefined if there is none. */
  readonly lastZxid: bigint | undefined;
}

export class LogDecoder implements Decoder {
  readonly #format: LogFormat;
  readonly #stream: MessageStream;

  constructor(options: LogFormatOptions = {}) {
    this.#format = new LogFormat(options);
    this.#stream = new MessageStream(this.#format);
  }

  /** How many bytes wait for others. */
  get heldBytes(): number {
    return this.#stream.heldBytes;
  }

  push(chunk: Uint8Array): Item[] {
    return this.#stream.push(chunk);
  }

  finish(): Item[] {
    return this.#stream.end();
  }

  /**
   * Hands back the bytes that wait for others, and says where they begin and after which record, if
   * nothing but a record is to be expected there; undefined, and changes nothing, where something else is.
   */
  release(): LogRun | undefined {
    if (!this.#stream.isInStep || !this.#format.isAtRecord) return undefined;
    const { offset } = this.#stream;
    return { bytes: this.#stream.takeHeld(), offset, lastZxid: this.#format.lastZxid };
  }

  /** Goes on after `count` bytes for which `decodeRun` has returned items. Nothing may be held. */
  pass(count: number, lastZxid: bigint): void {
    this.#stream.pass(count);
    this.#format.continueAfter(lastZxid);
  }
}

/**
 * Where whole records end in these bytes, which begin with one: by their lengths and marks alone, which
 * costs little. It ends at what is longer than the bytes are, and at what is no record.
 */
export function cutRecords(bytes: Uint8Array, options: LogFormatOptions = {}): LogCut {
  const format = new LogFormat(options);
  let last = -1;
  let end = 0;
  for (;;) {
    const next = format.endOfRecord(bytes, end, bytes.length);
    if (next < 0) break;
    last = end;
    end = next;
  }
  return { end, lastZxid: last < 0 ? undefined : zxidOfRecord(bytes, last) };
}

/**
 * The items of bytes that are sound records to their end, each with the right checksum and in order;
 * undefined for all others, of which only a `LogDecoder` knows what to say.
 */
export function decodeRun(run: LogRun, options: LogFormatOptions = {}): Item[] | undefined {
  const format = new LogFormat(options);
  format.continueAfter(run.lastZxid);
  const { bytes, offset } = run;
  const items: Item[] = [];
  for (let at = 0; at < bytes.length;) {
    const item = format.quick(bytes, at, bytes.length, offset + at);
    if (item === undefined) return undefined;
    items.push(item);
    at += item.length;
  }
  return items;
}
