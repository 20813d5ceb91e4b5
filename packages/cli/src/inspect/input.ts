/** Where bytes come from: a file, standard input, or the command line itself; inflated if they are gzip. */
import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { fromBase64 } from "@jute-ts/runtime";
import { recognizeFormat } from "@jute-ts/inspect";
import { FileSystemError, type Surroundings, UsageError } from "../surroundings.js";
import { statsOf, whyRefused } from "../system-error.js";

/** Bytes to be decoded. */
export interface ByteSource {
  /** How messages call it. */
  readonly name: string;
  /** In bytes, before anything is inflated; undefined where it is not known. */
  readonly size: number | undefined;
  /** Chunks that nobody writes to again. Throws FileSystemError. `onRead` gets how many bytes of `size` were read. */
  chunks(onRead?: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** How the content of an input is written. */
export type Encoding = "raw" | "hex" | "base64";

/** A file, or standard input for `-`. Throws UsageError when there is no such file. */
export function fileSource(
  file: string,
  encoding: Encoding,
  surroundings: Surroundings,
): ByteSource {
  const { cwd, stdin } = surroundings;
  if (file === "-") {
    return {
      name: "<stdin>",
      size: undefined,
      chunks: (onRead) => decoded(inflated(counted(stdin, onRead), "<stdin>"), encoding, "<stdin>"),
    };
  }
  const resolved = path.resolve(cwd, file);
  const stats = statsOf(resolved, file);
  if (stats === undefined) throw new UsageError(`there is no file ${file}`);
  if (stats.isDirectory()) {
    throw new UsageError(
      `${file} is a directory: name the files in it, or see jute data for the whole of it`,
    );
  }
  const open = (): AsyncIterable<Uint8Array> => readable(resolved, file);
  return {
    name: file,
    size: stats.size,
    chunks: (onRead) => decoded(inflated(counted(open(), onRead), file), encoding, file),
  };
}

/** Bytes that the command line holds. Throws UsageError for what is not written in that way. */
export function textSource(text: string, encoding: "hex" | "base64"): ByteSource {
  const bytes = bytesOfText(text, encoding, `--${encoding}`);
  return { name: `--${encoding}`, size: bytes.length, chunks: () => once(bytes) };
}

/** The first bytes of a source, and the source from its start. What is wrong after some bytes shows after them. */
export async function peeked(
  chunks: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ readonly first: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  let failure: FileSystemError | undefined;
  while (size < count && failure === undefined) {
    try {
      const next = await iterator.next();
      if (next.done === true) break;
      held.push(next.value);
      size += next.value.length;
    } catch (error) {
      if (size === 0 || !(error instanceof FileSystemError)) throw error;
      failure = error;
    }
  }
  const first = Buffer.concat(held).subarray(0, count);
  return { first, all: rest(held, failure, iterator) };
}

async function* rest(
  held: readonly Uint8Array[],
  failure: FileSystemError | undefined,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* held;
  if (failure !== undefined) throw failure;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function* readable(resolved: string, shown: string): AsyncGenerator<Uint8Array> {
  try {
    const stream = createReadStream(resolved, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw new FileSystemError(`${shown} cannot be read: ${whyRefused(error)}`);
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onRead: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    onRead?.(bytes);
    yield chunk;
  }
}

/** Inflates what begins like gzip. Throws DamagedGzipError. */
async function* inflated(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const { first, all } = await peeked(chunks, MAGIC_BYTES);
  if (recognizeFormat(first) !== "gzip") {
    yield* all;
    return;
  }
  const gunzip = createGunzip({ chunkSize: INFLATED_BYTES });
  let failure: Error | undefined;
  pipeline(all, gunzip, (error) => {
    failure = error ?? undefined;
  });
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    // What was inflated before is as good as ever.
    if (failure instanceof FileSystemError) throw failure;
    throw new DamagedGzipError(`${name}: the compressed data is damaged: ${messageOf(error)}`);
  }
}

/** What is in a gzip file cannot be inflated to its end. The message names the file. */
export class DamagedGzipError extends FileSystemError {}

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
  name: string,
): AsyncGenerator<Uint8Array> {
  if (encoding === "raw") {
    yield* chunks;
    return;
  }
  const held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_TEXT_BYTES) throw new UsageError(`${name} has too much text: more than 64 MiB`);
    held.push(chunk);
  }
  yield bytesOfText(Buffer.concat(held).toString("latin1"), encoding, name);
}

/** Spaces and line ends do not count, nor do `0x`, colons and commas between hex digits. */
function bytesOfText(text: string, encoding: "hex" | "base64", name: string): Uint8Array {
  if (encoding === "base64") {
    const bytes = fromBase64(text.replace(/\s+/g, ""));
    if (bytes === undefined) throw new UsageError(`${name} is not base64`);
    return bytes;
  }
  const digits = text.replace(/0x|[\s:,]+/gi, "");
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong !== null)
    throw new UsageError(`${name} is not hex: it holds ${JSON.stringify(wrong[0])}`);
  if (digits.length % 2 !== 0) {
    throw new UsageError(
      `${name} has ${digits.length} hex digits, which is no whole number of bytes`,
    );
  }
  return new Uint8Array(Buffer.from(digits, "hex"));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** As many as a decision about a format takes. */
export const MAGIC_BYTES = 16;

/** Large enough that few records cross chunks, small enough to stay in a cache. */
const CHUNK_BYTES: number = 512 * 1024;
/** What is inflated and not yet so long is lost at damage. */
const INFLATED_BYTES: number = 32 * 1024;
const MAX_TEXT_BYTES: number = 64 << 20;
