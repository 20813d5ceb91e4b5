/** Txns of every kind, and the packets and logs that carry them. */
import { readFileSync } from "node:fs";
import { TxnLogDecoder } from "@jute-ts/persistence";
import type { LoggedTxn } from "@jute-ts/quorum";
import { decodeTxn, encodeTxn, OpCode, packMultiTxn } from "@jute-ts/zookeeper";

/**
 * A file that a Java server wrote. It is found from the repository's root, where
 * npm runs its commands: what runs may be a bundle, which lies elsewhere.
 */
export function recorded(path: string): Uint8Array {
  return new Uint8Array(readFileSync(`test/java/persistence/recorded/${path}`));
}

/** The txns of the logs that a Java server wrote, in order. */
export const recordedTxns: readonly Uint8Array[] = ["logs/log.100000001", "logs/log.200000001"]
  .flatMap((path) => new TxnLogDecoder().push(recorded(path)))
  .map(({ bytes }) => bytes.slice());

const header = { clientId: 7n, cxid: 1, zxid: 0x1_0000_0001n, time: 1_700_000_000_000n };
const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

/** Those and ours. */
export const txnSamples: readonly Uint8Array[] = [
  ...recordedTxns,
  encodeTxn(OpCode.createSession, header, { timeOut: 4000 }),
  encodeTxn(OpCode.closeSession, header, { paths2Delete: ["/a", "/b"] }),
  encodeTxn(OpCode.create, header, {
    path: "/a",
    data: Uint8Array.of(1, 2, 3),
    acl,
    ephemeral: false,
    parentCVersion: 1,
  }),
  encodeTxn(OpCode.setData, header, { path: "/", data: Uint8Array.of(1), version: 1 }),
  encodeTxn(OpCode.delete, header, { path: "/a" }),
  encodeTxn(OpCode.setACL, header, { path: "/", acl, version: 1 }),
  encodeTxn(
    OpCode.multi,
    header,
    packMultiTxn([
      {
        type: OpCode.create,
        body: { path: "/m", data: null, acl, ephemeral: true, parentCVersion: 2 },
      },
      { type: OpCode.setData, body: { path: "/m", data: Uint8Array.of(9), version: 1 } },
      { type: OpCode.delete, body: { path: "/m" } },
    ]),
    { version: 2, treeDigest: 12_345n },
  ),
];

/** The same as a leader proposes them, with zxids one behind the other. */
export function numbered(count: number, first: bigint): readonly LoggedTxn[] {
  return txnSamples.slice(0, count).map((sample, index) => {
    const zxid = first + BigInt(index);
    const bytes = sample.slice();
    new DataView(bytes.buffer).setBigInt64(12, zxid);
    return { zxid, header: decodeTxn(bytes).header, bytes };
  });
}
