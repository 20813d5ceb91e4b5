/** The files `acceptedEpoch` and `currentEpoch`: one decimal number, of which Java reads the first line. */
import { decodeEpochFile, EpochFileError } from "@jute-ts/persistence";
import { FieldTrace } from "../field-trace.js";
import { Item } from "../item.js";
import { textOf } from "../meanings.js";

/** The whole content of such a file. */
export function layEpoch(bytes: Uint8Array): Item {
  const trace = new FieldTrace(bytes, 0);
  let epoch: number | undefined;
  try {
    epoch = decodeEpochFile(bytes);
  } catch (error) {
    if (!(error instanceof EpochFileError)) throw error;
    trace.fail(error.message);
  }
  trace.rest("epoch", textOf(bytes));
  const { fields, faults } = trace;
  return new Item(
    { kind: "epoch", name: "epoch", offset: 0, length: bytes.length, bytes },
    { fields, faults, paths: [], detail: `epoch=${epoch ?? "?"}`, json: { epoch: epoch ?? null } },
  );
}
