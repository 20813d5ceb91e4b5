/** Which znodes have an owner that decides when they end: a session, emptiness, or the time. */
import { type ExtendedTypes, znodeOwner } from "./znode-owner.js";

export class OwnedZnodes {
  /** The paths of containers and of znodes with a time to live, for whoever deletes them. */
  readonly containers: Set<string> = new Set();
  readonly ttls: Set<string> = new Set();
  readonly #extendedTypes: ExtendedTypes;
  readonly #ephemerals = new Map<bigint, Set<string>>();

  constructor(extendedTypes: ExtendedTypes) {
    this.#extendedTypes = extendedTypes;
  }

  /** Sessions with the paths of their ephemerals. Borrowed: it changes with the tree. */
  get ephemerals(): ReadonlyMap<bigint, ReadonlySet<string>> {
    return this.#ephemerals;
  }

  /** The paths of a session's ephemerals. Borrowed: it changes with the tree. */
  ephemeralsOf(sessionId: bigint): ReadonlySet<string> {
    return this.#ephemerals.get(sessionId) ?? NO_PATHS;
  }

  add(path: string, ephemeralOwner: bigint): void {
    if (ephemeralOwner === 0n) return;
    const owner = znodeOwner(ephemeralOwner, this.#extendedTypes);
    if (owner.kind === "container") {
      this.containers.add(path);
    } else if (owner.kind === "ttl") {
      this.ttls.add(path);
    } else if (owner.kind === "session") {
      const paths = this.#ephemerals.get(owner.sessionId);
      if (paths === undefined) {
        this.#ephemerals.set(owner.sessionId, new Set([path]));
      } else {
        paths.add(path);
      }
    }
  }

  delete(path: string, ephemeralOwner: bigint): void {
    if (ephemeralOwner === 0n) return;
    this.containers.delete(path);
    this.ttls.delete(path);
    const paths = this.#ephemerals.get(ephemeralOwner);
    paths?.delete(path);
    if (paths?.size === 0) this.#ephemerals.delete(ephemeralOwner);
  }

  clear(): void {
    this.#ephemerals.clear();
    this.containers.clear();
    this.ttls.clear();
  }
}

const NO_PATHS: ReadonlySet<string> = new Set();
