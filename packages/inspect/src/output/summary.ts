/**
 * What a source holds in numbers: requests by op and by path, how long they took, what
 * failed. Memory does not grow with the source: paths beyond a number of them are
 * counted together, and latencies are kept in classes that are 5 % wide.
 */
import { quantity } from "../quantity.js";
import type { JsonObject } from "@jute-ts/runtime";
import type { Item } from "../item.js";
import { errorName, timeText } from "../meanings.js";
import { utf8Text } from "../messages/text.js";
import { isAscii, PathIndex } from "../quick/path-index.js";
import { Latencies } from "./latencies.js";
import { plainText } from "../shown-text.js";

interface Group {
  count: number;
  errors: number;
  bytes: number;
  readonly latencies: Latencies;
}

export class Summary {
  readonly #ops = new Map<string, Group>();
  /** The same groups by kind, then by name. */
  readonly #opsByKind = new Map<string, Map<string, Group>>();
  readonly #paths = new Map<string, Group>();
  /** Some of the same groups. */
  readonly #pathIndex = new PathIndex<Group>();
  readonly #errors = new Map<string, number>();
  #items = 0;
  #bytes = 0;
  #faults = 0;
  #faultBytes = 0;
  #missingBytes = 0;
  #firstTimeMs = Infinity;
  #lastTimeMs = -Infinity;

  add(item: Item): void {
    this.#items++;
    this.#bytes += item.length;
    if (item.kind === "gap") this.#missingBytes += item.length;
    if (item.kind === "fault") this.#faultBytes += item.length;
    if (item.hasFaults) this.#faults += item.faults.length;
    if (item.kind === "fault" || item.kind === "gap" || item.kind === "padding") return;
    const { timeMs, err } = item;
    if (timeMs !== undefined && timeMs > 0) {
      this.#firstTimeMs = Math.min(this.#firstTimeMs, timeMs);
      this.#lastTimeMs = Math.max(this.#lastTimeMs, timeMs);
    }
    const counts: Counts = { length: item.length, err, latencyMs: item.latencyMs };
    count(this.#groupOfOp(item.kind, item.name), counts);
    if (COUNTED_BY_PATH.has(item.kind)) this.#countPaths(item, counts);
    if (err !== undefined && err !== 0) {
      const name = errorName(err);
      this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1);
    }
  }

  /** Tables for people, with a line end. */
  text(): string {
    const { items, bytes, faults, missingBytes, faultBytes, from, to } = this.#totals();
    const lines = [
      `${quantity(items, "item")}, ${quantity(bytes, "byte")}${from === null ? "" : `, from ${from} to ${to ?? ""}`}`,
    ];
    if (faults > 0) {
      lines.push(`${quantity(faults, "fault")}, ${quantity(faultBytes, "byte")} not decoded`);
    }
    if (missingBytes > 0) lines.push(`${quantity(missingBytes, "byte")} not captured`);
    lines.push("", ...groupTable("what", sorted(this.#ops)));
    if (this.#paths.size > 0) {
      lines.push("", ...groupTable("path", sorted(this.#paths).slice(0, SHOWN_PATHS)));
      const hidden = this.#paths.size - SHOWN_PATHS;
      if (hidden > 0) lines.push(`… ${quantity(hidden, "more path")}`);
    }
    if (this.#errors.size > 0) {
      const errors = [...this.#errors].sort(([, a], [, b]) => b - a);
      lines.push("", "errors", ...errors.map(([name, n]) => `${String(n).padStart(8)}  ${name}`));
    }
    return `${lines.join("\n")}\n`;
  }

  json(): JsonObject {
    return {
      ...this.#totals(),
      ops: groupsJson(sorted(this.#ops)),
      paths: groupsJson(sorted(this.#paths).slice(0, JSON_PATHS)),
      errors: Object.fromEntries(this.#errors),
    };
  }

  #totals() {
    const hasTime = this.#firstTimeMs !== Infinity;
    return {
      items: this.#items,
      bytes: this.#bytes,
      faults: this.#faults,
      faultBytes: this.#faultBytes,
      missingBytes: this.#missingBytes,
      from: hasTime ? (timeText(this.#firstTimeMs) ?? null) : null,
      to: hasTime ? (timeText(this.#lastTimeMs) ?? null) : null,
    };
  }

  /** Joining two names costs more than looking up both. */
  #groupOfOp(kind: string, name: string): Group {
    const known = this.#opsByKind.get(kind)?.get(name);
    if (known !== undefined) return known;
    const group = groupOf(this.#ops, `${kind} ${name}`);
    const groups = this.#opsByKind.get(kind) ?? new Map<string, Group>();
    this.#opsByKind.set(kind, groups.set(name, group));
    return group;
  }

  #countPaths(item: Item, counts: Counts): void {
    const isFound = item.quick?.eachPath?.((bytes, start, end) => {
      count(this.#groupOfBytes(bytes, start, end), counts);
    });
    if (isFound === true) return;
    for (const path of item.paths) count(this.#groupOfPath(path), counts);
  }

  #groupOfBytes(bytes: Uint8Array, start: number, end: number): Group {
    const known = this.#pathIndex.get(bytes, start, end);
    if (known !== undefined) return known;
    // Other bytes can be the same text, if it is not ASCII.
    if (!isAscii(bytes, start, end)) return this.#groupOfPath(utf8Text(bytes.subarray(start, end)));
    const others = this.#paths.get(OTHER_PATHS);
    if (others !== undefined && this.#pathIndex.size === this.#paths.size - 1) return others;
    const group = this.#groupOfPath(utf8Text(bytes.subarray(start, end)));
    if (group !== this.#paths.get(OTHER_PATHS)) this.#pathIndex.add(bytes, start, end, group);
    return group;
  }

  #groupOfPath(path: string): Group {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    return groupOf(this.#paths, this.#paths.size < MOST_PATHS ? path : OTHER_PATHS);
  }
}

function groupOf(groups: Map<string, Group>, key: string): Group {
  let group = groups.get(key);
  if (group === undefined) {
    group = { count: 0, errors: 0, bytes: 0, latencies: new Latencies() };
    groups.set(key, group);
  }
  return group;
}

/** What an item adds to its groups. */
type Counts = Pick<Item, "length" | "err" | "latencyMs">;

function count(group: Group, { length, err, latencyMs }: Counts): void {
  group.count++;
  group.bytes += length;
  if (err !== undefined && err !== 0) group.errors++;
  if (latencyMs !== undefined) group.latencies.add(latencyMs);
}

function sorted(groups: ReadonlyMap<string, Group>): [string, Group][] {
  return [...groups].sort(([, a], [, b]) => b.count - a.count);
}

function groupTable(title: string, groups: readonly [string, Group][]): string[] {
  const head = ["count", "errors", "bytes", "p50 ms", "p99 ms", "max ms"];
  const withLatency = groups.some(([, { latencies }]) => latencies.count > 0);
  const columns = withLatency ? head : head.slice(0, 3);
  return [
    `${columns.map((each) => each.padStart(10)).join("")}  ${title}`,
    ...groups.map(([name, group]) => {
      const cells = [group.count, group.errors, group.bytes].map(String);
      if (withLatency) cells.push(...latencyCells(group.latencies));
      return `${cells.map((cell) => cell.padStart(10)).join("")}  ${plainText(name)}`;
    }),
  ];
}

function latencyCells(latencies: Latencies): string[] {
  if (latencies.count === 0) return ["", "", ""];
  return [latencies.quantile(0.5), latencies.quantile(0.99), latencies.max].map((ms) =>
    ms.toFixed(3),
  );
}

function groupsJson(groups: readonly [string, Group][]): JsonObject {
  return Object.fromEntries(
    groups.map(([name, group]) => {
      const { latencies } = group;
      const latencyMs =
        latencies.count === 0
          ? {}
          : {
              latencyMs: {
                p50: latencies.quantile(0.5),
                p99: latencies.quantile(0.99),
                max: latencies.max,
              },
            };
      const { count: number, errors, bytes } = group;
      return [name, { count: number, errors, bytes, ...latencyMs }];
    }),
  );
}

/** Responses have the paths of their requests, which would count them twice. */
const COUNTED_BY_PATH: ReadonlySet<string> = new Set(["request", "txn"]);
const MOST_PATHS = 10_000;
const OTHER_PATHS = "(other paths)";
const SHOWN_PATHS = 20;
const JSON_PATHS = 1000;
