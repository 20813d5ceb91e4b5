/**
 * The names of the children of znodes that have many and are asked for them again:
 * cut from the paths each time, a thousand take longer than everything else about the
 * question. Few lists are kept, because names take memory that the table does without.
 */
import type { Znode, ZnodeTable } from "./znode-table.js";

export class ChildNames {
  readonly #znodes: ZnodeTable;
  readonly #kept = new Map<Znode, readonly string[]>();
  #count = 0;

  constructor(znodes: ZnodeTable) {
    this.#znodes = znodes;
  }

  /** In the order of creation. Borrowed: the same list until the children are others. */
  of(parent: Znode): readonly string[] {
    const kept = this.#kept.get(parent);
    if (kept !== undefined) return kept;
    const start = this.#znodes.path(parent).length + 1;
    const names = this.#znodes
      .children(parent)
      .map((child) => this.#znodes.path(child).slice(start));
    if (names.length >= LEAST_KEPT && names.length <= MOST_NAMES) this.keep(parent, names);
    return names;
  }

  /** The children of this znode will be others, or it goes. */
  forget(parent: Znode): void {
    if (this.#kept.size === 0) return;
    const kept = this.#kept.get(parent);
    if (kept === undefined) return;
    this.#kept.delete(parent);
    this.#count -= kept.length;
  }

  clear(): void {
    this.#kept.clear();
    this.#count = 0;
  }

  private keep(parent: Znode, names: readonly string[]): void {
    if (this.#count + names.length > MOST_NAMES) this.clear();
    this.#kept.set(parent, names);
    this.#count += names.length;
  }
}

const LEAST_KEPT = 16;
const MOST_NAMES = 65_536;
