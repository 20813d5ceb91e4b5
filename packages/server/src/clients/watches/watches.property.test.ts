/**
 * Random watches and changes against a list of watches that is searched from end
 * to end, as the rules are written.
 */
import type { TxnResult } from "@jute-ts/quorum";
import { AddWatchMode, EventType, WatcherType } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import { effort } from "../../../../../test/effort.js";
import { testSeed } from "../../../../../test/seed.js";
import { Watches } from "./index.js";

type Table = "data" | "children";
type Mode = "standard" | "persistent" | "recursive";
interface Watch {
  readonly table: Table;
  readonly path: string;
  readonly connection: number;
  readonly mode: Mode;
}
type Event = readonly [type: EventType, path: string, connection: number];

/** One entry for each watch, and every question looks at all of them. */
class SlowWatches {
  watches: Watch[] = [];

  add(watch: Watch): void {
    if (!this.watches.some((each) => isSame(each, watch))) this.watches.push(watch);
  }

  remove(picked: (watch: Watch) => boolean): boolean {
    const before = this.watches.length;
    this.watches = this.watches.filter((each) => !picked(each));
    return this.watches.length < before;
  }

  /** Connections in no order. */
  private trigger(table: Table, path: string): number[] {
    const inTable = this.watches.filter((each) => each.table === table);
    const matching = inTable.filter(
      (each) => each.path === path || (each.mode === "recursive" && isBelow(path, each.path)),
    );
    this.remove((each) => matching.includes(each) && each.mode === "standard");
    return [...new Set(matching.map(({ connection }) => connection))];
  }

  fire(kind: "created" | "deleted" | "dataChanged", path: string): Event[] {
    const data = this.trigger("data", path);
    const event = (type: EventType, at: string) => (each: number) => [type, at, each] as const;
    if (kind === "dataChanged") return data.map(event(EventType.NodeDataChanged, path));
    const children = kind === "deleted" ? this.trigger("children", path) : [];
    const own = [...data, ...children.filter((each) => !data.includes(each))];
    const type = kind === "created" ? EventType.NodeCreated : EventType.NodeDeleted;
    const parent = path.slice(0, path.lastIndexOf("/")) || "/";
    return [
      ...own.map(event(type, path)),
      ...this.trigger("children", parent).map(event(EventType.NodeChildrenChanged, parent)),
    ];
  }

  pairs(table: Table): string[] {
    const inTable = this.watches.filter((each) => each.table === table);
    return [...new Set(inTable.map((each) => `${each.path} ${String(each.connection)}`))].sort();
  }
}

function isSame(one: Watch, other: Watch): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isBelow(path: string, ancestor: string): boolean {
  return path !== ancestor && (ancestor === "/" || path.startsWith(`${ancestor}/`));
}

const path = fc.constantFrom("/a", "/a/b", "/a/b/c", "/a/bc", "/d");
const watchedPath = fc.constantFrom("/", "/a", "/a/b", "/a/b/c", "/a/bc", "/d", "/d/", "a");
const connection = fc.integer({ min: 0, max: 3 });

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom("data", "children", "persistent", "recursive"),
      watchedPath,
      connection,
    ),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("created", "deleted", "dataChanged"), path) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("remove"),
      watchedPath,
      connection,
      fc.constantFrom(...Object.values(WatcherType)),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant("close"), connection) },
);

test("do what a list of watches does", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const watches = new Watches<number>();
      const slow = new SlowWatches();
      for (const each of steps) {
        carryOut(each, watches, slow);
        expectEqual(watches, slow);
      }
    }),
    { seed: testSeed(), numRuns: effort(3000, 300) },
  );
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function carryOut(each: Step, watches: Watches<number>, slow: SlowWatches): void {
  const [what, at] = each;
  switch (what) {
    case "data":
    case "children": {
      const [, , who] = each;
      if (what === "data") watches.watchData(at, who);
      else watches.watchChildren(at, who);
      slow.add({ table: what, path: at, connection: who, mode: "standard" });
      return;
    }
    case "persistent":
    case "recursive": {
      const [, , who] = each;
      const { PERSISTENT, PERSISTENT_RECURSIVE } = AddWatchMode;
      watches.addWatch(at, who, what === "recursive" ? PERSISTENT_RECURSIVE : PERSISTENT);
      slow.add({ table: "data", path: at, connection: who, mode: what });
      if (what === "persistent")
        slow.add({ table: "children", path: at, connection: who, mode: what });
      return;
    }
    case "created":
    case "deleted":
    case "dataChanged": {
      const result: TxnResult = {
        type: 1,
        err: 0,
        changes: [{ kind: what, path: at, acl: [], parentAcl: [] }],
      };
      const fired = watches
        .fire(result, () => true)
        .flatMap(({ type, path: on, connections }) =>
          connections.map((who) => [type, on, who] as const),
        );
      const expected = slow.fire(what, at);
      for (let who = 0; who <= 3; who++) {
        const own = ([, , to]: Event) => to === who;
        expect(fired.filter(own)).toEqual(expected.filter(own));
      }
      return;
    }
    case "remove": {
      const [, , who, type] = each;
      const picked = (watch: Watch) =>
        watch.path === at && watch.connection === who && isOfType(watch, type);
      expect(watches.has(at, who, type)).toBe(slow.watches.some(picked));
      expect(watches.remove(at, who, type)).toBe(slow.remove(picked));
      return;
    }
    case "close":
      watches.removeConnection(at);
      slow.remove((watch) => watch.connection === at);
  }
}

function isOfType({ table, mode }: Watch, type: WatcherType): boolean {
  switch (type) {
    case WatcherType.Children:
      return table === "children" && mode === "standard";
    case WatcherType.Data:
      return table === "data" && mode === "standard";
    case WatcherType.Any:
      return true;
    case WatcherType.Persistent:
      return mode === "persistent";
    case WatcherType.PersistentRecursive:
      return mode === "recursive";
  }
}

function expectEqual(watches: Watches<number>, slow: SlowWatches): void {
  for (const table of ["data", "children"] as const) {
    const pairs = slow.pairs(table);
    const { watchCount, pathCount, connectionCount } = watches[table];
    expect([watchCount, pathCount, connectionCount]).toEqual([
      pairs.length,
      new Set(pairs.map((pair) => pair.split(" ")[0])).size,
      new Set(pairs.map((pair) => pair.split(" ")[1])).size,
    ]);
    const byPath = [...watches[table].byPath()].flatMap(([at, all]) =>
      all.map((who) => `${at} ${String(who)}`),
    );
    expect(byPath.sort()).toEqual(pairs);
    const byConnection = [...watches[table].byConnection()].flatMap(([who, all]) =>
      all.map((at) => `${at} ${String(who)}`),
    );
    expect(byConnection.sort()).toEqual(pairs);
  }
}
