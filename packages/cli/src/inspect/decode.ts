/** Decodes one source after the other, and says how it went. */
import {
  CaptureDecoder,
  createDecoder,
  type Decoder,
  type DecodeOptions,
  type FilterOptions,
  type Format,
  type Item,
  itemFilter,
  LogDecoder,
  recognizeFormat,
} from "@jute-ts/inspect";
import { progressOn } from "../progress.js";
import { type ExitCode, type Surroundings, UsageError } from "../surroundings.js";
import { notDecoded, packetCounts } from "./capture-counts.js";
import { type ByteSource, DamagedGzipError, MAGIC_BYTES, peeked } from "./input.js";
import { type ItemForm, itemPrinter } from "./item-output.js";
import { LogThreads, threadsFor } from "./log-threads.js";
import { ResultWriter } from "./result-writer.js";
import { type LogOutput, SpreadLog } from "./spread-log.js";

export interface DecodeRequest {
  readonly sources: readonly ByteSource[];
  /** Undefined: by the first bytes of each source. */
  readonly format: Format | undefined;
  readonly options: DecodeOptions;
  readonly filter: FilterOptions;
  readonly form: ItemForm;
  /** How many threads decode a long log. Undefined: as many as there are processors. */
  readonly threads: number | undefined;
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
  const { form, filter } = request;
  const isText = form.output !== "json";
  if (isText && request.sources.length > 1) writer.line(`== ${source.name}`);
  const chunks = source.chunks((bytes) => {
    progress.update(mebibytes(bytes), mebibytes(source.size ?? bytes));
  });
  const { first, all } = await peeked(chunks, MAGIC_BYTES);
  const decoder = createDecoder(request.format ?? formatOf(source, first), request.options);
  const printer = itemPrinter(form, writer);
  const matches = itemFilter(filter);
  let faults = 0;
  const show = (items: readonly Item[]): void => {
    for (const item of items) {
      const isShown = matches(item);
      // A record whose checksum is right need not be taken apart only to be left out.
      const isFaulty = (isShown || item.isSuspect) && item.hasFaults;
      if (isFaulty) faults += item.faults.length;
      // Nobody can say of what is damaged that it was not asked for.
      if (isShown || isFaulty) printer.print(item);
    }
  };
  const output: LogOutput = {
    show,
    add: ({ pieces, faults: more }) => {
      for (const piece of pieces) writer.piece(piece);
      faults += more;
    },
    drained: async () => {
      // What is recorded at this moment is read at this moment.
      writer.flush();
      await writer.drained();
    },
  };
  const reader = readerOf(source, decoder, request, output);
  printer.begin();
  try {
    try {
      for await (const chunk of all) await reader.push(chunk);
    } finally {
      await reader.settle();
    }
  } catch (error) {
    if (!(error instanceof DamagedGzipError)) throw error;
    faults++;
    surroundings.stderr.write(`jute: ${error.message}\n`);
  } finally {
    progress.end();
    await reader.close();
  }
  show(decoder.finish());
  printer.end();
  if (decoder instanceof CaptureDecoder) {
    const { statistics } = decoder;
    if (form.output === "summary") writer.line(packetCounts(statistics));
    const lost = notDecoded(statistics);
    faults += lost.packets;
    if (lost.text !== undefined) surroundings.stderr.write(`jute: ${source.name}: ${lost.text}\n`);
  }
  writer.flush();
  await writer.drained();
  return faults;
}

/** What takes the chunks of a source. */
interface ChunkReader {
  push(chunk: Uint8Array): Promise<void>;
  /** Resolves when everything that came has been shown, or is held by the decoder. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

function readerOf(
  { size }: ByteSource,
  decoder: Decoder,
  { form, filter, threads }: DecodeRequest,
  output: LogOutput,
): ChunkReader {
  // Counting is one thread's work: telling another what was counted takes as long.
  if (decoder instanceof LogDecoder && form.output !== "summary") {
    const count = threadsFor(size ?? 0, threads);
    if (count > 0) {
      const others = new LogThreads(count, { form, filter });
      const log = new SpreadLog(decoder, others, output);
      return {
        push: (chunk) => log.push(chunk),
        settle: () => log.settle(),
        close: () => others.close(),
      };
    }
  }
  return {
    push: async (chunk) => {
      output.show(decoder.push(chunk));
      await output.drained();
    },
    settle: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
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
