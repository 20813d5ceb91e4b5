/**
 * One table of watches: who watches which path, and how. A server has two of
 * them (`watches.ts`). What a watch costs here is an entry in a set of its path
 * and one in a set of its connection, so that a change and the end of a
 * connection both take as long as there are watches to go, and no longer.
 */
import { type Few, hasMember, membersOf, sizeOf, withMember, withoutMember } from "./few.js";

/**
 * How a watch watches: `standard` until its first event, `persistent` until it is
 * removed, `recursive` like that but the whole subtree.
 */
export type WatchMode = "standard" | "persistent" | "recursive";

/** A path that somebody watches. */
interface Watched<C> {
  readonly path: string;
  standard: Few<Watcher<C>>;
  persistent: Few<Watcher<C>>;
  recursive: Few<Watcher<C>>;
}

/** A connection that watches something. */
interface Watcher<C> {
  readonly connection: C;
  paths: Few<Watched<C>>;
  /** The length of its paths and what goes with them, in characters. */
  size: number;
}

export class WatchTable<C> {
  readonly #paths = new Map<string, Watched<C>>();
  readonly #watchers = new Map<C, Watcher<C>>();
  readonly #maxSize: number;
  #watchCount = 0;
  /** How many paths are watched with their subtrees. Without any, no change need look at its ancestors. */
  #recursivePaths = 0;

  /** `maxSize`: how much one connection may watch, each watch counted as the characters of its path and 100 more. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** How many pairs of a path and a connection there are. A pair is one watch, in whatever modes. */
  get watchCount(): number {
    return this.#watchCount;
  }

  get pathCount(): number {
    return this.#paths.size;
  }

  get connectionCount(): number {
    return this.#watchers.size;
  }

  /** Adds a watch, besides those in other modes on the same path. False, and nothing is added, if the connection would watch too much. */
  add(path: string, connection: C, mode: WatchMode): boolean {
    const known = this.#watchers.get(connection);
    const watched = this.#paths.get(path);
    const isNewPair = known === undefined || watched === undefined || !watches(watched, known);
    const growth = isNewPair ? path.length + WATCH_SIZE : 0;
    if ((known?.size ?? 0) + growth > this.#maxSize) return false;
    const watcher = known ?? this.newWatcher(connection);
    const entry = watched ?? this.newPath(path);
    if (isNewPair) {
      watcher.paths = withMember(watcher.paths, entry);
      watcher.size += growth;
      this.#watchCount++;
    }
    if (mode === "recursive" && entry.recursive === undefined) this.#recursivePaths++;
    entry[mode] = withMember(entry[mode], watcher);
    return true;
  }

  /** Whether the connection watches exactly this path in this mode, or in any. */
  has(path: string, connection: C, mode: WatchMode | "any"): boolean {
    const watched = this.#paths.get(path);
    const watcher = this.#watchers.get(connection);
    if (watched === undefined || watcher === undefined) return false;
    return mode === "any" ? watches(watched, watcher) : hasMember(watched[mode], watcher);
  }

  /** Removes the connection's watch of exactly this path in this mode, or in every. False if there is none. */
  remove(path: string, connection: C, mode: WatchMode | "any"): boolean {
    const watched = this.#paths.get(path);
    const watcher = this.#watchers.get(connection);
    if (watched === undefined || watcher === undefined) return false;
    const modes = mode === "any" ? MODES : [mode];
    const present = modes.filter((each) => hasMember(watched[each], watcher));
    for (const each of present) this.removeMode(watched, watcher, each);
    if (present.length > 0) this.removePairIfUnused(watched, watcher);
    return present.length > 0;
  }

  /** Removes all watches of a connection. */
  removeConnection(connection: C): void {
    const watcher = this.#watchers.get(connection);
    if (watcher === undefined) return;
    this.#watchers.delete(connection);
    for (const watched of membersOf(watcher.paths)) {
      for (const mode of MODES) this.removeMode(watched, watcher, mode);
      this.removePathIfUnused(watched);
    }
    this.#watchCount -= sizeOf(watcher.paths);
  }

  /**
   * The connections that have to hear of a change of this path, each once: who
   * watches it, whose standard watches are used up by this, and who watches it or
   * an ancestor recursively. The array is the caller's.
   */
  trigger(path: string): C[] {
    const watched = this.#paths.get(path);
    const found: Few<Watcher<C>>[] = [];
    if (watched !== undefined) {
      found.push(watched.standard, watched.persistent, watched.recursive);
    }
    if (this.#recursivePaths > 0) {
      for (const ancestor of ancestorsOf(path)) found.push(this.#paths.get(ancestor)?.recursive);
    }
    const connections = distinct(found);
    if (watched?.standard !== undefined) this.useUp(watched, watched.standard);
    return connections;
  }

  /** Each connection with the paths that it watches. The arrays are the caller's; the table must not change meanwhile. */
  *byConnection(): Generator<[connection: C, paths: string[]], void, undefined> {
    for (const { connection, paths } of this.#watchers.values()) {
      yield [connection, Array.from(membersOf(paths), ({ path }) => path)];
    }
  }

  /** Each path with the connections that watch it. The arrays are the caller's; the table must not change meanwhile. */
  *byPath(): Generator<[path: string, connections: C[]], void, undefined> {
    for (const { path, standard, persistent, recursive } of this.#paths.values()) {
      yield [path, distinct([standard, persistent, recursive])];
    }
  }

  private newWatcher(connection: C): Watcher<C> {
    const watcher = { connection, paths: undefined, size: 0 };
    this.#watchers.set(connection, watcher);
    return watcher;
  }

  private newPath(path: string): Watched<C> {
    const watched = { path, standard: undefined, persistent: undefined, recursive: undefined };
    this.#paths.set(path, watched);
    return watched;
  }

  private useUp(watched: Watched<C>, standard: Few<Watcher<C>>): void {
    watched.standard = undefined;
    for (const watcher of membersOf(standard)) this.removePairIfUnused(watched, watcher);
    this.removePathIfUnused(watched);
  }

  private removeMode(watched: Watched<C>, watcher: Watcher<C>, mode: WatchMode): void {
    const before = watched[mode];
    if (before === undefined) return;
    watched[mode] = withoutMember(before, watcher);
    if (mode === "recursive" && watched.recursive === undefined) this.#recursivePaths--;
  }

  private removePairIfUnused(watched: Watched<C>, watcher: Watcher<C>): void {
    if (watches(watched, watcher)) return;
    this.#watchCount--;
    watcher.size -= watched.path.length + WATCH_SIZE;
    watcher.paths = withoutMember(watcher.paths, watched);
    if (watcher.paths === undefined) this.#watchers.delete(watcher.connection);
    this.removePathIfUnused(watched);
  }

  private removePathIfUnused({ path, standard, persistent, recursive }: Watched<C>): void {
    if (standard === undefined && persistent === undefined && recursive === undefined) {
      this.#paths.delete(path);
    }
  }
}

function watches<C>(watched: Watched<C>, watcher: Watcher<C>): boolean {
  return MODES.some((mode) => hasMember(watched[mode], watcher));
}

/** The connections of several sets, each once. */
function distinct<C>(sets: readonly Few<Watcher<C>>[]): C[] {
  const present = sets.filter((set) => set !== undefined);
  const [only, ...others] = present;
  const members = others.length === 0 ? membersOf(only) : new Set(present.flatMap(arrayOf));
  return Array.from(members, ({ connection }) => connection);
}

function arrayOf<C>(few: Few<Watcher<C>>): Watcher<C>[] {
  return Array.from(membersOf(few));
}

/** The paths above this one, up to the root. */
function* ancestorsOf(path: string): Generator<string, void, undefined> {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    yield path.slice(0, end);
  }
  if (path.startsWith("/") && path !== "/") yield "/";
}

const MODES: readonly WatchMode[] = ["standard", "persistent", "recursive"];

/** What a watch takes besides its path, about: 100 bytes and more. */
const WATCH_SIZE = 100;
