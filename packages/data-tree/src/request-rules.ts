/** What holds for the versions and the paths that requests name. */
import { ErrorCode } from "@jute-ts/zookeeper";
import { isFatalLimit } from "./quota-rules.js";
import { RequestRefused, require } from "./request-refused.js";
import { CONFIG, QUOTA, SYSTEM } from "./znode-path.js";

/** Refuses a version other than the expected one. The next version is never -1, which as an expected version means any (ZOOKEEPER-4743). */
export function nextVersion(current: number, expected: number): number {
  require(expected === ANY_VERSION || expected === current, ErrorCode.BADVERSION);
  const next = (current + 1) | 0;
  return next === ANY_VERSION ? 0 : next;
}

/** Where a path's parent would be. The path may still get a number appended, so it need not be valid yet. */
export function parentOf(path: string): string {
  const lastSlash = path.lastIndexOf("/");
  require(lastSlash !== -1 && !path.includes("\0"), ErrorCode.BADARGUMENTS);
  return path.slice(0, lastSlash);
}

/** The paths of a znode that is to be deleted, and of its parent. */
export function splitForDelete(path: string | null): { znodePath: string; parentPath: string } {
  // Java says this of a delete alone; other requests with no path have a wrong one.
  if (path === null) throw RequestRefused.of(ErrorCode.MARSHALLINGERROR);
  require(!INDELIBLE.has(path) && !isFatalLimit(path), ErrorCode.BADARGUMENTS);
  return { znodePath: path, parentPath: parentOf(path) };
}

/** What no client may delete. */
const INDELIBLE: ReadonlySet<string> = new Set(["/", SYSTEM, QUOTA, CONFIG]);

/** As an expected version: whatever it is. */
const ANY_VERSION = -1;
