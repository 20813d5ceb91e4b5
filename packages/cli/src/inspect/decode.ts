/** Decodes one source after the other, and says how it went. */
import {
  CaptureDecoder,
  createDecoder,
  type DecodeOptions,
  type FilterOptions,
  type Format,
  type Item,
  itemFilter,
  recognizeFormat,
} from "@jute-ts/inspect";
import { progressOn } from "../progress.js";
import { type ExitCode, type Surroundings, UsageError } from "../surroundings.js";
import { notDecoded, packetCounts } from "./capture-counts.js";
import { type ByteSource, DamagedGzipError, MAGIC_BYTES, peeked } from "./input.js";
import { itemPrinter, type ItemOutput } from "./item-output.js";
import { ResultWriter } from "./result-writer.js";

export interface DecodeRequest {
  readonly sources: readonly ByteSource[];
  /** Undefined: by the first bytes of each source. */
  readonly format: Format | undefined;
  readonly options: DecodeOptions;
  readonly filter: FilterOptions;
  readonly output: ItemOutput;
  /** Dumps show every byte. */
  readonly isFull: boolean;
}

/** 1 when a source has a fault: something in it is not what it should be. */
export async function decode(
  request: DecodeRequest,
  surroundings: Surroundings,
): Promise<ExitCode> {
  let faults = 0;
  for (const source of request.sources) {
    faults += await decodeSource(source, request, surroundings);
  }
  return faults > 0 ? 1 : 0;
}

/** Returns how many faults there are. */
async function decodeSource(
  source: ByteSource,
  request: DecodeRequest,
  surroundings: Surroundings,
): Promise<number> {
  const progress = progressOn(surroundings, `${source.name}: MiB`);
  const writer = new ResultWriter(surroundings.stdout);
  const isText = request.output !== "json";
  if (isText && request.sources.length > 1) writer.line(`== ${source.name}`);
  const chunks = source.chunks((bytes) => {
    progress.update(mebibytes(bytes), mebibytes(source.size ?? bytes));
  });
  const { first, all } = await peeked(chunks, MAGIC_BYTES);
  const decoder = createDecoder(request.format ?? formatOf(source, first), request.options);
  const printer = itemPrinter(request.output, request.isFull, writer);
  const matches = itemFilter(request.filter);
  let faults = 0;
  const show = (items: readonly Item[]): void => {
    for (const item of items) {
      const isShown = matches(item);
      if (isShown) printer.print(item);
      // A record whose checksum is right need not be taken apart only to be left out.
      if ((isShown || item.isSuspect) && item.hasFaults) faults += item.faults.length;
    }
  };
  try {
    for await (const chunk of all) {
      show(decoder.push(chunk));
      // What is recorded at this moment is read at this moment.
      writer.flush();
      await writer.drained();
    }
  } catch (error) {
    if (!(error instanceof DamagedGzipError)) throw error;
    faults++;
    surroundings.stderr.write(`jute: ${error.message}\n`);
  } finally {
    progress.end();
  }
  show(decoder.finish());
  printer.end();
  if (decoder instanceof CaptureDecoder) {
    const { statistics } = decoder;
    if (request.output === "summary") writer.line(packetCounts(statistics));
    const lost = notDecoded(statistics);
    faults += lost.packets;
    if (lost.text !== undefined) surroundings.stderr.write(`jute: ${source.name}: ${lost.text}\n`);
  }
  writer.flush();
  await writer.drained();
  return faults;
}

function formatOf(source: ByteSource, first: Uint8Array): Format {
  const format = recognizeFormat(first);
  if (format !== undefined && format !== "gzip") return format;
  if (first.length === 0) throw new UsageError(`${source.name} is empty: say by --as what it is`);
  throw new UsageError(
    `${source.name} does not begin like a log, a snapshot, a capture or an epoch file: say what it is by --as`,
  );
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1 << 20));
}
