/** Txns and logs to test with. */
import { encodeTxn, OpCode } from "@jute-ts/zookeeper";
import { encodeTxnLogHeader, encodeTxnLogRecords } from "../src/index.js";

export function sampleTxn(zxid: bigint, dataBytes = 20): Uint8Array {
  const header = { clientId: 7n, cxid: 1, zxid, time: 1_700_000_000_000n };
  const data = Uint8Array.from(
    { length: dataBytes },
    (_, index) => (index * 7 + Number(zxid)) & 0xff,
  );
  return encodeTxn(OpCode.setData, header, { path: "/a", data, version: 1 });
}

/** A whole log, with so many zeros behind it. */
export function sampleLog(txns: readonly Uint8Array[], padding = 0): Uint8Array {
  return concatenated([encodeTxnLogHeader(), encodeTxnLogRecords(txns), new Uint8Array(padding)]);
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** The same bytes, cut at these places (taken modulo what there is). */
export function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}
