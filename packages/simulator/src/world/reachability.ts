/**
 * Which peers can reach which, one direction and one network at a time: the
 * quorum port and the election port may fail separately. Several faults may
 * block the same direction; it is open again when all of them have ended.
 */

/** The two kinds of connections between peers. */
export type Layer = "quorum" | "election";

export class Reachability {
  readonly #count: number;
  readonly #blocks: Readonly<Record<Layer, Uint16Array>>;
  readonly #onOpened: (layer: Layer, from: number, to: number) => void;

  /** `onOpened` is called when the last block of a direction has ended. Peers are named by their index. */
  constructor(count: number, onOpened: (layer: Layer, from: number, to: number) => void) {
    this.#count = count;
    this.#blocks = {
      quorum: new Uint16Array(count * count),
      election: new Uint16Array(count * count),
    };
    this.#onOpened = onOpened;
  }

  isBlocked(layer: Layer, from: number, to: number): boolean {
    return this.#blocks[layer][from * this.#count + to] !== 0;
  }

  block(layer: Layer, from: number, to: number): void {
    const blocks = this.#blocks[layer];
    const at = from * this.#count + to;
    blocks[at] = (blocks[at] ?? 0) + 1;
  }

  /** Ends one block of a direction. Harmless when `openAll` has ended it already. */
  unblock(layer: Layer, from: number, to: number): void {
    const blocks = this.#blocks[layer];
    const at = from * this.#count + to;
    const count = blocks[at] ?? 0;
    if (count === 0) return;
    blocks[at] = count - 1;
    if (count === 1) this.#onOpened(layer, from, to);
  }

  /** Ends every block. */
  openAll(): void {
    for (const layer of ["quorum", "election"] as const) {
      const blocks = this.#blocks[layer];
      for (let at = 0; at < blocks.length; at += 1) {
        if (blocks[at] === 0) continue;
        blocks[at] = 0;
        this.#onOpened(layer, Math.floor(at / this.#count), at % this.#count);
      }
    }
  }
}
