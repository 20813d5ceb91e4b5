/** The epoch files and the mark of what is durable. */
import {
  adler32,
  decodeEpochFile,
  decodeSyncedMark,
  encodeEpochFile,
  EpochFileError,
  encodeSyncedMark,
} from "@jute-ts/persistence";
import { type FuzzedParser, verdictOf } from "../fuzzed-parser.js";

const text = new TextEncoder();

export const epochFile: FuzzedParser = {
  name: "epoch-file",
  samples: [
    encodeEpochFile(0),
    encodeEpochFile(7),
    encodeEpochFile(2_147_483_647),
    ...["7\r\n8", "42\njunk", "+5", "007", "-0", "1".repeat(990)].map((line) => text.encode(line)),
  ],
  words: ["-1", "2147483648", " 5", "1e3", "0x5", "+", "-"],
  begin: () => (input) =>
    verdictOf(() => {
      const epoch = decodeEpochFile(input);
      // Whatever is taken for an epoch must be one that can be written.
      encodeEpochFile(epoch);
      if (Object.is(epoch, -0)) throw new Error("the epoch is minus zero");
    }, EpochFileError),
};

export const syncedMark: FuzzedParser = {
  name: "synced-mark",
  samples: [
    encodeSyncedMark({ file: "log.100000001", bytes: 4711 }),
    encodeSyncedMark({ file: "log.7fffffffffffffff", bytes: Number.MAX_SAFE_INTEGER }),
    encodeSyncedMark({ file: "log.0", bytes: 0 }),
  ],
  words: ["log.", " ", "snapshot.1", "log.1 1 00000000\n"],
  repair: (mark) => {
    const content = mark.subarray(0, Math.max(0, mark.lastIndexOf(0x20)));
    const sum = adler32(content).toString(16).padStart(8, "0");
    return new Uint8Array(Buffer.concat([content, text.encode(` ${sum}\n`)]));
  },
  begin: () => (input) => {
    const mark = decodeSyncedMark(input);
    if (mark === undefined) return "refused";
    // A mark is exactly what we write, or none.
    if (Buffer.compare(encodeSyncedMark(mark), input) !== 0) {
      throw new Error("a mark was read from bytes that nobody writes");
    }
    return "accepted";
  },
};
