/**
 * Which files a disk driver keeps open, and which of them may be closed. A log is
 * written to and synced thousands of times, so opening it each time would cost too
 * much; but there are more files than may be open at once, and several lanes use
 * them beside each other. So every use of a file is a hold on it, and what is held
 * is never closed: a descriptor that another file has got meanwhile would take the
 * write or the fsync of this one.
 *
 * It opens and closes nothing itself. A descriptor is whatever the driver says.
 */

/** A file that is open and held. */
export interface OpenFile<D> {
  readonly path: string;
  readonly descriptor: D;
  /**
   * Whether something was written since the last fsync. Such a file stays open: the
   * system may tell of a write that failed only to those who had the file open then.
   */
  isUnsynced: boolean;
}

interface Entry<D> extends OpenFile<D> {
  holds: number;
  /** Whether the path still leads to it. If not, it is closed with the last hold. */
  isWanted: boolean;
}

export class OpenFiles<D> {
  private readonly limit: number;
  /** Used longest ago first. */
  private readonly byPath = new Map<string, Entry<D>>();

  /** `limit`: how many may be open though nobody holds them. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many are open under their path. */
  get size(): number {
    return this.byPath.size;
  }

  /** The file under this path, held; undefined when it is not open. */
  hold(path: string): OpenFile<D> | undefined {
    const entry = this.byPath.get(path);
    if (entry === undefined) return undefined;
    entry.holds++;
    this.byPath.delete(path);
    this.byPath.set(path, entry);
    return entry;
  }

  /** Takes in a file that was just opened, held. None may be open under this path. */
  add(path: string, descriptor: D): OpenFile<D> {
    if (this.byPath.has(path)) throw new Error(`${path} is open already`);
    const entry = { path, descriptor, isUnsynced: false, holds: 1, isWanted: true };
    this.byPath.set(path, entry);
    return entry;
  }

  /** Ends a hold. Returns the descriptors that must be closed now. */
  release(file: OpenFile<D>): readonly D[] {
    const entry = file as Entry<D>;
    entry.holds--;
    if (!entry.isWanted) return this.isInUse(entry) ? [] : [entry.descriptor];
    return this.takeSurplus();
  }

  /** The path leads to this file no more: it was removed, renamed or never opened. Returns the descriptor if it must be closed now. */
  forget(path: string): readonly D[] {
    const entry = this.byPath.get(path);
    if (entry === undefined) return [];
    this.byPath.delete(path);
    entry.isWanted = false;
    return this.isInUse(entry) ? [] : [entry.descriptor];
  }

  /** Forgets everything. Returns the descriptors of all that nobody holds, which must be closed. */
  forgetAll(): readonly D[] {
    return [...this.byPath.keys()].flatMap((path) => this.forget(path));
  }

  private isInUse(entry: { readonly holds: number }): boolean {
    return entry.holds > 0;
  }

  /** Those that are open beyond the limit, as far as they may be closed. */
  private takeSurplus(): D[] {
    const surplus: D[] = [];
    for (const [path, entry] of this.byPath) {
      if (this.byPath.size <= this.limit) break;
      if (entry.isUnsynced || this.isInUse(entry)) continue;
      surplus.push(...this.forget(path));
    }
    return surplus;
  }
}
