/**
 * Long lists of children as clients are sent them. To encode a thousand names takes longer
 * than all else that is done to answer, so the bytes are kept until the children change.
 */
import type { DataTree } from "@jute-ts/data-tree";
import { GetChildrenResponse, type Stat } from "@jute-ts/zookeeper";

interface ChildList {
  readonly bytes: Uint8Array;
  /** What the znode's stat said when the list was made. */
  readonly czxid: bigint;
  readonly pzxid: bigint;
  readonly cversion: number;
}

/** Which lists are kept. */
export interface ChildListLimits {
  /** How many names a list has at least. 32. */
  readonly leastNames?: number | undefined;
  /** What all lists have together at most, with their paths, in bytes. 4 MiB. */
  readonly maxBytes?: number | undefined;
}

export class ChildLists {
  readonly #leastNames: number;
  readonly #maxBytes: number;
  /** By the znode's path, those that were not asked for for longest first. */
  readonly #lists = new Map<string, ChildList>();
  #bytes = 0;

  constructor({ leastNames, maxBytes }: ChildListLimits = {}) {
    this.#leastNames = leastNames ?? DEFAULT_LEAST_NAMES;
    this.#maxBytes = maxBytes ?? DEFAULT_MAX_BYTES;
  }

  /** How much is kept, added up: what `bytes` should be. */
  get bytesOfAll(): number {
    let bytes = 0;
    for (const [path, list] of this.#lists) bytes += sizeOf(path, list.bytes);
    return bytes;
  }

  /** How much is kept, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The names of a znode's children, encoded; undefined where there are so few that keeping
   * them is not worth it. `stat`: the znode's, as it is now. The bytes are lent and never change.
   */
  of(tree: Pick<DataTree, "getChildren">, path: string, stat: Stat): Uint8Array | undefined {
    if (stat.numChildren < this.#leastNames) return undefined;
    const known = this.#lists.get(path);
    if (known !== undefined) {
      this.#forget(path, known);
      if (isCurrent(known, stat)) {
        this.#keep(path, known);
        return known.bytes;
      }
    }
    const bytes = GetChildrenResponse.encode({ children: tree.getChildren(path) ?? [] });
    const { czxid, pzxid, cversion } = stat;
    if (sizeOf(path, bytes) <= this.#maxBytes) {
      // A copy: short encodings share slabs, and one that is kept would keep all of its slab.
      this.#keep(path, { bytes: bytes.slice(), czxid, pzxid, cversion });
    }
    return bytes;
  }

  /** Forgets all: zxids may come again with other txns, as after a change of the leader. */
  clear(): void {
    this.#lists.clear();
    this.#bytes = 0;
  }

  #keep(path: string, list: ChildList): void {
    this.#lists.set(path, list);
    this.#bytes += sizeOf(path, list.bytes);
    for (const [oldest, other] of this.#lists) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#forget(oldest, other);
    }
  }

  #forget(path: string, list: ChildList): void {
    this.#lists.delete(path);
    this.#bytes -= sizeOf(path, list.bytes);
  }
}

/** In bytes. The path of a znode that was deleted since is kept by nobody else. */
function sizeOf(path: string, bytes: Uint8Array): number {
  return bytes.length + 2 * path.length;
}

/** Each txn that adds a child or takes one away changes the zxid that the parent's stat names for that. */
function isCurrent(list: ChildList, { czxid, pzxid, cversion }: Stat): boolean {
  return list.pzxid === pzxid && list.cversion === cversion && list.czxid === czxid;
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
const DEFAULT_LEAST_NAMES = 32;
