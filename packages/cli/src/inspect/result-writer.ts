/** Writes many lines to standard output: in large pieces, and no faster than they are read. */
import { EventEmitter, once } from "node:events";
import { TextSink } from "@jute-ts/inspect";
import type { OutputStream } from "../surroundings.js";

export class ResultWriter {
  /** What is written next: whole lines by `endLine`, other pieces by `endPiece`. */
  readonly sink = new TextSink();
  readonly #stream: OutputStream;
  #full = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Adds a text and a line end; `drained` tells when to go on. */
  line(text: string): void {
    this.sink.text(text);
    this.endLine();
  }

  /** Ends the line that `sink` has. */
  endLine(): void {
    this.sink.byte(LINE_END);
    this.endPiece();
  }

  /** Hands over what is held, if it is much. */
  endPiece(): void {
    if (this.sink.length >= PIECE_BYTES) this.flush();
  }

  /** Hands over what is held. */
  flush(): void {
    if (this.sink.length === 0) return;
    if (this.#stream.write(this.sink.take()) === false) this.#full = true;
  }

  /** Resolves when the reader has taken what was handed over, so that memory does not grow with the output. */
  async drained(): Promise<void> {
    if (!this.#full) return;
    this.#full = false;
    if (this.#stream instanceof EventEmitter) await once(this.#stream, "drain");
  }
}

const LINE_END = 0x0a;
const PIECE_BYTES: number = 1 << 16;
