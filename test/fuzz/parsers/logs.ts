/** Txn logs, with checksums that are wrong and with checksums that were made right again. */
import { adler32, TxnLogDecoder, TxnLogFormatError } from "@jute-ts/persistence";
import { sampleLog } from "../../../packages/persistence/test/sample-logs.js";
import { type FuzzedParser, inPieces, verdictOf } from "../fuzzed-parser.js";
import { recorded, txnSamples } from "./txn-samples.js";

const HEADER_BYTES = 16;
const RECORD_HEAD_BYTES = 12;

export const txnLog: FuzzedParser = {
  name: "txn-log",
  samples: [
    // Java's logs are mostly padding, of which a little is as good.
    recorded("logs/log.100000001").slice(0, 3000),
    recorded("logs/log.200000001").slice(0, 3000),
    sampleLog(txnSamples, 64),
    sampleLog(txnSamples.slice(0, 3)),
  ],
  repair: withChecksums,
  begin: (random) => {
    const syncedBytes = random.pick([undefined, undefined, 0, 200, 1e6]);
    const firstZxid = random.pick([undefined, 0x1_0000_0001n]);
    const decoder = new TxnLogDecoder({ syncedBytes, firstZxid, maxTxnBytes: 64 * 1024 });
    return (input) =>
      verdictOf(() => {
        inPieces(input, random, (piece) => decoder.push(piece));
        const { offset } = decoder.finish();
        if (offset > input.length) throw new Error("the good part is longer than the file");
      }, TxnLogFormatError);
  },
};

/** Walks the records by their lengths, for as long as that goes. */
export function withChecksums(log: Uint8Array): Uint8Array {
  const bytes = log.slice();
  const view = new DataView(bytes.buffer);
  for (let at = HEADER_BYTES; at + RECORD_HEAD_BYTES <= bytes.length;) {
    const length = view.getInt32(at + 8);
    const end = at + RECORD_HEAD_BYTES + length;
    if (length <= 0 || end >= bytes.length) break;
    view.setBigInt64(at, adler32(bytes.subarray(at + RECORD_HEAD_BYTES, end)));
    at = end + 1;
  }
  return bytes;
}
