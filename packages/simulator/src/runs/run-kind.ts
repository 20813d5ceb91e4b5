/**
 * The two kinds of runs: in one, clients ask the peers, and everything about the
 * quorum's protocol is judged; in the other, clients speak ZooKeeper's protocol to
 * the client ports of the servers, and what they see is judged.
 */
import { clientPortCast } from "../client-port/client-port-cast.js";
import { EXPECTED_OF_FRAMES } from "../client-port/frame-coverage.js";
import type { CoverageArea } from "../trace/coverage.js";
import { EXPECTED_COVERAGE } from "./expected-coverage.js";
import type { Cast } from "./run-seed.js";
import { standardCast } from "./standard-cast.js";

export type RunKind = "quorum" | "client-port";

/** The kind of a seed, where so many of a hundred speak to client ports. The same for the same seed. */
export function kindOf(seed: number, clientPortPercent: number): RunKind {
  // Neighbours differ: 37 and 100 have no divisor in common. The last two digits say it: a large seed times 37 would be rounded.
  return ((seed % 100) * 37) % 100 < clientPortPercent ? "client-port" : "quorum";
}

export function castOf(kind: RunKind): Cast {
  return kind === "quorum" ? standardCast : clientPortCast;
}

/** What many runs should reach, where so many of a hundred speak to client ports. */
export function expectedOf(
  clientPortPercent: number,
): Readonly<Partial<Record<CoverageArea, readonly string[]>>> {
  if (clientPortPercent === 0) return EXPECTED_COVERAGE;
  if (clientPortPercent === 100) return EXPECTED_OF_FRAMES;
  const both = (area: CoverageArea): readonly string[] => [
    ...(EXPECTED_COVERAGE[area] ?? []),
    ...(EXPECTED_OF_FRAMES[area] ?? []),
  ];
  const common = { fault: both("fault"), ensemble: both("ensemble") };
  return { ...EXPECTED_COVERAGE, ...EXPECTED_OF_FRAMES, ...common };
}
