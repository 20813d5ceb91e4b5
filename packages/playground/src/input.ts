/** Files and pasted bytes as a stream, inflated where they are packed. */
import { type Format, recognizeFormat } from "@jute-ts/inspect";

/** What the bytes of a blob say that they are; undefined where they do not say. */
export async function formatOf(blob: Blob): Promise<Format | undefined> {
  const found = recognizeFormat(await firstBytes(blob.slice(0, START_BYTES).stream()));
  if (found !== "gzip") return found;
  const inside = recognizeFormat(await firstBytes(inflated(blob)));
  return inside === "gzip" ? undefined : inside;
}

/** Enough to recognize every format. */
const START_BYTES = 16;

/** The bytes in pieces. Reading rejects where packed bytes are damaged. */
export async function streamOf(blob: Blob): Promise<ReadableStream<Uint8Array>> {
  const start = await firstBytes(blob.slice(0, START_BYTES).stream());
  return recognizeFormat(start) === "gzip" ? inflated(blob) : blob.stream();
}

function inflated(blob: Blob): ReadableStream<Uint8Array> {
  return blob.stream().pipeThrough(new DecompressionStream("gzip"));
}

/** As many as there are. */
async function firstBytes(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const reader = stream.getReader();
  const bytes: number[] = [];
  try {
    while (bytes.length < START_BYTES) {
      const { value } = await reader.read();
      if (value === undefined) break;
      bytes.push(...value.subarray(0, START_BYTES - bytes.length));
    }
  } catch {
    // Damaged from the start: whoever reads it all is told.
  }
  reader.cancel().catch(() => undefined);
  return Uint8Array.from(bytes);
}
