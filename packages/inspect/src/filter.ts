/** Which items are asked for. What an item lacks, it cannot match; gaps and faults always pass, because they say what is not shown. */
import { isMultiOpCode } from "@jute-ts/zookeeper";
import type { Item } from "./item.js";
import { opName } from "./meanings.js";

export interface FilterOptions {
  /** Znodes: a path stands for itself and what is below it; `*` in it for any part of one name. */
  readonly paths?: readonly string[] | undefined;
  readonly sessionIds?: readonly bigint[] | undefined;
  /** Names of ops, those inside of a multi too, and of packets: `create`, `PROPOSAL`. In any case of letters. */
  readonly ops?: readonly string[] | undefined;
  /** The first and the last zxid, both included. */
  readonly fromZxid?: bigint | undefined;
  readonly toZxid?: bigint | undefined;
  /** The first and the last time, in milliseconds since 1970, both included. */
  readonly fromTimeMs?: number | undefined;
  readonly toTimeMs?: number | undefined;
  /** Only what failed. */
  readonly onlyErrors?: boolean | undefined;
}

/** Makes the test. Cheap conditions are asked first. */
export function itemFilter(options: FilterOptions): (item: Item) => boolean {
  const tests = testsOf(options);
  if (tests.length === 0) return () => true;
  return (item) => PASSED.has(item.kind) || tests.every((test) => test(item));
}

function testsOf(options: FilterOptions): ((item: Item) => boolean)[] {
  const { paths, sessionIds, ops, fromZxid, toZxid, fromTimeMs, toTimeMs } = options;
  const tests: ((item: Item) => boolean)[] = [];
  if (sessionIds !== undefined) {
    const sessions = new Set(sessionIds);
    tests.push(({ sessionId }) => sessionId !== undefined && sessions.has(sessionId));
  }
  if (ops !== undefined) {
    const names = new Set(ops.map((op) => op.toLowerCase()));
    // A packet can carry a request or a txn, and a multi others, whose ops are meant as well.
    tests.push(
      (item) =>
        names.has(item.name.toLowerCase()) ||
        (item.opCode !== undefined &&
          (names.has(opName(item.opCode).toLowerCase()) ||
            (isMultiOpCode(item.opCode) &&
              item.innerOps.some((op) => names.has(op.toLowerCase()))))),
    );
  }
  if (fromZxid !== undefined || toZxid !== undefined) {
    tests.push(({ zxid }) => within(zxid, fromZxid, toZxid));
  }
  if (fromTimeMs !== undefined || toTimeMs !== undefined) {
    tests.push(({ timeMs }) => within(timeMs, fromTimeMs, toTimeMs));
  }
  if (options.onlyErrors === true) tests.push(({ err }) => err !== undefined && err !== 0);
  if (paths !== undefined) {
    const patterns = paths.map(pathPattern);
    tests.push((item) => item.paths.some((path) => patterns.some((each) => each.test(path))));
  }
  return tests;
}

function within<T extends number | bigint>(
  value: T | undefined,
  from: T | undefined,
  to: T | undefined,
): boolean {
  if (value === undefined) return false;
  return (from === undefined || value >= from) && (to === undefined || value <= to);
}

function pathPattern(path: string): RegExp {
  const trimmed = path === "/" ? "" : path.replace(/\/+$/, "");
  const escaped = trimmed.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^${escaped}(?:/|$)`);
}

const PASSED: ReadonlySet<string> = new Set(["fault", "gap"]);
