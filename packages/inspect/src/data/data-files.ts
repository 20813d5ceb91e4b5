/** The files of a data directory, whoever opens them. Everything here only reads. */
import { hasSnappyMagic, parseDataFileName, SnappyDecoder } from "@jute-ts/persistence";
import type { Zxid } from "@jute-ts/zookeeper";

/** A file of a data directory. */
export interface DataFile {
  /** Without its directory: `log.100000001`. */
  readonly name: string;
  /**
   * The content from its start, inflated if it is gzip. Each call begins again. Throws
   * DamagedFileError after the last bytes where that cannot be done to the end.
   */
  chunks(): AsyncIterable<Uint8Array>;
}

/** The compressed content of a file is damaged. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

/** A log or a snapshot, with the zxid that its name tells. */
export interface NamedDataFile {
  readonly file: DataFile;
  readonly zxid: Zxid;
}

/** The logs among these files, or the snapshots, by zxid. */
export function dataFilesOf(files: readonly DataFile[], kind: "log" | "snapshot"): NamedDataFile[] {
  return files
    .flatMap((file) => {
      const name = parseDataFileName(file.name);
      return name?.kind === kind ? [{ file, zxid: name.zxid }] : [];
    })
    .sort((a, b) => (a.zxid < b.zxid ? -1 : a.zxid > b.zxid ? 1 : 0));
}

/** The logs that can hold a txn after `zxid`: the one that begins at or before the next, and all later ones. */
export function logsAfter(logs: readonly NamedDataFile[], zxid: Zxid): NamedDataFile[] {
  const next = logs.findIndex((log) => log.zxid > zxid + 1n);
  const first = next < 0 ? logs.length - 1 : next - 1;
  return logs.slice(Math.max(first, 0));
}

/** The content of a snapshot file, inflated if it is snappy. Throws SnappyFormatError. */
export async function* plainSnapshot(file: DataFile): AsyncGenerator<Uint8Array> {
  let snappy: SnappyDecoder | undefined;
  let isFirst = true;
  for await (const chunk of file.chunks()) {
    // Files are read in chunks that are longer than any magic number.
    if (isFirst && hasSnappyMagic(chunk)) snappy = new SnappyDecoder();
    isFirst = false;
    if (snappy === undefined) yield chunk;
    else yield* snappy.push(chunk);
  }
  snappy?.finish();
}
