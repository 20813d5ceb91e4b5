/** Compares what a server says has become of a request with what should have. */
import type { Stat } from "@jute-ts/zookeeper";
import type { TxnResult } from "@jute-ts/quorum";
import type { ExpectedOutcome } from "./request-model.js";
import { differenceOfStats } from "./znode-model.js";

/** Undefined when all is right. */
export function differenceOfOutcomes(
  expected: ExpectedOutcome,
  actual: TxnResult,
): string | undefined {
  if (actual.err !== expected.err) return `error ${actual.err}, where ${expected.err} is right`;
  if (expected.path !== undefined && actual.path !== expected.path)
    return `path ${actual.path ?? "none"}, where ${expected.path} is right`;
  if (expected.stat !== undefined) {
    const difference = differenceOf(expected.stat, actual.stat);
    if (difference !== undefined) return difference;
  }
  const parts = expected.parts ?? [];
  if (parts.length !== (actual.parts?.length ?? 0))
    return `${actual.parts?.length ?? 0} parts, where ${parts.length} were asked for`;
  for (const [at, part] of parts.entries()) {
    const found = actual.parts?.[at];
    const difference = found === undefined ? undefined : differenceOfOutcomes(part, found);
    if (difference !== undefined) return `part ${at + 1}: ${difference}`;
  }
  return undefined;
}

function differenceOf(
  expected: NonNullable<ExpectedOutcome["stat"]>,
  actual: Stat | undefined,
): string | undefined {
  return actual === undefined ? "the stat is missing" : differenceOfStats(expected, actual);
}
