/** Writes many lines to standard output: in large pieces, and no faster than they are read. */
import { EventEmitter, once } from "node:events";
import type { OutputStream } from "../surroundings.js";

export class ResultWriter {
  readonly #stream: OutputStream;
  #lines: string[] = [];
  #characters = 0;
  #full = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Adds a text that ends with a line end; `drained` tells when to go on. */
  line(text: string): void {
    this.#lines.push(text);
    this.#characters += text.length + 1;
    if (this.#characters >= PIECE_CHARACTERS) this.flush();
  }

  /** Hands over what is held. */
  flush(): void {
    if (this.#lines.length === 0) return;
    this.#lines.push("");
    const accepted = this.#stream.write(this.#lines.join("\n"));
    this.#lines = [];
    this.#characters = 0;
    if (accepted === false) this.#full = true;
  }

  /** Resolves when the reader has taken what was handed over, so that memory does not grow with the output. */
  async drained(): Promise<void> {
    if (!this.#full) return;
    this.#full = false;
    if (this.#stream instanceof EventEmitter) await once(this.#stream, "drain");
  }
}

const PIECE_CHARACTERS = 1 << 16;
