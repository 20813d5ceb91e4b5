/**
 * The files `acceptedEpoch` and `currentEpoch`: one number in decimal digits.
 * Java reads the first line and ignores the rest, so this does too. A server of
 * Java's that has no database, and may not make one, writes -1.
 */
import { asciiBytes } from "./ascii-bytes.js";

/** The content of an epoch file is not an epoch. The peer must not start on a guess. */
export class EpochFileError extends Error {
  override readonly name = "EpochFileError";
}

/** The file for this epoch, byte for byte as Java writes it. Throws EpochFileError for what no epoch can be. */
export function encodeEpochFile(epoch: number): Uint8Array {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > MAX_EPOCH) {
    throw new EpochFileError(
      `${String(epoch)} is no epoch: it must be a whole number, 0 to 2^31-1`,
    );
  }
  return asciiBytes(String(epoch));
}

/** The epoch in such a file; 0, before the first, for Java's -1. Throws EpochFileError, with the content, for anything but an epoch. */
export function decodeEpochFile(bytes: Uint8Array): number {
  const line = firstLine(bytes);
  if (line === "") {
    throw new EpochFileError("the epoch file is empty where it should begin with decimal digits");
  }
  if (!/^[+-]?[0-9]+$/.test(line)) {
    throw new EpochFileError(`the epoch file holds ${quote(line)}, which is no decimal number`);
  }
  const epoch = Number(line);
  if (epoch === NO_EPOCH) return 0;
  if (epoch < 0 || epoch > MAX_EPOCH) {
    throw new EpochFileError(
      `the epoch file holds ${quote(line)}, which is not within 0 to 2^31-1`,
    );
  }
  return Math.abs(epoch);
}

/** As Java's readLine ends it. Bytes stand for the characters of the same number: only ASCII will be accepted. */
function firstLine(bytes: Uint8Array): string {
  let line = "";
  for (const byte of bytes) {
    if (byte === 0x0a || byte === 0x0d) break;
    line += String.fromCharCode(byte);
    if (line.length > LONGEST_LINE) {
      throw new EpochFileError(
        `the epoch file begins with ${quote(line)}, which is too long for an epoch`,
      );
    }
  }
  return line;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** The epoch of Java's zxid for "no database", -1. */
const NO_EPOCH = -1;

/** Epochs are the upper half of a signed long. */
const MAX_EPOCH = 0x7fff_ffff;

/** Far more digits than any epoch has, leading zeros included. */
const LONGEST_LINE = 1000;
