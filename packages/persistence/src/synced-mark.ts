/**
 * The mark `synced`: which log is known to be durable, and up to which offset.
 * It is this project's own; ZooKeeper neither writes nor reads it. With it a
 * reader can tell a record that was torn by a crash, which nobody was promised,
 * from one that rotted after it was promised.
 *
 * One line with its own checksum: `log.100000001 4711 1b3c05d2\n`, with ` cut` before
 * the checksum where the log is being cut at that offset. A mark that was itself torn
 * is no mark.
 */
import { Adler32 } from "./adler32.js";
import { asciiBytes } from "./ascii-bytes.js";
import { parseDataFileName } from "./file-names.js";

/** Everything in the log `file` before the offset `bytes` is on stable storage. */
export interface SyncedMark {
  readonly file: string;
  readonly bytes: number;
  /**
   * Whether the log is being cut there: a power failure may leave any part of what
   * lay after the offset, and nobody needs it. Absent means no.
   */
  readonly isCut?: boolean | undefined;
}

/** The content of the mark. Throws RangeError for what is no log's name or no offset. */
export function encodeSyncedMark(mark: SyncedMark): Uint8Array {
  if (parseDataFileName(mark.file)?.kind !== "log") {
    throw new RangeError(`${JSON.stringify(mark.file)} is not the name of a log`);
  }
  if (!Number.isSafeInteger(mark.bytes) || mark.bytes < 0) {
    throw new RangeError(`${String(mark.bytes)} is not an offset in a file`);
  }
  return asciiBytes(lineOf(mark));
}

/** The mark in these bytes; undefined unless they are exactly what `encodeSyncedMark` writes. */
export function decodeSyncedMark(bytes: Uint8Array): SyncedMark | undefined {
  if (bytes.length > LONGEST_MARK) return undefined;
  const text = String.fromCharCode(...bytes);
  const match = /^(\S+) (\d+)( cut)? [0-9a-f]{8}\n$/.exec(text);
  if (match === null) return undefined;
  const known = { file: match[1] ?? "", bytes: Number(match[2]) };
  const mark: SyncedMark = match[3] === undefined ? known : { ...known, isCut: true };
  if (parseDataFileName(mark.file)?.kind !== "log" || !Number.isSafeInteger(mark.bytes)) {
    return undefined;
  }
  return lineOf(mark) === text ? mark : undefined;
}

function lineOf({ file, bytes, isCut = false }: SyncedMark): string {
  const content = `${file} ${String(bytes)}${isCut ? " cut" : ""}`;
  const { sum } = new Adler32().update(asciiBytes(content));
  return `${content} ${sum.toString(16).padStart(8, "0")}\n`;
}

/** "log." and 16 digits, 16 digits of offset, "cut", 8 digits of checksum, and what is between them. */
const LONGEST_MARK = 51;
