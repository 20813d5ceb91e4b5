/** Whether sequential znodes got numbers of their own, in the order of their creation. */
import type { Entry } from "../clients/history.js";
import { LINE } from "../clients/znodes.js";
import { describe, writesOf } from "./writes.js";

export function judgeNames(entries: readonly Entry[]): readonly string[] {
  let last = -1;
  return writesOf(entries).flatMap(({ operation, path }) => {
    if (operation.request.op !== "create" || !path.startsWith(`${LINE}/`)) return [];
    const number = Number(/\d{10}$/.exec(path)?.[0] ?? NaN);
    const before = last;
    last = number;
    if (number > before) return [];
    return [`${describe(operation)} made ${path}, after number ${before}`];
  });
}
