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
  readonly #data: Table;
  readonly #children: Table;

  /** `most`: how much may be watched, in data and in children each; a watch counts as the characters of its path and 100 more. */
  constructor(most: number = Infinity) {
    this.#data = new Table(most);
    this.#children = new Table(most);
  }

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

  /** Each of these says whether there is room for it. */
  watchData(path: string): boolean {
    return this.#data.add(path, "standard");
  }

  watchChildren(path: string): boolean {
    return this.#children.add(path, "standard");
  }

  watchPersistently(path: string): boolean {
    return this.#data.add(path, "persistent") && this.#children.add(path, "persistent");
  }

  watchRecursively(path: string): boolean {
    return this.#data.add(path, "recursive");
  }

  /** A request was answered. Returns the error that it should have, where that depends on watches. */
  onAnswer({ type, body }: RequestMessage, err: number): number | undefined {
    const isTooMuch = err === ErrorCode.THROTTLEDOP;
    switch (type) {
      case OpCode.exists:
        return body.watch && (err === 0 || isTooMuch || err === ErrorCode.NONODE)
          ? errorUnless(this.watchData(body.path ?? ""))
          : undefined;
      case OpCode.getData:
        return body.watch && (err === 0 || isTooMuch)
          ? errorUnless(this.watchData(body.path ?? ""))
          : undefined;
      case OpCode.getChildren:
      case OpCode.getChildren2:
        return body.watch && (err === 0 || isTooMuch)
          ? errorUnless(this.watchChildren(body.path ?? ""))
          : undefined;
      case OpCode.addWatch:
        return body.mode === AddWatchMode.PERSISTENT
          ? (errorUnless(this.watchPersistently(body.path ?? "")) ?? 0)
          : (errorUnless(this.watchRecursively(body.path ?? "")) ?? 0);
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

function errorUnless(fits: boolean): number | undefined {
  return fits ? undefined : ErrorCode.THROTTLEDOP;
}

class Table {
  readonly #modes = new Map<string, Set<Mode>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#modes.size === 0;
  }

  /** False, and nothing is added, if it would be too much. */
  add(path: string, mode: Mode): boolean {
    const modes = this.#modes.get(path) ?? new Set();
    if (this.#most < Infinity && modes.size === 0) {
      let size = path.length + 100;
      for (const other of this.#modes.keys()) size += other.length + 100;
      if (size > this.#most) return false;
    }
    this.#modes.set(path, modes.add(mode));
    return true;
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
