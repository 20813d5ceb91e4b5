/** What the guard makes of its figures: no measuring, no files. */

/** What is on record, and measured, for `workload/mode`. */
export interface Figures {
  /** The frozen implementation's time over ours. */
  readonly ratio: number;
  /** Bytes that we allocate for one operation, heap and ArrayBuffers together. */
  readonly bytes: number;
}

export type FiguresByCase = Readonly<Record<string, Figures>>;

/** By major version of Node. */
export type GuardRecord = Readonly<Record<string, FiguresByCase>>;

export interface Verdict {
  /** `workload/mode` */
  readonly key: string;
  readonly measured: Figures;
  readonly recorded: Figures | undefined;
  readonly failure: string | undefined;
}

/** The lead may shrink to this share of the recorded one before anybody is alarmed. */
const LEAST_SHARE_OF_RATIO = 1 / 2;

/** Allocations may grow to this multiple of the recorded ones, and by a little more. */
const GREATEST_SHARE_OF_BYTES = 1.5;
const SPARE_BYTES = 64;

/** The figures of this major version, or else those of the version next to it. */
export function recordedFor(record: GuardRecord, major: number): FiguresByCase {
  const distance = (version: string): number => Math.abs(Number(version) - major);
  const [nearest] = Object.keys(record).sort((a, b) => distance(a) - distance(b));
  return record[nearest ?? ""] ?? {};
}

/** A verdict for each case that was measured, and a failed one for each on record that was not. */
export function judge(measured: FiguresByCase, recorded: FiguresByCase): Verdict[] {
  const missing = Object.keys(recorded).filter((key) => measured[key] === undefined);
  return [
    ...Object.entries(measured).map(([key, figures]) => {
      const before = recorded[key];
      return { key, measured: figures, recorded: before, failure: complaint(figures, before) };
    }),
    ...missing.map((key) => ({
      key,
      measured: { ratio: NaN, bytes: NaN },
      recorded: recorded[key],
      failure: "is on record and was not measured",
    })),
  ];
}

function complaint(now: Figures, before: Figures | undefined): string | undefined {
  if (before === undefined) return "nothing is recorded: run with --record";
  // Not the opposite comparisons: a figure that is no number must not pass.
  const hasLead = now.ratio >= before.ratio * LEAST_SHARE_OF_RATIO;
  const isFrugal = now.bytes <= before.bytes * GREATEST_SHARE_OF_BYTES + SPARE_BYTES;
  const complaints = [
    ...(hasLead ? [] : ["lost its lead"]),
    ...(isFrugal ? [] : ["allocates more"]),
  ];
  return complaints.length === 0 ? undefined : complaints.join(", ");
}
