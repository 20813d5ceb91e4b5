/**
 * Puts the processes' results together: ratios and times as medians over the
 * repetitions, then one line of the table for each question that the goals ask.
 * A mean holds only what is like for like.
 */
import { geometricMean, median } from "./measure.js";
import { APACHE_C, APACHE_JAVA } from "./apache.js";
import { COPY, RIVAL_NAMES, WITHOUT_BUFFER } from "./peers/index.js";
import { JUTE } from "./peers/jute.js";
import type { Mode } from "./peers/peer.js";
import { SKETCH } from "./peers/sketch.js";
import type { Unlike, WorkerResult } from "./worker-protocol.js";

export interface Report {
  readonly date: string;
  readonly machine: string;
  /** What ran the code, e.g. `Node 20.20.2 (V8 11.3.244.8)`. */
  readonly host: string;
  readonly quick: boolean;
  readonly versions: Readonly<Record<string, string>>;
  /** What a reader must know about single peers. */
  readonly notes: readonly string[];
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
  /** Why it is shown but belongs to no mean. */
  readonly unlike?: Unlike | undefined;
  /** In bytes for each operation. Undefined for other processes, and in browsers. */
  readonly heap?: number | undefined;
  readonly external?: number | undefined;
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
          unlike: timing.unlike,
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
    ratio: rounded(median(ratios)),
    nanoseconds: rounded(median(times)),
  }));
}

/** To five digits: more would be noise in the stored results. */
function rounded(value: number): number {
  return Number(value.toPrecision(5));
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
  if (found === undefined) return {};
  return { heap: rounded(found.heap), external: rounded(found.external) };
}

/** One line of figures: a value for each workload and the geometric mean of those that are alike. */
export interface Line {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
  /** Why a value is left out of the mean, for each value. */
  readonly unlike: readonly (Unlike | undefined)[];
  readonly mean: number | undefined;
  /** Names the fastest rival of each column, where the line is about that. */
  readonly names?: readonly (string | undefined)[];
}

/** The ratio of the fastest JavaScript rival to ours, per workload, among those that are alike. */
export function fastestRival(report: Report, mode: Mode): Line {
  const fastest = report.workloads.map(({ id }) => {
    const rivals = report.cells.filter(
      (cell) =>
        cell.workload === id &&
        cell.mode === mode &&
        cell.unlike === undefined &&
        RIVAL_NAMES.includes(cell.peer),
    );
    return rivals.reduce<Cell | undefined>(
      (best, cell) => (best === undefined || cell.ratio < best.ratio ? cell : best),
      undefined,
    );
  });
  return {
    ...lineOf("fastest JS peer", fastest, (cell) => cell.ratio),
    names: fastest.map((cell) => cell?.peer),
  };
}

export function peerLine(report: Report, peer: string, mode: Mode): Line {
  return lineOf(peer, cellsIn(report, peer, mode), (cell) => cell.ratio);
}

export function oursLine(
  report: Report,
  mode: Mode,
  label: string,
  value: (cell: Cell) => number | undefined,
): Line {
  return lineOf(label, cellsIn(report, JUTE, mode), value);
}

/** The peers that were measured, in the order of the table. */
export function measuredPeers(report: Report): string[] {
  const present = new Set(report.cells.map((cell) => cell.peer));
  return [...RIVAL_NAMES, APACHE_JAVA, APACHE_C, SKETCH, WITHOUT_BUFFER, COPY].filter((name) =>
    present.has(name),
  );
}

function cellsIn(report: Report, peer: string, mode: Mode): (Cell | undefined)[] {
  return report.workloads.map(({ id }) =>
    report.cells.find((cell) => cell.workload === id && cell.peer === peer && cell.mode === mode),
  );
}

function lineOf(
  label: string,
  cells: readonly (Cell | undefined)[],
  value: (cell: Cell) => number | undefined,
): Line {
  const values = cells.map((cell) => (cell === undefined ? undefined : value(cell)));
  const unlike = cells.map((cell) => cell?.unlike);
  const alike = values.filter(
    (each, index) => each !== undefined && each > 0 && unlike[index] === undefined,
  ) as number[];
  return { label, values, unlike, mean: alike.length === 0 ? undefined : geometricMean(alike) };
}
