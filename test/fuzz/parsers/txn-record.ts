/** One txn, as a data tree applies it: it decodes, and changes a tree that holds something. */
import { DataTree } from "@jute-ts/data-tree";
import { JuteDecodeError } from "@jute-ts/runtime";
import { decodeTxn, TxnHeader, UnknownOpCodeError } from "@jute-ts/zookeeper";
import { type FuzzedParser, verdictOf } from "../fuzzed-parser.js";
import { recordedTxns, txnSamples } from "./txn-samples.js";

const NO_HEADER = new TxnHeader({ clientId: 0n, cxid: 0, zxid: 0n, time: 0n, type: 0 });

export const txnRecord: FuzzedParser = {
  name: "txn-record",
  samples: txnSamples,
  words: ["/zookeeper/quota", "/zookeeper/config", "/a/b", "\ud800"],
  begin: () => {
    const tree = new DataTree({ extendedTypes: true });
    for (const bytes of recordedTxns.slice(0, 6)) {
      const { header } = decodeTxn(bytes);
      tree.apply({ zxid: header.zxid, header, bytes });
    }
    return (input) =>
      verdictOf(
        () => {
          tree.apply({ zxid: 1n, header: NO_HEADER, bytes: input });
          tree.digest();
        },
        JuteDecodeError,
        UnknownOpCodeError,
      );
  },
};
