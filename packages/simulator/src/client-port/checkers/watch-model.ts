/**
 * The watches of one connection as the Programmer's Guide describes them, and what a
 * change tells their client. Slow and obvious on purpose.
 */
import {
  AddWatchMode,
  ErrorCode,
  EventType,
  OpCode,
  type RequestMessage,
  WatcherType,
} from "@jute-ts/zookeeper";
import { type AclModel, parentOf } from "../../model/znode-model.js";
import type { ChangeOfZnode } from "./znode-changes.js";

type Mode = "standard" | "persistent" | "recursive";

/** An event for somebody who may read by this list. */
export interface ModelEvent {
  readonly type: number;
  readonly path: string;
  readonly acl: readonly AclModel[];
}

export class WatchModel {
  readonly #data = new Table();
  readonly #children = new Table();

  get isEmpty(): boolean {
    return this.#data.isEmpty && this.#children.isEmpty;
  }

  /** What a change tells the client: of what was done, then of the parent's children. */
  fire({ kind, path, acl, parentAcl }: ChangeOfZnode): ModelEvent[] {
    const events: ModelEvent[] = [];
    const ofData = this.#data.fires(path);
    if (kind === "changed") {
      if (ofData) events.push({ type: EventType.NodeDataChanged, path, acl });
      return events;
    }
    if (kind === "created" && ofData) events.push({ type: EventType.NodeCreated, path, acl });
    if (kind === "deleted") {
      const ofChildren = this.#children.fires(path);
      // Whoever watches both hears of it once.
      if (ofData || ofChildren) events.push({ type: EventType.NodeDeleted, path, acl });
    }
    const parent = parentOf(path);
    if (this.#children.fires(parent))
      events.push({ type: EventType.NodeChildrenChanged, path: parent, acl: parentAcl });
    return events;
  }

  watchData(path: string): void {
    this.#data.add(path, "standard");
  }

  watchChildren(path: string): void {
    this.#children.add(path, "standard");
  }

  watchPersistently(path: string): void {
    this.#data.add(path, "persistent");
    this.#children.add(path, "persistent");
  }

  watchRecursively(path: string): void {
    this.#data.add(path, "recursive");
  }

  /** A request was answered. Returns the error that it should have, where that depends on watches. */
  onAnswer({ type, body }: RequestMessage, err: number): number | undefined {
    switch (type) {
      case OpCode.exists:
        if (body.watch && (err === 0 || err === ErrorCode.NONODE)) this.watchData(body.path ?? "");
        return undefined;
      case OpCode.getData:
        if (body.watch && err === 0) this.watchData(body.path ?? "");
        return undefined;
      case OpCode.getChildren:
      case OpCode.getChildren2:
        if (body.watch && err === 0) this.watchChildren(body.path ?? "");
        return undefined;
      case OpCode.addWatch:
        if (body.mode === AddWatchMode.PERSISTENT) this.watchPersistently(body.path ?? "");
        else this.watchRecursively(body.path ?? "");
        return undefined;
      case OpCode.checkWatches:
        return this.#have(body.path ?? "", body.type, (table, path, mode) => table.has(path, mode));
      case OpCode.removeWatches:
        return this.#have(body.path ?? "", body.type, (table, path, mode) =>
          table.remove(path, mode),
        );
      default:
        return undefined;
    }
  }

  #have(
    path: string,
    type: number,
    ask: (table: Table, path: string, mode: Mode) => boolean,
  ): number {
    const all: readonly Mode[] = ["standard", "persistent", "recursive"];
    const modes: Readonly<Record<number, readonly (readonly [Table, Mode])[]>> = {
      [WatcherType.Children]: [[this.#children, "standard"]],
      [WatcherType.Data]: [[this.#data, "standard"]],
      [WatcherType.Any]: all.flatMap((mode) => [
        [this.#data, mode],
        [this.#children, mode],
      ]),
      [WatcherType.Persistent]: [
        [this.#data, "persistent"],
        [this.#children, "persistent"],
      ],
      [WatcherType.PersistentRecursive]: [[this.#data, "recursive"]],
    };
    const found = (modes[type] ?? []).filter(([table, mode]) => ask(table, path, mode));
    return found.length > 0 ? 0 : ErrorCode.NOWATCHER;
  }
}

class Table {
  readonly #modes = new Map<string, Set<Mode>>();

  get isEmpty(): boolean {
    return this.#modes.size === 0;
  }

  add(path: string, mode: Mode): void {
    const modes = this.#modes.get(path) ?? new Set();
    this.#modes.set(path, modes.add(mode));
  }

  has(path: string, mode: Mode): boolean {
    return this.#modes.get(path)?.has(mode) === true;
  }

  remove(path: string, mode: Mode): boolean {
    const modes = this.#modes.get(path);
    if (modes?.delete(mode) !== true) return false;
    if (modes.size === 0) this.#modes.delete(path);
    return true;
  }

  /** Whether a change of this path concerns any watch. Standard ones are used up. */
  fires(path: string): boolean {
    const isWatched = (this.#modes.get(path)?.size ?? 0) > 0;
    this.remove(path, "standard");
    if (isWatched) return true;
    for (let at = path; at !== "/"; at = parentOf(at)) if (this.has(at, "recursive")) return true;
    return this.has("/", "recursive");
  }
}
