/** Bytes of which nothing is known but that they were sent. */
import { quantity } from "../quantity.js";
import type { ByteQueue } from "../byte-queue.js";
import type { Item } from "../item.js";
import {
  opaqueItem,
  type StreamFormat,
  type StreamOptions,
  type Extent,
} from "../streams/stream.js";

export class OpaqueFormat implements StreamFormat {
  readonly #reason: string;
  readonly #options: StreamOptions;

  constructor(reason: string, options: StreamOptions) {
    this.#reason = reason;
    this.#options = options;
  }

  extent(queue: ByteQueue): Extent {
    return { kind: "bytes", count: queue.length };
  }

  lay(bytes: Uint8Array, offset: number, timeMs: number | undefined): Item[] {
    const detail = `${quantity(bytes.length, "byte")} ${this.#reason}`;
    return [opaqueItem(bytes, offset, detail, { ...this.#options, timeMs })];
  }

  /** Nothing is, so anything may be. */
  plausible(): boolean {
    return true;
  }

  onLost(): Item[] {
    // There is nothing to lose.
    return [];
  }
}
