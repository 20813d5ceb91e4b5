/**
 * Puts the processes' results together: ratios and times as medians over the
 * repetitions, then one line of the table for each question that the goals ask.
 */
import { geometricMean, median } from "./measure.js";
import { APACHE_C, APACHE_JAVA } from "./apache.js";
import { COPY, RIVAL_NAMES, WITHOUT_BUFFER } from "./peers/index.js";
import { JUTE } from "./peers/jute.js";
import type { Mode } from "./peers/peer.js";
import type { WorkerResult } from "./worker-protocol.js";

export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly v8: string;
  readonly quick: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly workloads: readonly { id: string; title: string; bytes: number }[];
  readonly cells: readonly Cell[];
}

export interface Cell {
  readonly workload: string;
  readonly peer: string;
  readonly mode: Mode;
  readonly nanoseconds: number;
  /** The peer's time over ours: above 1 means that we are faster. */
  readonly ratio: number;
  /** In bytes for each operation. Undefined for other processes. */
  readonly heap: number | undefined;
  readonly external: number | undefined;
}

export function cellsOf(results: readonly WorkerResult[]): Cell[] {
  const keyed = new Map<string, { ratios: number[]; times: number[]; cell: Cell }>();
  for (const result of results) {
    for (const timing of result.timings) {
      const key = [result.workload, timing.peer, timing.mode].join("/");
      const entry = keyed.get(key) ?? {
        ratios: [],
        times: [],
        cell: {
          workload: result.workload,
          peer: timing.peer,
          mode: timing.mode,
          nanoseconds: NaN,
          ratio: NaN,
          ...allocationsOf(results, result.workload, timing.peer, timing.mode),
        },
      };
      entry.ratios.push(timing.ratio);
      entry.times.push(timing.nanoseconds);
      keyed.set(key, entry);
    }
  }
  return [...keyed.values()].map(({ ratios, times, cell }) => ({
    ...cell,
    ratio: median(ratios),
    nanoseconds: median(times),
  }));
}

function allocationsOf(
  results: readonly WorkerResult[],
  workload: string,
  peer: string,
  mode: Mode,
): Pick<Cell, "heap" | "external"> {
  const found = results
    .filter((result) => result.workload === workload)
    .flatMap((result) => result.allocations)
    .find((each) => each.peer === peer && each.mode === mode);
  return { heap: found?.heap, external: found?.external };
}

/** One line of figures: a value for each workload and their geometric mean. */
export interface Line {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
  readonly mean: number | undefined;
  /** Names the fastest rival of each column, where the line is about that. */
  readonly notes?: readonly (string | undefined)[];
}

/** The ratio of the fastest JavaScript rival to ours, per workload. */
export function fastestRival(report: Report, mode: Mode): Line {
  const fastest = report.workloads.map(({ id }) => {
    const rivals = report.cells.filter(
      (cell) => cell.workload === id && cell.mode === mode && RIVAL_NAMES.includes(cell.peer),
    );
    return rivals.reduce<Cell | undefined>(
      (best, cell) => (best === undefined || cell.ratio < best.ratio ? cell : best),
      undefined,
    );
  });
  return {
    ...line(
      "fastest JS peer",
      fastest.map((cell) => cell?.ratio),
    ),
    notes: fastest.map((cell) => cell?.peer),
  };
}

export function peerLine(report: Report, peer: string, mode: Mode): Line {
  return line(
    peer,
    report.workloads.map(({ id }) => find(report, id, peer, mode)?.ratio),
  );
}

export function oursLine(
  report: Report,
  mode: Mode,
  label: string,
  value: (cell: Cell) => number | undefined,
): Line {
  return line(
    label,
    report.workloads.map(({ id }) => {
      const cell = find(report, id, JUTE, mode);
      return cell === undefined ? undefined : value(cell);
    }),
  );
}

/** The peers that were measured, in the order of the table. */
export function measuredPeers(report: Report): string[] {
  const present = new Set(report.cells.map((cell) => cell.peer));
  return [...RIVAL_NAMES, APACHE_JAVA, APACHE_C, WITHOUT_BUFFER, COPY].filter((name) =>
    present.has(name),
  );
}

export function find(report: Report, workload: string, peer: string, mode: Mode): Cell | undefined {
  return report.cells.find(
    (cell) => cell.workload === workload && cell.peer === peer && cell.mode === mode,
  );
}

function line(label: string, values: readonly (number | undefined)[]): Line {
  const known = values.filter((value) => value !== undefined && value > 0) as number[];
  return { label, values, mean: known.length === 0 ? undefined : geometricMean(known) };
}
