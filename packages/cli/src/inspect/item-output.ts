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

export interface ItemPrinter {
  print(item: Item): void;
  /** Prints what can be said only at the end. */
  end(): void;
}

/** Prints to `writer`. `isFull`: dumps show every byte. */
export function itemPrinter(
  output: ItemOutput,
  isFull: boolean,
  writer: ResultWriter,
): ItemPrinter {
  switch (output) {
    case "lines":
      return sunk(writeItemLine, writer);
    case "dump":
      return linesOf((item) => itemDump(item, isFull ? { maxFieldBytes: Infinity } : {}), writer);
    case "json":
      return sunk(writeItemJson, writer);
    case "table":
      writer.line(tableHead());
      return sunk(writeTableRow, writer);
    case "summary": {
      const summary = new Summary();
      return {
        print: (item) => {
          summary.add(item);
        },
        end: () => {
          writer.line(summary.text().trimEnd());
        },
      };
    }
  }
}

/** Without making a string for each line. */
function sunk(write: (item: Item, sink: TextSink) => void, writer: ResultWriter): ItemPrinter {
  return {
    print: (item) => {
      write(item, writer.sink);
      writer.endLine();
    },
    end: () => undefined,
  };
}

function linesOf(textOf: (item: Item) => string, writer: ResultWriter): ItemPrinter {
  return {
    print: (item) => {
      writer.line(textOf(item));
    },
    end: () => undefined,
  };
}
