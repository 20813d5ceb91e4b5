/** What is done with a run of a log's records, in whatever thread: decoded, filtered and printed. */
import { decodeRun, type FilterOptions, itemFilter, type LogRun } from "@jute-ts/inspect";
import { type ItemForm, itemPrinter } from "./item-output.js";
import { ResultWriter } from "./result-writer.js";

/** What is to be shown, and how: items one by one, and no summary of them. Can be sent to another thread. */
export interface ShownItems {
  readonly form: ItemForm;
  readonly filter: FilterOptions;
}

export interface SegmentAnswer {
  /** Those of the run, given back. */
  readonly bytes: Uint8Array;
  /** Undefined: not all of the records are sound. */
  readonly shown: ShownSegment | undefined;
}

export interface ShownSegment {
  /** The text, in pieces. */
  readonly pieces: readonly Uint8Array[];
  readonly faults: number;
}

/** Makes what answers each run of a log. */
export function segmentShower({ form, filter }: ShownItems): (run: LogRun) => SegmentAnswer {
  const matches = itemFilter(filter);
  let pieces: Uint8Array[] = [];
  const writer = new ResultWriter({ write: (piece) => pieces.push(piece) });
  const printer = itemPrinter(form, writer);
  return (run) => {
    const { bytes } = run;
    const items = decodeRun(run);
    if (items === undefined) return { bytes, shown: undefined };
    pieces = [];
    let faults = 0;
    for (const item of items) {
      // Records with the right checksum that are not shown need not be taken apart.
      if (!matches(item)) continue;
      printer.print(item);
      if (item.hasFaults) faults += item.faults.length;
    }
    writer.flush();
    return { bytes, shown: { pieces, faults } };
  };
}
