/** Writes many lines to standard output: in large pieces, and no faster than they are read. */
import { EventEmitter, once } from "node:events";
import { TextSink } from "@jute-ts/inspect";

/** Takes pieces of a text, which are its own. */
export interface PieceStream {
  /** False: no more should be written before the event `drain`. */
  write(piece: Uint8Array): unknown;
}

export class ResultWriter {
  /** What is written next: whole lines by `endLine`, other pieces by `endPiece`. */
  readonly sink = new TextSink();
  readonly #stream: PieceStream;
  #full = false;

  constructor(stream: PieceStream) {
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

  /** Hands over whole lines that others have made, after what is held. */
  piece(piece: Uint8Array): void {
    this.flush();
    this.#write(piece);
  }

  /** Hands over what is held. */
  flush(): void {
    if (this.sink.length > 0) this.#write(this.sink.take());
  }

  /** Resolves when the reader has taken what was handed over, so that memory does not grow with the output. */
  async drained(): Promise<void> {
    if (!this.#full) return;
    this.#full = false;
    if (this.#stream instanceof EventEmitter) await once(this.#stream, "drain");
  }

  #write(piece: Uint8Array): void {
    if (this.#stream.write(piece) === false) this.#full = true;
  }
}

const LINE_END = 0x0a;
const PIECE_BYTES: number = 1 << 16;
