/** What a client watches, as far as it knows: it sets its watches again on each new connection. */
import {
  AddWatchMode,
  ErrorCode,
  EventType,
  OpCode,
  type RequestMessage,
  WatcherType,
} from "@jute-ts/zookeeper";

/** Watches by their kinds, and the last txn that their client has seen. */
export interface NotedWatches {
  readonly relativeZxid: bigint;
  readonly dataWatches: string[];
  readonly existWatches: string[];
  readonly childWatches: string[];
  readonly persistentWatches: string[];
  readonly persistentRecursiveWatches: string[];
}

export class WatchBook {
  readonly #data = new Set<string>();
  readonly #exist = new Set<string>();
  readonly #children = new Set<string>();
  readonly #persistent = new Set<string>();
  readonly #recursive = new Set<string>();

  /** A request was answered that may have set, or removed, watches. */
  onAnswer({ type, body }: RequestMessage, err: number): void {
    switch (type) {
      case OpCode.getData:
        if (body.watch && err === 0) this.#data.add(body.path ?? "");
        return;
      case OpCode.exists:
        if (!body.watch || (err !== 0 && err !== ErrorCode.NONODE)) return;
        (err === 0 ? this.#data : this.#exist).add(body.path ?? "");
        return;
      case OpCode.getChildren:
      case OpCode.getChildren2:
        if (body.watch && err === 0) this.#children.add(body.path ?? "");
        return;
      case OpCode.addWatch:
        if (err === 0)
          (body.mode === AddWatchMode.PERSISTENT ? this.#persistent : this.#recursive).add(
            body.path ?? "",
          );
        return;
      case OpCode.removeWatches:
        if (err === 0) this.#remove(body.path ?? "", body.type);
        return;
      default:
        return;
    }
  }

  onEvent(type: number, path: string): void {
    switch (type) {
      case EventType.NodeDataChanged:
      case EventType.NodeCreated:
        this.#data.delete(path);
        this.#exist.delete(path);
        return;
      case EventType.NodeChildrenChanged:
        this.#children.delete(path);
        return;
      case EventType.NodeDeleted:
        this.#data.delete(path);
        this.#exist.delete(path);
        this.#children.delete(path);
        return;
    }
  }

  /** From the next connection on it watches for this znode to come into being, or is told that it has. */
  awaitCreation(path: string): void {
    this.#exist.add(path);
  }

  clear(): void {
    for (const set of this.#all) set.clear();
  }

  /** The watches, to be set again; undefined if there are none. */
  toSet(relativeZxid: bigint): NotedWatches | undefined {
    if (this.#all.every(({ size }) => size === 0)) return undefined;
    return {
      relativeZxid,
      dataWatches: [...this.#data],
      existWatches: [...this.#exist],
      childWatches: [...this.#children],
      persistentWatches: [...this.#persistent],
      persistentRecursiveWatches: [...this.#recursive],
    };
  }

  get #all(): readonly Set<string>[] {
    return [this.#data, this.#exist, this.#children, this.#persistent, this.#recursive];
  }

  #remove(path: string, type: number): void {
    const all = type === WatcherType.Any;
    if (all || type === WatcherType.Children) this.#children.delete(path);
    if (all || type === WatcherType.Data) {
      this.#data.delete(path);
      this.#exist.delete(path);
    }
    if (all || type === WatcherType.Persistent) this.#persistent.delete(path);
    if (all || type === WatcherType.PersistentRecursive) this.#recursive.delete(path);
  }
}
