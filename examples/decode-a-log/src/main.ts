/** Prints the txns of a transaction log: `npm start -- /var/lib/zookeeper/version-2/log.100000001`. */
import { createReadStream } from "node:fs";
import { TxnLogDecoder } from "@jute-ts/persistence";
import { decodeTxn, formatZxid, opCodeName } from "@jute-ts/zookeeper";

const [path = new URL("../log.100000001", import.meta.url)] = process.argv.slice(2);

// The log is read in chunks: it may be larger than the memory.
const decoder = new TxnLogDecoder();
for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
  for (const { zxid, bytes } of decoder.push(chunk)) {
    const { type, header, body } = decodeTxn(bytes);
    const time = new Date(Number(header.time)).toISOString();
    const session = `0x${BigInt.asUintN(64, header.clientId).toString(16)}`;
    console.log(
      `${formatZxid(zxid)} ${time} session ${session} ${opCodeName(type)} ${String(body)}`,
    );
  }
}

// Why the log ends where it does: zeros that were allocated in advance are fine, rot is not.
const end = decoder.finish();
console.log(`${end.kind} at byte ${end.offset}${"reason" in end ? `: ${end.reason}` : ""}`);
process.exitCode = end.kind === "rotten" ? 1 : 0;
