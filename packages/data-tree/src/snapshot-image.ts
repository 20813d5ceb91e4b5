/**
 * Snapshots that hold the tree exactly as it was when they began, although txns
 * go on being applied while they are written.
 *
 * A znode is told before it changes (`OpenSnapshots.beforeChange`). The first
 * time after a snapshot began, that snapshot keeps a copy of the old znode; the
 * copy names the old children, so deleted ones, of which it has copies as well, are
 * still found and new ones are not. What did not change is read from the tree itself. So a snapshot costs
 * what changes while it is open, and by construction every access control list
 * in use, every parent and every session of it is the one of that moment: there
 * is no half of a multi in it, and nothing that only a replay could repair.
 */
import type { SnapshotNode } from "@jute-ts/persistence";
import type { AclCache } from "./acl-cache.js";
import type { Znode, ZnodeTable } from "./znode-table.js";

/** What a snapshot reads. */
interface Snapped {
  readonly znodes: ZnodeTable;
  readonly acls: AclCache;
}

/** The tree at one moment. Pulling its znodes is what keeps it up to date: a lost one costs nothing more. */
export class SnapshotImage {
  readonly number: number;
  /** Whether all znodes have been pulled. */
  finished = false;
  /** Of the moment when it began: a tree that is cleared goes on with others. */
  readonly #znodes: ZnodeTable;
  readonly #acls: AclCache;
  readonly #root: Znode;
  /** By the numbers that the znodes had when the snapshot began: one that was deleted since is found here alone. */
  readonly #saved = new Map<Znode, ZnodeImage>();

  constructor(number: number, { znodes, acls }: Snapped, root: Znode) {
    this.number = number;
    this.#znodes = znodes;
    this.#acls = acls;
    this.#root = root;
  }

  /** Keeps a znode as it is now. Called before its first change since the snapshot began. */
  save(znode: Znode): void {
    this.#saved.set(znode, this.imageOf(znode));
  }

  /** All znodes, parents first. What is yielded is to be used before the next one is pulled. */
  *nodes(): Generator<SnapshotNode, void, undefined> {
    const open: Znode[] = [this.#root];
    for (let znode = open.pop(); znode !== undefined; znode = open.pop()) {
      // Before the yield, after which the znode may change.
      const image = this.#saved.get(znode) ?? this.imageOf(znode);
      this.#saved.delete(znode);
      const { children } = image;
      for (let last = children.length - 1; last >= 0; last--) open.push(children[last] as Znode);
      yield image;
    }
    this.finished = true;
    this.#saved.clear();
  }

  private imageOf(znode: Znode): ZnodeImage {
    const znodes = this.#znodes;
    return {
      path: znodes.path(znode),
      data: znodes.data(znode),
      aclId: this.#acls.id(znodes.acl(znode)),
      stat: znodes.stat(znode),
      children: znodes.children(znode),
    };
  }
}

/** The snapshots that are being written. */
export class OpenSnapshots {
  readonly #tree: Snapped;
  /** Weak, because nobody says when a snapshot is given up. */
  #open: WeakRef<SnapshotImage>[] = [];
  #begun = 0;

  constructor(tree: Snapped) {
    this.#tree = tree;
  }

  /** The number of the last snapshot. A new znode is in none of them. */
  get begun(): number {
    return this.#begun;
  }

  begin(root: Znode): SnapshotImage {
    this.#begun++;
    const image = new SnapshotImage(this.#begun, this.#tree, root);
    this.#open.push(new WeakRef(image));
    return image;
  }

  /** Must be called before anything of a znode changes, its set of children included, and before it goes. */
  beforeChange(znode: Znode): void {
    if (this.#open.length === 0) return;
    const { znodes } = this.#tree;
    const savedFor = znodes.savedFor(znode);
    if (savedFor === this.#begun) return;
    this.forgetFinished();
    for (const reference of this.#open) {
      const image = reference.deref();
      if (image !== undefined && image.number > savedFor) image.save(znode);
    }
    znodes.setSavedFor(znode, this.#begun);
  }

  private forgetFinished(): void {
    const isOpen = (image: SnapshotImage | undefined): boolean => image?.finished === false;
    if (!this.#open.every((reference) => isOpen(reference.deref()))) {
      this.#open = this.#open.filter((reference) => isOpen(reference.deref()));
    }
  }
}

interface ZnodeImage extends SnapshotNode {
  readonly children: readonly Znode[];
}
