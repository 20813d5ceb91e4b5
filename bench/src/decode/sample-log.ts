/** A transaction log of any length, as a busy ensemble writes it: the same bytes for the same length. */
import { encodeTxnLogHeader, encodeTxnLogRecords } from "@jute-ts/persistence";
import {
  encodeTxn,
  ErrorCode,
  makeZxid,
  OPEN_ACL_UNSAFE,
  OpCode,
  packMultiTxn,
} from "@jute-ts/zookeeper";
import { SampleValues } from "./sample-values.js";

/** Pieces of at least `bytes` bytes together. Every checksum is right. */
export function* sampleLog(bytes: number): Generator<Uint8Array, void, undefined> {
  const values = new SampleValues();
  const header = encodeTxnLogHeader();
  yield header;
  let written = header.length;
  for (let number = 1; written < bytes;) {
    const txns: Uint8Array[] = [];
    for (let i = 0; i < TXNS_OF_A_PIECE; i++) txns.push(sampleTxn(number++, values));
    const piece = encodeTxnLogRecords(txns);
    written += piece.length;
    yield piece;
  }
}

/** Half of them set data, a fifth create, a twentieth are multis. */
function sampleTxn(number: number, values: SampleValues): Uint8Array {
  const header = {
    clientId: values.sessionId(),
    cxid: values.below(100_000),
    zxid: makeZxid(1, number),
    time: FIRST_TIME_MS + BigInt(number),
  };
  const digest = { version: 2, treeDigest: BigInt(number) * DIGEST_STEP };
  const share = values.below(100);
  if (share < 50) return encodeTxn(OpCode.setData, header, setData(values), digest);
  if (share < 60) return encodeTxn(OpCode.create, header, create(values), digest);
  if (share < 70) return encodeTxn(OpCode.create2, header, create(values), digest);
  if (share < 83) return encodeTxn(OpCode.delete, header, { path: values.path() }, digest);
  if (share < 88) return encodeTxn(OpCode.multi, header, multi(values), digest);
  if (share < 92) return encodeTxn(OpCode.createSession, header, { timeOut: 30_000 }, digest);
  if (share < 96) {
    const paths2Delete = [values.path(), values.path()];
    return encodeTxn(OpCode.closeSession, header, { paths2Delete }, digest);
  }
  return encodeTxn(OpCode.error, header, { err: ErrorCode.NONODE }, digest);
}

function multi(values: SampleValues) {
  return packMultiTxn([
    { type: OpCode.check, body: { path: values.path(), version: values.below(9) } },
    { type: OpCode.create, body: create(values) },
    { type: OpCode.setData, body: setData(values) },
  ]);
}

function setData(values: SampleValues) {
  return { path: values.path(), data: values.data(), version: values.below(1000) };
}

function create(values: SampleValues) {
  const [path, data] = [values.path(), values.data()];
  return { path, data, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: values.below(1000) };
}

const TXNS_OF_A_PIECE = 2000;
const FIRST_TIME_MS = 1_790_000_000_000n;
const DIGEST_STEP = 0x9e37_79b9n;
