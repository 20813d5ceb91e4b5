/**
 * Snapshots that hold the tree exactly as it was when they began, although txns
 * go on being applied while they are written.
 *
 * A znode is told before it changes (`OpenSnapshots.beforeChange`). The first
 * time after a snapshot began, that snapshot keeps a copy of the old znode; the
 * copy names the old children, so deleted ones are still found and new ones are
 * not. What did not change is read from the tree itself. So a snapshot costs
 * what changes while it is open, and by construction every access control list
 * in use, every parent and every session of it is the one of that moment: there
 * is no half of a multi in it, and nothing that only a replay could repair.
 */
import type { SnapshotNode } from "@jute-ts/persistence";
import { StatPersisted } from "@jute-ts/zookeeper";
import type { Znode } from "./znode.js";
import { ROOT } from "./znode-path.js";

/** The tree at one moment. Pulling its znodes is what keeps it up to date: a lost one costs nothing more. */
export class SnapshotImage {
  readonly number: number;
  /** Whether all znodes have been pulled. */
  finished = false;
  readonly #root: Znode;
  readonly #saved = new Map<Znode, ZnodeImage>();

  constructor(number: number, root: Znode) {
    this.number = number;
    this.#root = root;
  }

  /** Keeps a znode as it is now. Called before its first change since the snapshot began. */
  save(znode: Znode): void {
    const { data, aclId } = znode;
    const stat = new StatPersisted(znode.stat);
    this.#saved.set(znode, { data, aclId, stat, children: childrenOf(znode) });
  }

  /** All znodes, parents first. What is yielded is to be used before the next one is pulled. */
  *nodes(): Generator<SnapshotNode, void, undefined> {
    const open: OpenZnode[] = [{ path: ROOT, znode: this.#root }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { path, znode } = next;
      const saved = this.#saved.get(znode);
      this.#saved.delete(znode);
      // Before the yield, behind which the znode may change.
      const children = saved?.children ?? childrenOf(znode);
      for (const [name, child] of children.reverse()) {
        open.push({ path: `${path}/${name}`, znode: child });
      }
      const { data, aclId, stat } = saved ?? znode;
      yield { path, data, aclId, stat };
    }
    this.finished = true;
    this.#saved.clear();
  }
}

/** The snapshots that are being written. */
export class OpenSnapshots {
  /** Weak, because nobody says when a snapshot is given up. */
  #open: WeakRef<SnapshotImage>[] = [];
  #begun = 0;

  /** The number of the last snapshot. A new znode is in none of them. */
  get begun(): number {
    return this.#begun;
  }

  begin(root: Znode): SnapshotImage {
    this.#begun++;
    const image = new SnapshotImage(this.#begun, root);
    this.#open.push(new WeakRef(image));
    return image;
  }

  /** Must be called before anything of a znode changes, its set of children included. */
  beforeChange(znode: Znode): void {
    if (this.#open.length === 0 || znode.savedFor === this.#begun) return;
    this.forgetFinished();
    for (const reference of this.#open) {
      const image = reference.deref();
      if (image !== undefined && image.number > znode.savedFor) image.save(znode);
    }
    znode.savedFor = this.#begun;
  }

  private forgetFinished(): void {
    const isOpen = (image: SnapshotImage | undefined): boolean => image?.finished === false;
    if (!this.#open.every((reference) => isOpen(reference.deref()))) {
      this.#open = this.#open.filter((reference) => isOpen(reference.deref()));
    }
  }
}

interface ZnodeImage {
  readonly data: Uint8Array | null;
  readonly aclId: bigint;
  readonly stat: StatPersisted;
  readonly children: [name: string, znode: Znode][];
}

interface OpenZnode {
  readonly path: string;
  readonly znode: Znode;
}

function childrenOf(znode: Znode): [name: string, znode: Znode][] {
  return Array.from(znode.children ?? []);
}
