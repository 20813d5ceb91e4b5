/** Items as a user wants to see them. */
import {
  type Item,
  itemDump,
  Summary,
  tableHead,
  type TextSink,
  writeItemJson,
  writeItemLine,
  writeTableRow,
} from "@jute-ts/inspect";
import type { ResultWriter } from "./result-writer.js";

/** The forms of output. */
export const ITEM_OUTPUTS = ["lines", "dump", "table", "json", "summary"] as const;
export type ItemOutput = (typeof ITEM_OUTPUTS)[number];

/** How items are printed. */
export interface ItemForm {
  readonly output: ItemOutput;
  /** Dumps show every byte. */
  readonly isFull: boolean;
}

export interface ItemPrinter {
  /** Prints what stands above all items. */
  begin(): void;
  print(item: Item): void;
  /** Prints what can be said only at the end. */
  end(): void;
}

/** Prints to `writer`. */
export function itemPrinter({ output, isFull }: ItemForm, writer: ResultWriter): ItemPrinter {
  if (output === "summary") return summaryPrinter(writer);
  const write = itemWriter(output, isFull);
  return {
    begin: () => {
      if (output === "table") writer.line(tableHead());
    },
    print: (item) => {
      write(item, writer.sink);
      writer.endLine();
    },
    end: () => undefined,
  };
}

function summaryPrinter(writer: ResultWriter): ItemPrinter {
  const summary = new Summary();
  return {
    begin: () => undefined,
    print: (item) => {
      summary.add(item);
    },
    end: () => {
      writer.line(summary.text().trimEnd());
    },
  };
}

/** Writes an item without a line end, and mostly without making a string of it. */
function itemWriter(
  output: Exclude<ItemOutput, "summary">,
  isFull: boolean,
): (item: Item, sink: TextSink) => void {
  switch (output) {
    case "lines":
      return writeItemLine;
    case "json":
      return writeItemJson;
    case "table":
      return writeTableRow;
    case "dump": {
      const options = isFull ? { maxFieldBytes: Infinity } : {};
      return (item, sink) => {
        sink.text(itemDump(item, options));
      };
    }
  }
}
